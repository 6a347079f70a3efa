"""What a batch of messages leaves behind."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import UnmappedTopic
from iot.models import ChartState, Correction, IngestCount, Quarantine, Reading, ReadingFlag, Signal, Subgroup
from qms.core.models import Event
from qms.core.trail import reading
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db
TOPIC = "NV1/ASM/L2/S30/press_force"


def test_a_reading_becomes_a_row_and_a_point(characteristic, measure):
    done = measure([8.6])
    assert done.outcomes["stored"] == 1
    assert Reading.objects.get().value == 8.6
    assert Subgroup.objects.get().mean == 8.6


def test_a_unit_is_converted_at_the_door(characteristic, measure):
    measure([8600.0], unit="N")
    row = Reading.objects.get()
    assert row.value == pytest.approx(8.6)
    assert row.flags & ReadingFlag.CONVERTED


def test_the_same_reading_twice_is_stored_once(characteristic, measure):
    measure([8.6, 8.7])
    again = measure([8.6, 8.7, 8.8])
    assert again.outcomes == {"stored": 1, "duplicate": 2}
    assert list(Reading.objects.values_list("value", flat=True)) == [8.6, 8.7, 8.8]
    assert Subgroup.objects.count() == 3


def test_another_value_for_the_same_reading_is_recorded_as_a_correction(characteristic, measure):
    measure([8.6])
    assert measure([8.9]).outcomes["correction"] == 1
    assert Reading.objects.get().value == 8.6
    found = Correction.objects.get()
    assert (found.stored, found.heard) == (8.6, 8.9)


def test_a_station_message_keeps_its_good_readings(characteristic, means, send, start):
    t = start.isoformat()
    items = [
        {"p": "press_force", "v": 8.6, "t": t, "u": "kN"},
        {"p": "depth", "v": "deep", "t": t, "u": "mm"},
        {"p": "depth", "v": 12.0, "t": t, "u": "kg"},
    ]
    done = send(("NV1/ASM/L2/S30", json.dumps({"readings": items}).encode()))
    assert done.outcomes == {"stored": 1, "value.type": 1, "unit.incompatible": 1}
    kept = Quarantine.objects.order_by("position")
    assert [row.position for row in kept] == ["$.readings[1].v", "$.readings[2].u"]


def test_an_unknown_topic_waits_with_what_it_said(site, station, send, start):
    done = send(*(("NV1/ASM/L2/S30/temperature", wire(20.5 + i, start + timedelta(seconds=i), "°C")) for i in range(3)))
    assert done.outcomes["topic.unmapped"] == 3
    topic = UnmappedTopic.objects.get()
    assert (topic.topic, topic.count, topic.samples, topic.unit) == (
        "acme/NV1/ASM/L2/S30/temperature", 3, [20.5, 21.5, 22.5], "°C",
    )  # fmt: skip


def test_every_outcome_of_a_day_is_counted(characteristic, send, start):
    send((TOPIC, wire(8.6, start)), (TOPIC, wire(8.6, start)), (TOPIC, b"{"), ("elsewhere", b"1"))
    counts = dict(IngestCount.objects.values_list("outcome", "count"))
    assert counts == {"stored": 1, "duplicate": 1, "json.invalid": 1, "topic.site": 1}


def test_a_redelivered_refusal_is_kept_once(characteristic, send):
    send((TOPIC, b"{"))
    assert send((TOPIC, b"{"), again=True).outcomes["duplicate"] == 1
    assert Quarantine.objects.count() == 1


def test_a_doubtful_reading_is_stored_but_not_charted(characteristic, send, start):
    send((TOPIC, wire(8.6, start, q=64)))
    assert Reading.objects.get().flags & ReadingFlag.POOR
    assert not Subgroup.objects.exists()


def test_a_point_beyond_the_limits_raises_one_signal(characteristic, limits_for, measure, start):
    limits_for(characteristic, since=start - timedelta(days=1))
    measure([8.6, 8.65, 9.2, 9.3, 8.6])
    signal = Signal.objects.get()
    assert (signal.rules[0], signal.first_point, signal.last_point, signal.points) == ("nelson_1", 3, 4, 2)
    assert signal.words == "1 point beyond 3σ, high side"
    assert Event.objects.filter(type="iot.SignalRaised").count() == 1


def test_violations_in_later_batches_fold_into_the_same_signal(characteristic, limits_for, measure, start):
    limits_for(characteristic, since=start - timedelta(days=1))
    for at, value in enumerate([8.6, 9.2, 9.3, 8.6, 9.4]):
        measure([value], at=at)
    assert Signal.objects.get().points == 3
    assert Event.objects.filter(type="iot.SignalRaised").count() == 1


def test_a_quiet_stretch_ends_an_event(characteristic, limits_for, measure, start):
    limits_for(characteristic, since=start - timedelta(days=1))
    measure([9.2, 8.6, 8.5, 8.65, 8.55, 8.62, 8.57, 9.2])
    assert Signal.objects.count() == 2


def test_subgroups_wait_until_they_are_full(means, measure):
    measure([12.0, 12.2], topic="NV1/ASM/L2/S30/depth", unit="mm")
    assert not Subgroup.objects.exists()
    measure([12.1], at=2, topic="NV1/ASM/L2/S30/depth", unit="mm")
    point = Subgroup.objects.get()
    assert point.mean == pytest.approx(12.1)
    assert point.spread == pytest.approx(0.2)


def test_a_late_reading_takes_its_place_in_time(characteristic, limits_for, measure, start):
    limits_for(characteristic, since=start - timedelta(days=1))
    measure([8.6, 8.7, 8.8])
    done = measure([8.0], at=-5)
    assert done.outcomes["late"] == 1
    assert list(Subgroup.objects.order_by("n").values_list("mean", flat=True)) == [8.0, 8.6, 8.7, 8.8]
    assert ChartState.objects.get().last_point == 4


def test_a_violation_measured_long_ago_asks_nobody(characteristic, limits_for, send, start):
    limits_for(characteristic, since=start - timedelta(days=3))
    send((TOPIC, wire(9.9, timezone.now() - timedelta(hours=5))))
    assert Signal.objects.get().retrospective
    assert not Event.objects.filter(type="iot.SignalRaised").exists()


def test_limits_judge_only_points_measured_since_they_hold(characteristic, limits_for, measure, start):
    limits = limits_for(characteristic, since=start + timedelta(seconds=2))
    measure([9.9, 9.9, 8.6])
    with reading(TESTS):
        assert list(Subgroup.objects.order_by("n").values_list("limits_id", flat=True)) == [None, None, limits.pk]
    assert not Signal.objects.exists()


def test_columns_of_a_station_are_stored_and_refusals_kept_one_by_one(characteristic, means, send, start):
    us = int(start.timestamp() * 1_000_000)
    told = {
        "ts": [us, us + 1, us + 2],
        "p": ["press_force", "depth", "speed"],
        "v": [8.6, 12.0, 3.0],
        "u": ["kN", "kg", "1"],
    }
    done = send(("NV1/ASM/L2/S30", json.dumps(told).encode()))
    assert done.outcomes == {"stored": 1, "unit.incompatible": 1, "topic.unmapped": 1}
    kept = {row.topic: json.loads(bytes(row.payload))["v"] for row in Quarantine.objects.all()}
    assert kept == {"acme/NV1/ASM/L2/S30/depth": 12.0, "acme/NV1/ASM/L2/S30/speed": 3.0}
