"""What the simulated plant says is wire format v1."""

from __future__ import annotations

import itertools
import json
import re

import pytest

from iot.plant.incidents import at_once
from iot.plant.line import TO_WIRE, Floor
from iot.plant.norrvik import PLANT
from iot.plant.wire import Message, stamp

START = 1_790_000_000.0


def heard(seconds: float, *, boot: int = 1) -> list[tuple[float, Message]]:
    floor = Floor(PLANT, PLANT.specs, 2026, boot, START)
    moments = itertools.takewhile(lambda moment: moment[0] < START + seconds, floor.messages())
    return [(t, message) for t, messages in moments for message in messages]


def readings(message: Message) -> list[dict[str, object]]:
    body = json.loads(message.payload)
    return body["readings"] if "readings" in body else [{"p": message.topic.rsplit("/", 1)[1]} | body]


def test_every_topic_has_the_six_levels_or_is_a_station() -> None:
    for _, message in heard(30):
        levels = message.topic.split("/")
        assert levels[:2] == ["norrvik", "nv1"]
        assert len(levels) == (5 if b"readings" in message.payload else 6)
        assert all(re.fullmatch(r"[a-z0-9_.\-]+", level) for level in levels)


def test_every_reading_has_value_time_unit_and_its_place_in_the_stream() -> None:
    for t, message in heard(30):
        for reading in readings(message):
            assert isinstance(reading["v"], float | int)
            assert reading["u"]
            assert reading["t"] == stamp(t)
            assert reading["boot"] == 1
            assert isinstance(reading["seq"], int)
            assert re.fullmatch(r"W\d\d-\d{3}", str(reading["lot"]))


def test_times_are_utc_with_milliseconds() -> None:
    assert stamp(1_790_000_000.1234) == "2026-09-21T14:13:20.123Z"


def test_every_characteristic_of_the_plant_is_heard_within_a_minute() -> None:
    seen = {reading["p"] for _, message in heard(60) for reading in readings(message)}
    assert {spec.parameter for spec in PLANT.specs} <= seen


def test_two_stations_send_a_value_nobody_has_described() -> None:
    seen = {reading["p"] for _, message in heard(60) for reading in readings(message)}
    assert seen - {spec.parameter for spec in PLANT.specs} == {"press_speed", "oven_oxygen"}


def test_the_gauge_of_line_1_sends_all_its_readings_in_one_message() -> None:
    batches = [message for _, message in heard(30) if message.topic.endswith("l1/s20")]
    assert batches
    assert all(len(readings(message)) == 5 for message in batches)


def test_sequence_numbers_of_a_parameter_have_no_gap() -> None:
    numbers = [reading["seq"] for _, m in heard(60) for reading in readings(m) if reading["p"] == "press_force"]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(("unit", "wire_unit", "value", "wire"), [("mm", "in", 25.4, 1.0), ("°C", "degF", 100, 212)])
def test_a_station_may_speak_another_unit(unit: str, wire_unit: str, value: float, wire: float) -> None:
    assert TO_WIRE[unit, wire_unit](value) == pytest.approx(wire)


def test_the_pace_is_ten_to_twenty_messages_a_second_or_less() -> None:
    assert 5 <= len(heard(60)) / 60 <= 20


def test_the_lot_of_a_bad_delivery_is_named_in_the_readings() -> None:
    floor = Floor(PLANT, [PLANT.spec["C201"]], 2026, 1, START)
    floor.incidents.append(at_once("bearing-lot", start=START, pace=6.0))
    moments = itertools.islice(floor.messages(), 10)
    lots = {r["lot"] for _, messages in moments for m in messages for r in readings(m) if r["p"] == "press_force"}
    assert lots == {"KB-90117"}


def test_another_boot_says_other_values_under_its_own_number() -> None:
    first, later = heard(10)[0][1], heard(10, boot=2)[0][1]
    assert json.loads(later.payload) != json.loads(first.payload)
    assert b'"boot": 2' in later.payload
