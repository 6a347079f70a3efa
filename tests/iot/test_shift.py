"""A level that moved under its limits is told, and limits from there are offered; nothing moves by itself."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse

from iot import queries
from iot.models import ControlLimits
from iot.services import exclude_points
from qms.core.trail import reading

pytestmark = pytest.mark.django_db
RNG = np.random.default_rng(9)
BEFORE = [round(float(x), 3) for x in RNG.normal(8.6, 0.1, 40)]
AFTER = [round(float(x), 3) for x in RNG.normal(8.9, 0.1, 30)]


@pytest.fixture
def judged(characteristic, limits_for, start):
    """Press-in force under limits in force."""
    limits_for(characteristic, since=start - timedelta(hours=1))
    return characteristic


def shift_of(row, engineer):
    with reading(engineer):
        return queries.shift_of(row, actor=engineer)


def test_a_level_that_moved_is_found_at_its_point(judged, measure, engineer):
    measure(BEFORE + AFTER)
    found = shift_of(judged, engineer)
    assert (found.first, found.points, found.enough) == (41, 30, True)
    assert "sigmas of the plotted points" in found.words


def test_a_level_that_stays_is_not_told(judged, measure, engineer):
    measure(BEFORE)
    assert shift_of(judged, engineer) is None


def test_a_chart_that_learns_has_no_level_to_leave(characteristic, measure, engineer):
    measure(BEFORE + AFTER)
    assert shift_of(characteristic, engineer) is None


def test_too_few_points_since_give_no_limits_yet(judged, measure, engineer):
    measure(BEFORE + AFTER[:15])
    assert shift_of(judged, engineer).enough is False


def test_points_before_the_limits_do_not_count(characteristic, limits_for, measure, start, engineer):
    limits_for(characteristic, since=start + timedelta(seconds=40))
    measure(BEFORE + AFTER)
    assert shift_of(characteristic, engineer) is None


def test_excluded_points_show_no_change(judged, measure, start, engineer):
    measure(BEFORE + AFTER)
    first, last = start + timedelta(seconds=40), start + timedelta(seconds=80)
    exclude_points(judged, first=first, last=last, reason="Trial run", by=engineer)
    assert shift_of(judged, engineer) is None


def test_the_page_offers_limits_from_there_and_sets_none(judged, measure, engineer, browser_of):
    measure(BEFORE + AFTER)
    page = browser_of(engineer)
    shown = page.get(reverse("iot:shift", args=[judged.pk])).content.decode()
    assert "A change of the level is shown at point 41" in shown
    assert "Propose limits from there" in shown
    assert ControlLimits.objects.count() == 1


def test_who_may_not_propose_limits_is_offered_none(judged, measure, operator, browser_of):
    measure(BEFORE + AFTER)
    shown = browser_of(operator).get(reverse("iot:shift", args=[judged.pk])).content.decode()
    assert "The level has moved" in shown
    assert "Propose limits" not in shown


def test_the_dialog_starts_after_the_change(judged, engineer, browser_of):
    page = browser_of(engineer).get(reverse("iot:propose", args=[judged.pk]), {"first": "2026-03-01T10:00:30+00:00"})
    assert "2026-03-01T" in page.content.decode()
    assert ":01" in page.content.decode()
