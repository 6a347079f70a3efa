"""Readings that come very late: judged by the clock, up to a limit, and never at the cost of others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from iot.charting import judge
from iot.ingest.late import judge_owed
from iot.models import ChartState, Reading, ReadingFlag, Signal, Subgroup
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A chart of forty points is a long one here."""
    monkeypatch.setattr(judge, "REJUDGE_POINTS", 20)
    monkeypatch.setattr(judge, "OWED_POINTS", 40)


@pytest.fixture
def judged(characteristic, limits_for, measure, start):
    """Sixty quiet points, one in two seconds."""
    limits_for(characteristic, since=start - timedelta(days=1))
    for i in range(60):
        measure([8.6 + 0.01 * (i % 3)], at=2 * i)
    return characteristic


def test_a_very_late_reading_is_judged_by_the_clock(judged, measure):
    measure([9.5], at=61)
    assert not Signal.objects.exists()
    assert ChartState.objects.get(pk=judged.pk).owed_from is not None
    assert judge_owed(now=timezone.now(), by=TESTS) == 1
    assert Signal.objects.get().first_point == 32
    assert Subgroup.objects.filter(characteristic=judged).count() == 61
    assert judge_owed(now=timezone.now(), by=TESTS) == 0


def test_what_comes_with_a_reading_far_too_late_is_judged_all_the_same(judged, send, start):
    late = [(8.6, 1), (9.5, 115), (8.6, 121)]
    send(*(("NV1/ASM/L2/S30/press_force", wire(v, start + timedelta(seconds=at))) for v, at in late))
    judge_owed(now=timezone.now(), by=TESTS)
    historical = Reading.objects.filter(flags__gte=ReadingFlag.HISTORICAL)
    assert [row.t for row in historical] == [start + timedelta(seconds=1)]
    assert Signal.objects.get().value == 9.5


def test_alarms_do_not_wait_for_what_is_owed(judged, measure):
    measure([8.6], at=61)
    measure([9.6], at=130)
    assert Signal.objects.get().value == 9.6
    judge_owed(now=timezone.now(), by=TESTS)
    assert Signal.objects.get().value == 9.6
