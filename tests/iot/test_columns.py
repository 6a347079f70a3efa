"""What is taken whole is taken as if it had been looked at entry by entry."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iot.ingest import intake
from iot.ingest.catalogue import Catalogue, Known
from iot.ingest.intake import Intake, Message

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
US = int(NOW.timestamp()) * 1_000_000
KINDS = {"force": ("kN", "float", True), "depth": ("mm", "float", True), "parts": ("1", "count", True),
         "open": ("", "bool", True), "plain": ("", "float", True), "old": ("kN", "float", False)}  # fmt: skip


def catalogue() -> Catalogue:
    """A station of six parameters, a device that may publish and one that may not."""
    known = {
        f"nv1/asm/l2/s30/{name}": Known(at + 1, 1, unit, kind, active)
        for at, (name, (unit, kind, active)) in enumerate(KINDS.items())
    }
    devices = {"nv1/asm/l2/s30": (7, True), "nv1/asm/l2/s31": (8, False)}
    return Catalogue(sites={"nv1": 1}, parameters=known, devices=devices)


TOPICS = st.sampled_from(
    ["NV1/ASM/L2/S30", "nv1/asm/l2/s30", "NV1/ASM/L2/S30/force", "NV1/ASM/L2/S30/parts", "NV1/ASM/L2/S30/plain",
     "NV1/ASM/L2/S30/nobody", "NV1/ASM/L2/S31", "Nv1/Asm/L2/S30", "elsewhere/x", "NV1", ""]
)  # fmt: skip
NAMES = st.sampled_from([*KINDS, "FORCE", "nobody", "bad name", "", "x" * 61])
UNITS = st.sampled_from(["kN", "mm", "N", "kg", "=", "", None, "u" * 41, "1"])
NUMBERS = st.sampled_from([8.6, 8, -1, 0, 1, 1e308, True, False, None, "8.6", 1.5, [1.0]])
TIMES = st.sampled_from([US, US - 1, US + 1, US - 3600_000_000, US + 10**12, -1, 0, US - 10**16, 1.5, "x", None])
WORDS = st.sampled_from(["L1", None, "", "a\nb", "x" * 81, 5, "ø"])


def listed(one: st.SearchStrategy[Any], count: int) -> st.SearchStrategy[Any]:
    """One value for all, a list of the right length, or of a wrong one."""
    return one | st.lists(one, min_size=count, max_size=count) | st.lists(one, max_size=3)


@st.composite
def columns(draw: st.DrawFn) -> dict[str, Any]:
    """Columns, most of them sound, with some that are not."""
    count = draw(st.integers(0, 6))
    sound = draw(st.booleans())
    times = st.sampled_from([US, US - 1, US - 7_000_000]) if sound else TIMES
    numbers = st.sampled_from([8.6, 8.7, 9]) if sound else NUMBERS
    names = st.sampled_from(["force", "depth", "Force", "nobody", "parts"]) if sound else NAMES
    told = {
        "ts": draw(st.lists(times, min_size=count, max_size=count)),
        "v": draw(st.lists(numbers, min_size=count, max_size=count)),
    }
    more = {
        "p": listed(names, count), "u": listed(st.sampled_from(["kN", "mm", "="]) if sound else UNITS, count),
        "seq": listed(st.sampled_from([0, 1, 2, -1]), count), "lot": listed(WORDS, count),
        "serial": listed(WORDS, count), "q": listed(st.sampled_from([192, 64, 255, 300]), count),
        "hist": st.booleans(), "boot": st.sampled_from([None, 1, "b", -1]),
    }  # fmt: skip
    for name in draw(st.sets(st.sampled_from(sorted(more)))) | {"p", "u"}:
        told[name] = draw(more[name])
    return told


def moment(us: object) -> object:
    """Microseconds as a time in text, anything else as it is."""
    return (NOW + timedelta(microseconds=us - US)).isoformat() if isinstance(us, int) and 0 < us < 10**16 else us


@st.composite
def reading(draw: st.DrawFn) -> dict[str, Any]:
    """One reading."""
    told = {"v": draw(NUMBERS), "t": moment(draw(TIMES)), "u": draw(UNITS)}
    more = {"p": NAMES, "seq": st.integers(-1, 3), "lot": WORDS, "q": st.sampled_from([192, 64]), "boot": st.just(1)}
    return told | {name: draw(more[name]) for name in draw(st.sets(st.sampled_from(sorted(more))))}


PAYLOADS = st.one_of(
    columns(), reading(), st.builds(lambda some: {"readings": some}, st.lists(reading(), max_size=3))
).map(lambda told: json.dumps(told).encode()).flatmap(
    lambda good: st.sampled_from([good, good, good, good[:-1], good + b"}", b"\xff" + good])
) | st.binary(max_size=20)


def sorted_out(messages: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
    """All that the door makes of a batch."""
    known, done = catalogue(), Intake(NOW)
    for topic, payload in messages:
        done.take(Message(f"acme/{topic}", payload, NOW), known)
    found = done.readings()
    texts = [["" if column is None else column[at] or "" for column in (found.lot, found.serial)]
             for at in range(len(found))]  # fmt: skip
    numbers = (found.parameter, found.t, found.seq, found.value, found.received, found.flags)
    rows = zip(*(column.tolist() for column in numbers), texts, strict=True)
    return {
        "rows": sorted(rows, key=repr),
        "rejects": sorted(
            (one.message.topic, one.message.payload, one.reason, one.detail, one.position) for one in done.rejects
        ),
        "unknown": sorted((one.topic, one.value, one.unit) for one in done.unknown),
        "heard": {device: asdict(one) | {"fault": ""} for device, one in done.heard.items()},
        "counted": sorted(done.counted),
    }


@pytest.fixture
def careful(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[tuple[str, bytes]]], dict[str, Any]]:
    """The same door, made to look at everything entry by entry."""

    def look(messages: Sequence[tuple[str, bytes]]) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            patch.setattr(intake, "plain", lambda _: None)
            return sorted_out(messages)

    return look


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TOPICS, PAYLOADS), max_size=8))
def test_the_fast_way_and_the_careful_way_agree_row_for_row(careful, messages):
    assert sorted_out(messages) == careful(messages)


def test_columns_with_one_bad_reading_cost_that_reading():
    told = {"ts": [US] * 4, "p": ["force", "depth", "nobody", "force"], "v": [1.0, 2.0, 3.0, 4.0],
            "u": ["kN", "kg", "kN", "kN"], "seq": [0, 0, 0, 1]}  # fmt: skip
    done = sorted_out([("NV1/ASM/L2/S30", json.dumps(told).encode())])
    assert [row[3] for row in done["rows"]] == [1.0, 4.0]
    assert {one[2] for one in done["rejects"]} == {"unit.incompatible", "topic.unmapped"}


def test_a_roster_is_read_once():
    known, done = catalogue(), Intake(NOW)
    for number in range(3):
        told = {"ts": [US + number, US + number], "p": ["force", "depth"], "v": [1.0, 2.0], "u": "="}
        done.take(Message("acme/NV1/ASM/L2/S30", json.dumps(told).encode(), NOW), known)
    [place] = known.places.values()
    assert len(place.rosters) == 1
    assert np.array_equal(done.readings().parameter, [1, 2, 1, 2, 1, 2])


def test_a_sum_that_is_too_large_for_a_number_is_infinite():
    from iot.charting.plan import total

    assert total([1.7e308] * 3) == math.inf
    assert total([-1.7e308] * 3) == -math.inf
