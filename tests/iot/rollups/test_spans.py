"""Charts of any span: by page and by API, in few points, with everything beyond a limit."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from iot.models import ChartState, Reading, ReadingGap
from iot.queries import chart_data, readings_chart, span_asked
from iot.rollups import blocks, folding
from qms.core.actor import system
from qms.core.trail import acting
from tests.iot.conftest import TESTS
from tests.iot.rollups.columns import roll_up

pytestmark = pytest.mark.django_db
ANYBODY = system("tests")
WEEK = 7 * 86_400


@pytest.fixture
def until():
    """The full hour the week ends with; asked once, for an hour may turn within a test."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def week(characteristic, until):
    """A week of press-in force, one reading in ten seconds, three of them beyond the specification."""
    n = WEEK // 10
    values = 8.6 + 0.2 * np.random.default_rng(3).standard_normal(n)
    values[[100, 30_000, 59_000]] = 11.0, 4.0, 12.0
    times, parameter = [until - timedelta(seconds=WEEK - 10 * i) for i in range(n)], characteristic.parameter_id
    with acting(TESTS), connection.cursor() as cursor:
        cursor.execute(
            "insert into iot_reading (t, value, received, parameter_id) select t, v, t, %s"
            " from unnest(%s::timestamptz[], %s::float8[]) x(t, v)",
            [parameter, times, values.tolist()],
        )
        roll_up([(parameter, t, value) for t, value in zip(times, values.tolist(), strict=True)], now=until)
    folding.fold()
    return values


def test_a_week_is_drawn_in_2000_points_with_every_reading_beyond_a_limit(characteristic, week):
    chart = readings_chart(characteristic, timezone.now() - timedelta(days=8), None, actor=ANYBODY)
    assert chart.step
    assert 500 < chart.points <= 2000
    assert sorted(v for _, v in chart.outside) == [4.0, 11.0, 12.0]
    assert (chart.summary.n, min(chart.low), max(chart.high)) == (len(week), 4.0, 12.0)
    assert chart.summary.sigma == pytest.approx(week.std(ddof=1))


def test_a_short_span_shows_readings_one_by_one(characteristic, week, until):
    chart = readings_chart(characteristic, until - timedelta(hours=2), until, actor=ANYBODY)
    assert chart.step == 0
    assert len(chart.t) == 720


def test_no_line_is_drawn_over_a_gap(characteristic, week, until):
    since = until - timedelta(hours=1)
    with acting(TESTS):
        ReadingGap.objects.create(
            parameter_id=characteristic.parameter_id, since=since + timedelta(seconds=100),
            until=since + timedelta(seconds=110), seen_at=until,
        )  # fmt: skip
        Reading.objects.filter(t__gt=since + timedelta(seconds=1000), t__lt=since + timedelta(seconds=1600)).delete()
    chart = readings_chart(characteristic, since, until, actor=ANYBODY)
    assert chart.breaks == [11, 101]
    assert len(chart.missing) == 1


def test_spans_are_those_of_the_plants_clock(characteristic):
    characteristic.site.shifts = [{"name": "Early", "start": "06:00"}, {"name": "Late", "start": "14:00"}]
    since, until = span_asked(characteristic, {"range": "shift"})
    assert until is None
    assert timezone.now() - timedelta(hours=16, minutes=1) < since <= timezone.now()
    assert span_asked(characteristic, {"range": "nonsense"}) == (None, None)
    since, until = span_asked(characteristic, {"from": "2026-01-02T03:04", "to": "2026-01-03T00:00"})
    assert (until - since) == timedelta(hours=20, minutes=56)


def test_a_long_control_chart_keeps_every_violation(characteristic, limits_for, start):
    n = 12_000
    rng = np.random.default_rng(5)
    values = rng.standard_normal(n)
    limits = limits_for(characteristic, since=start - timedelta(days=30))
    with acting(TESTS):
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into iot_subgroup (characteristic_id, n, t, first_t, size, values, mean, limits_id, mask,"
                " state, reason, lot) select %s, i, t, t, 1, array[v], v, %s, (i %% 1500 = 8)::int, 'ok', '', ''"
                " from (select i, %s + i * interval '1 s' t, v from unnest(%s::float8[]) with ordinality x(v, i)) y",
                [characteristic.pk, limits.pk, start, values.tolist()],
            )
        ChartState.objects.create(characteristic=characteristic, last_point=n)
    assert blocks.fold_points() == 1
    chart = chart_data(characteristic, actor=ANYBODY, since=start - timedelta(days=1))
    drawn = {point.n: point.value for point in chart.points}
    assert {8 + 1500 * k for k in range(8)} <= drawn.keys()
    assert 300 < len(drawn) <= 2000
    assert (min(drawn.values()), max(drawn.values())) == (values.min(), values.max())
    blocks.forget_points([characteristic.parameter_id], start + timedelta(seconds=3200))
    with connection.cursor() as cursor:
        cursor.execute("select max(block) from iot_pointblock")
        assert cursor.fetchone() == (99,)
