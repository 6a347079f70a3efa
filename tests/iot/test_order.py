"""However readings arrive, the tables end the same as if they had come once and in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.models import Characteristic
from iot.charting import judge
from iot.ingest.late import judge_owed
from iot.models import ChartState, Correction, Reading, Signal, SignalState, Subgroup
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db
SIGMAS = st.sampled_from([-4.0, -2.5, -1.2, -0.4, 0.0, 0.3, 0.9, 1.5, 2.2, 3.5])
CHARTS = {"press_force": "kN", "depth": "mm"}


def tables() -> dict[str, list[tuple[object, ...]]]:
    """Everything that a late reading could have disturbed."""
    standing = Signal.objects.exclude(state=SignalState.WITHDRAWN)
    return {
        "readings": list(
            Reading.objects.order_by("parameter_id", "t", "seq").values_list("parameter_id", "t", "seq", "value")
        ),
        "points": list(
            Subgroup.objects.order_by("characteristic_id", "n").values_list(
                "characteristic_id", "n", "t", "first_t", "values", "mean", "spread", "limits_id", "mask"
            )
        ),
        "signals": list(
            standing.order_by("characteristic_id", "first_point").values_list(
                "characteristic_id", "first_point", "last_point", "points", "rules", "words", "value", "limits_id"
            )
        ),
        "corrections": list(
            Correction.objects.order_by("parameter_id", "t", "seq", "heard").values_list(
                "parameter_id", "t", "seq", "stored", "heard"
            )
        ),
        "states": list(
            ChartState.objects.order_by("pk").values_list(
                "pk", "limits_id", "state", "last_point", "last_t", "pending", "owed_from"
            )
        ),
    }


@pytest.fixture
def outcome_of(characteristic: Characteristic, means: Characteristic, limits_for, send, start: datetime, monkeypatch):
    """The tables after readings arrived in batches of (chart, number) pairs; everything is undone afterwards.

    What reaches further back than `reach` points is judged by the clock, which ticks once at the end.
    """
    limits_for(characteristic, since=start + timedelta(seconds=6), sigma=0.1)
    limits_for(characteristic, since=start + timedelta(seconds=20), center=8.7, sigma=0.1)
    limits_for(means, since=start - timedelta(hours=1), sigma=0.06)

    def run(sigmas: Sequence[float], batches: Sequence[Sequence[tuple[str, int]]], *, reach: int = 5_000):
        before = transaction.savepoint()
        monkeypatch.setattr(judge, "REJUDGE_POINTS", reach)
        for batch in batches:
            send(*(_message(name, at, sigmas[at], start) for name, at in batch))
        judge_owed(now=timezone.now(), by=TESTS)
        found = tables()
        transaction.savepoint_rollback(before)
        return found

    return run


def _message(name: str, at: int, sigmas: float, start: datetime) -> tuple[str, bytes]:
    t = start + timedelta(seconds=at // 2)  # every second pair shares its time and differs by sequence number
    return f"NV1/ASM/L2/S30/{name}", wire(8.6 + 0.1 * sigmas, t, CHARTS[name], seq=at % 2)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[float], list[list[tuple[str, int]]]]:
    """Values in sigmas, and the batches they arrive in: shuffled, cut anywhere, some readings several times."""
    sigmas = draw(st.lists(SIGMAS, min_size=4, max_size=60))
    every = [(name, at) for name in CHARTS for at in range(len(sigmas))]
    repeated = draw(st.lists(st.sampled_from(every), max_size=20))
    order = draw(st.permutations(every + repeated))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=6)))
    edges = [0, *cuts, len(order)]
    return sigmas, [order[a:b] for a, b in pairwise(edges)]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals(), st.sampled_from([2, 5_000]))
def test_any_order_of_arrival_ends_in_the_same_tables(outcome_of, arrival, reach):
    sigmas, batches = arrival
    in_order = [[(name, at) for at in range(len(sigmas)) for name in CHARTS]]
    assert outcome_of(sigmas, batches, reach=reach) == outcome_of(sigmas, in_order)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SIGMAS, min_size=4, max_size=40), st.integers(1, 7))
def test_the_size_of_batches_does_not_matter(outcome_of, sigmas, size):
    every = [(name, at) for at in range(len(sigmas)) for name in CHARTS]
    batches = [every[i : i + size] for i in range(0, len(every), size)]
    assert outcome_of(sigmas, batches) == outcome_of(sigmas, [every])


def test_a_state_saved_without_the_count_of_places_is_made_anew_from_the_points(
    characteristic, limits_for, measure, start
):
    limits_for(characteristic, since=start - timedelta(days=1))
    measure([8.6, 8.85])
    measure([8.6], at=2)
    ChartState.objects.update(state='["80000000",0.0]')  # a saved state as it was written before
    measure([8.85], at=3)
    assert [mask >> 4 & 1 for mask in Subgroup.objects.order_by("n").values_list("mask", flat=True)] == [0, 0, 0, 1]


Sent = tuple[str, int, float]  # chart, number, value in sigmas


@st.composite
def corrected(draw: st.DrawFn) -> tuple[list[Sent], list[tuple[bool, list[Sent]]]]:
    """Readings in order with their corrections at the end, and as they arrive: a value heard second stays second.

    Each batch says whether the broker marks it as redelivered.
    """
    count = draw(st.integers(4, 40))
    first = [(name, at, draw(SIGMAS)) for at in range(count) for name in CHARTS]
    again = [(name, at, sigmas + 0.25) for name, at, sigmas in draw(st.lists(st.sampled_from(first), max_size=8))]
    order = _ranked(draw, [*first, *draw(st.lists(st.sampled_from(first), max_size=8))], 0.0)
    order += _ranked(draw, [*again, *(draw(st.lists(st.sampled_from(again), max_size=4)) if again else [])], 0.4)
    heard, arriving = set[tuple[str, int]](), list[Sent]()
    for _, sent in sorted(order, key=lambda one: one[0]):
        original = next(one for one in first if one[:2] == sent[:2])
        if sent[:2] not in heard and sent is not original:
            arriving.append(original)
        heard.add(sent[:2])
        arriving.append(sent)
    cuts = sorted(draw(st.sets(st.integers(1, len(arriving) - 1), max_size=6)))
    batches = [(draw(st.booleans()), arriving[a:b]) for a, b in pairwise([0, *cuts, len(arriving)])]
    return [*first, *again], batches


def _ranked(draw: st.DrawFn, every: Sequence[Sent], least: float) -> list[tuple[float, Sent]]:
    return [(draw(st.floats(least, 1)), one) for one in every]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corrected(), st.booleans())
def test_readings_and_their_corrections_end_in_the_same_tables(outcome_of_values, arrival, in_columns):
    in_order, batches = arrival
    assert outcome_of_values(batches, in_columns) == outcome_of_values([(False, in_order)], False)


@pytest.fixture
def outcome_of_values(characteristic: Characteristic, means: Characteristic, limits_for, send, start: datetime):
    """The tables after batches of (chart, number, sigmas), each alone or as columns of its station."""
    limits_for(characteristic, since=start + timedelta(seconds=6), sigma=0.1)
    limits_for(means, since=start - timedelta(hours=1), sigma=0.06)

    def run(batches: Sequence[tuple[bool, Sequence[Sent]]], in_columns: bool):
        before = transaction.savepoint()
        for again, batch in batches:
            alone = [_message(*one, start) for one in batch]
            send(*([_columns(batch, start)] if in_columns else alone), again=again)
        found = tables()
        transaction.savepoint_rollback(before)
        return found

    return run


def _columns(batch: Sequence[Sent], start: datetime) -> tuple[str, bytes]:
    told = {
        "ts": [int(start.timestamp() + at // 2) * 1_000_000 for _, at, _ in batch],
        "p": [name for name, _, _ in batch],
        "v": [8.6 + 0.1 * sigmas for _, _, sigmas in batch],
        "u": [CHARTS[name] for name, _, _ in batch],
        "seq": [at % 2 for _, at, _ in batch],
    }
    return "NV1/ASM/L2/S30", json.dumps(told).encode()
