"""Around a chart: what moved before a signal, points by stratum, stages side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from iot import queries, services
from iot.models import Annotation, ControlLimits, Signal, Subgroup
from iot.queries.strata import shift_at
from qms.core.actor import system
from qms.core.records import open_record
from qms.core.trail import acting, reading

TESTS = system("tests")
STARTS = [("06:00", "1"), ("14:00", "2"), ("22:00", "3")]


@pytest.mark.parametrize(
    ("clock", "name"), [("06:00", "Shift 1"), ("13:59", "Shift 1"), ("22:00", "Shift 3"), ("02:30", "Shift 3")]
)
def test_a_time_before_the_first_start_belongs_to_the_shift_of_the_night(clock, name):
    hour, minute = map(int, clock.split(":"))
    assert shift_at(datetime(2026, 11, 20, hour, minute, tzinfo=UTC), STARTS) == name


def limits_of(row, revision, center):
    with acting(TESTS):
        return open_record(
            ControlLimits, title=f"Limits {revision}", site=row.site, by=TESTS, characteristic=row, revision=revision,
            chart="i-mr", sigma_estimator="given", center=center, ucl=center + 0.3, lcl=center - 0.3, sigma=0.1,
            sigma_within=0.1, reason="test",
        )  # fmt: skip


def points_of(row, values, *, until, limits=None, lots=None, first=1):
    """One point a minute up to a moment."""
    with acting(TESTS):
        Subgroup.objects.bulk_create(
            Subgroup(
                characteristic=row, n=first + i, t=until - timedelta(minutes=len(values) - i), size=1, values=[v],
                first_t=until - timedelta(minutes=len(values) - i), mean=v, limits=limits, lot=lots[i] if lots else "",
            )
            for i, v in enumerate(values)
        )  # fmt: skip


def noise(n, level, seed=1):
    return list(np.random.default_rng(seed).normal(level, 0.1, n))


@pytest.fixture
def signal(db, characteristic, means):
    """A signal now, after 96 quiet points; the depth of the same press moved 20 minutes before."""
    now = timezone.now()
    limits = limits_of(characteristic, 1, 8.6)
    points_of(characteristic, noise(96, 8.6), until=now, limits=limits, lots=["A"] * 80 + ["B"] * 16)
    points_of(means, noise(76, 12.0, 2) + noise(20, 12.5, 3), until=now)
    with acting(TESTS):
        return Signal.objects.create(
            site=characteristic.site, characteristic=characteristic, first_point=97, last_point=97, rule="nelson_1",
            rules=["nelson_1"], mask=1, words="1 point beyond", first_at=now, last_at=now, value=9.2, center=8.6,
            sigma=0.1, distance=6.0, limits=limits,
        )  # fmt: skip


def test_what_moved_before_a_signal_is_named_with_size_and_time(signal, means, engineer):
    with reading(engineer):
        found = queries.what_moved(signal, actor=engineer)
        assert [one.characteristic for one in found.moved] == [means]
    moved = found.moved[0]
    assert moved.change == pytest.approx(0.42, abs=0.1)
    assert moved.sigmas > 3
    assert timedelta(minutes=18) < signal.first_at - moved.at < timedelta(minutes=23)
    assert [text for _, text in found.events] == ["Lot A to B"]


def test_what_stayed_where_it_was_is_said_too(signal, means, engineer):
    with acting(TESTS):
        Subgroup.objects.filter(characteristic=means, mean__gt=12.25).update(mean=12.0)
    with reading(engineer):
        found = queries.what_moved(signal, actor=engineer)
    assert not found.moved
    assert [one.pk for one in found.still] == [means.parameter_id]


def test_a_parameter_long_silent_is_not_compared(signal, means, engineer):
    with acting(TESTS):
        late = signal.first_at - timedelta(hours=12)
        for point in Subgroup.objects.filter(characteristic=means):
            Subgroup.objects.filter(pk=point.pk).update(t=late + timedelta(minutes=point.n))
    with reading(engineer):
        assert [one.pk for one in queries.what_moved(signal, actor=engineer).silent] == [means.parameter_id]


def test_lots_that_differ_are_told_from_those_that_do_not(characteristic, engineer):
    values = noise(40, 8.6) + noise(40, 8.6, 2) + noise(40, 8.9, 3)
    points_of(characteristic, values, until=timezone.now(), lots=["A"] * 40 + ["B"] * 40 + ["C"] * 40)
    with reading(engineer):
        split = queries.stratify(characteristic, "lot", actor=engineer)
    assert [(one.name, len(one.values)) for one in split.strata] == [("A", 40), ("B", 40), ("C", 40)]
    assert split.strata[2].differs
    assert split.strata[2].against.change == pytest.approx(0.3, abs=0.08)


def test_tool_lives_begin_at_the_changes_noted(characteristic, engineer):
    now = timezone.now()
    points_of(characteristic, noise(30, 8.6), until=now)
    with acting(TESTS):
        at = now - timedelta(minutes=10, seconds=30)
        Annotation.objects.create(characteristic=characteristic, at=at, kind="tool", text="Insert")
    with reading(engineer):
        split = queries.stratify(characteristic, "tool", actor=engineer)
    assert [len(one.values) for one in split.strata] == [20, 10]


def test_changes_a_year_apart_begin_two_tool_lives_named_by_the_plants_clock(characteristic, engineer):
    now = timezone.now().replace(month=7, day=10, hour=22, minute=30)
    points_of(characteristic, noise(10, 8.6), until=now - timedelta(days=365) + timedelta(minutes=5))
    points_of(characteristic, noise(10, 8.6), until=now + timedelta(minutes=15), first=11)
    with acting(TESTS):
        for at in (now.replace(year=now.year - 1), now):
            Annotation.objects.create(characteristic=characteristic, at=at, kind="tool", text="Insert")
    with reading(engineer):
        names = [one.name for one in queries.stratify(characteristic, "tool", actor=engineer).strata]
    assert names[-2:] == [f"Since 11 Jul {now.year - 1} 00:30 CEST", f"Since 11 Jul {now.year} 00:30 CEST"]


def test_stages_are_compared_with_the_one_before(characteristic, engineer):
    now = timezone.now()
    old, new = limits_of(characteristic, 1, 8.6), limits_of(characteristic, 2, 8.9)
    points_of(characteristic, noise(50, 8.6), until=now - timedelta(hours=2), limits=old)
    points_of(characteristic, noise(50, 8.9, 2), until=now, limits=new, first=51)
    with reading(engineer):
        rows = queries.compare_stages(characteristic, actor=engineer)
    assert [(row.limits.revision, row.n) for row in rows] == [(1, 50), (2, 50)]
    assert rows[0].change is None
    assert rows[1].change.ci[0] > 0
    assert rows[0].cpk == pytest.approx((10.0 - 8.6) / 0.3, abs=0.1)


def test_a_characteristic_whose_points_no_limits_judged_yet_says_so(characteristic, engineer, browser_of):
    page = browser_of(engineer).get(reverse("iot:stages", args=[characteristic.pk]))
    assert "No point was judged by limits yet" in page.content.decode()


def test_the_fragments_answer_people_of_the_site_only(signal, characteristic, engineer, stranger, browser_of):
    urls = [reverse("iot:moved", args=[signal.pk])]
    urls += [reverse("iot:stages", args=[characteristic.pk])]
    urls += [f"{reverse('iot:strata', args=[characteristic.pk])}?by={by}" for by in (*queries.BY, "nonsense")]
    page, other = browser_of(engineer), browser_of(stranger)
    assert {page.get(url).status_code for url in urls} == {200}
    assert {other.get(url).status_code for url in urls} == {404}
    assert "A hint where to look, not proof" in page.get(urls[0]).content.decode()


def test_a_tool_change_before_the_newest_points_names_their_life(characteristic, engineer):
    now = timezone.now()
    points_of(characteristic, noise(20, 8.6), until=now)
    services.annotate(characteristic, text="New tool", kind="tool", at=now - timedelta(days=2), by=engineer)
    with reading(engineer):
        split = queries.stratify(characteristic, "tool", actor=engineer)
    assert [one.name[:5] for one in split.strata] == ["Since"]


def test_two_tool_changes_within_a_minute_are_two_lives(characteristic, engineer):
    now = timezone.now().replace(second=0, microsecond=0)
    points_of(characteristic, noise(30, 8.6), until=now)
    for seconds in (10, 40):
        at = now - timedelta(minutes=10) - timedelta(seconds=60 - seconds)
        services.annotate(characteristic, text="New tool", kind="tool", at=at, by=engineer)
    points_of(characteristic, [8.6], until=now - timedelta(minutes=9, seconds=30), first=31)
    with reading(engineer):
        split = queries.stratify(characteristic, "tool", actor=engineer)
    names = [one.name for one in split.strata]
    assert len(set(names)) == len(names) == 3
    assert names[-1].endswith("change 2")
