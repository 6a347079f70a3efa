"""Readings that a device counted and never delivered: noticed, asked for, filled, and shown as missing."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iot import queries, services
from iot.models import Device, ReadingGap
from qms.core.trail import reading
from tests.iot.conftest import wire

pytestmark = pytest.mark.django_db
TOPIC = "NV1/ASM/L2/S30/press_force"


@pytest.fixture
def count(send, start):
    """Send readings of these sequence numbers, one a second."""

    def push(*numbers: int, boot: int = 1, **more):
        at = (boot - 1) * 100
        return send(*((TOPIC, wire(8.6, start + timedelta(seconds=at + n), seq=n, boot=boot, **more)) for n in numbers))

    return push


@pytest.fixture
def device(site, engineer) -> Device:
    return services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)


def test_skipped_numbers_are_kept_as_a_gap(characteristic, device, count, start):
    count(1, 2, 6)
    gap = ReadingGap.objects.get()
    assert (gap.first_seq, gap.last_seq, gap.missing, gap.device) == (3, 5, 3, device)
    assert (gap.since, gap.until) == (start + timedelta(seconds=2), start + timedelta(seconds=6))


def test_a_gap_is_seen_between_batches(characteristic, count):
    count(1)
    count(4)
    assert ReadingGap.objects.get().missing == 2


def test_what_comes_before_the_first_heard_leaves_its_gaps(characteristic, count, start):
    count(9, 10)
    count(1, 2, 4)
    assert list(ReadingGap.objects.order_by("first_seq").values_list("first_seq", "last_seq", "missing")) == [
        (3, 3, 1),
        (5, 8, 4),
    ]


def test_gaps_of_one_moment_are_told_apart(characteristic, send, start):
    send(*((TOPIC, wire(8.6, start, seq=seq, boot=1)) for seq in (1, 3, 5)))
    assert sorted(ReadingGap.objects.values_list("first_seq", flat=True)) == [2, 4]


STARTS = itertools.count(1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(12)), lost=st.sets(st.integers(1, 10)), cuts=st.sets(st.integers(1, 11)))
def test_in_whatever_order_readings_come_each_true_gap_is_known(characteristic, send, start, order, lost, cuts):
    boot = next(STARTS)
    began = start + timedelta(minutes=boot, days=-30)
    for since, until in pairwise([0, *sorted(cuts), 12]):
        batch = [seq for seq in order[since:until] if seq not in lost]
        send(*((TOPIC, wire(8.6, began + timedelta(seconds=seq), seq=seq, boot=boot)) for seq in batch))
    gaps = ReadingGap.objects.filter(boot=boot, filled_at=None)
    within = {seq for gap in gaps for seq in range(gap.first_seq, gap.last_seq + 1)}
    assert lost <= within
    assert sum(gap.missing for gap in gaps) == len(lost)


def test_numbers_without_a_start_are_no_count(characteristic, send, start):
    send((TOPIC, wire(8.6, start, seq=1)), (TOPIC, wire(8.6, start, seq=9)))
    assert not ReadingGap.objects.exists()


def test_a_restart_begins_a_new_count(characteristic, count):
    count(7, 8)
    count(1, 2, boot=2)
    assert not ReadingGap.objects.exists()


def test_a_refused_reading_is_not_missing(characteristic, count):
    count(1)
    count(2, q=192, u="kg")
    count(3)
    assert not ReadingGap.objects.exists()


def test_what_comes_after_all_fills_the_gap(characteristic, count):
    count(1, 2, 6)
    count(4)
    assert (ReadingGap.objects.get().missing, ReadingGap.objects.get().filled_at) == (2, None)
    count(3, 5)
    assert ReadingGap.objects.get().filled_at is not None


def test_a_device_is_asked_a_moment_later_and_not_again_at_once(characteristic, device, count):
    assert count(1, 2, 6).commands == []
    ReadingGap.objects.update(seen_at=ReadingGap.objects.get().seen_at - timedelta(seconds=5))
    [command] = count(7).commands
    assert (command.topic, command.qos) == ("cmd/gw-1/replay", 1)
    [asked] = json.loads(command.payload)["ranges"]
    assert (asked["path"], asked["boot"], asked["first"], asked["last"]) == ("nv1/asm/l2/s30/press_force", "1", 3, 5)
    assert count(8).commands == []


def test_a_chart_leaves_an_empty_place_where_readings_are_missing(characteristic, count, engineer):
    count(1, 2, 6, 7)
    with reading(engineer):
        chart = queries.chart_data(characteristic, actor=engineer)
    assert [(point.n, point.missing) for point in chart.points] == [
        (1, False),
        (2, False),
        (3, True),
        (3, False),
        (4, False),
    ]
    assert chart.points[2].value is None
    assert [event.text for event in chart.events] == ["3 readings missing"]


def test_a_filled_gap_leaves_no_empty_place(characteristic, count, engineer):
    count(1, 3)
    count(2)
    with reading(engineer):
        chart = queries.chart_data(characteristic, actor=engineer)
    assert not any(point.missing for point in chart.points)


def test_the_page_of_a_device_shows_what_is_missing(characteristic, device, count, browser_of, engineer):
    count(1, 5)
    page = browser_of(engineer).get(device.get_absolute_url()).content.decode()
    assert "Readings missing" in page
    assert "2 to 4" in page
