"""A level that moved is told on every chart by what the chart judges, and never where a series only wanders."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse

from governance.models import Characteristic
from governance.services import add_characteristic, add_parameter, edit_characteristic
from iot import queries
from iot.models import ControlLimits, Subgroup
from iot.queries.shift import Shift
from iot.services import begin_run, propose_limits
from qms.core.trail import acting, reading
from tests.iot.conftest import TESTS

pytestmark = pytest.mark.django_db
RNG = np.random.default_rng(3)
SCRAP = "NV1/ASM/L2/S30/scrap"
PRESS = "NV1/ASM/L2/S30/press_force"


def normal(mean: float, count: int, sigma: float = 0.1) -> list[float]:
    return [round(float(x), 4) for x in RNG.normal(mean, sigma, count)]


def wandering(mean: float, count: int) -> list[float]:
    x = [0.0]
    for step in RNG.normal(0, 0.06, count + 50):
        x.append(0.8 * x[-1] + float(step))
    return [round(mean + value, 4) for value in x[-count:]]


SERIES_A, SERIES_B, SERIES_UP = normal(8.6, 40), normal(5.0, 20), normal(5.4, 30)
WANDERING, STILL_WANDERING = wandering(8.6, 120), wandering(8.6, 120)
TIMES, FEW_LONG_TIMES = [[float(x) for x in RNG.exponential(scale, n)] for scale, n in ((4, 60), (60, 15))]


@pytest.fixture
def scrap(site, station) -> Characteristic:
    """Scrapped pieces of two hundred."""
    with acting(TESTS):
        parameter = add_parameter(site=site, path=SCRAP.lower(), station=station, kind="count", by=TESTS)
        return add_characteristic(
            parameter=parameter, code="C203", name="Scrap", by=TESTS, chart="p", subgroup_size=200
        )


@pytest.fixture
def told(characteristic, scrap, measure, start, engineer):
    """What is told of a chart whose limits rest on `first` and which then drew `first` and `later`."""

    def ask(chart: str, first, later, *, counted: bool = False) -> Shift | None:
        row, topic, unit = (scrap, SCRAP, "") if counted else (characteristic, PRESS, "kN")
        row = edit_characteristic(row, chart=chart, subgroup_size=200 if chart == "laney-p" else 1, by=TESTS)
        measure(first, topic=topic, unit=unit)
        with acting(TESTS):
            limits = propose_limits(row, reason="First limits", by=TESTS, effective_from=start - timedelta(days=1))
            limits.state = "in_force"
            limits.save()
        measure(later, at=len(first), topic=topic, unit=unit)
        with reading(engineer):
            return queries.shift_of(row, actor=engineer)

    return ask


@pytest.mark.parametrize(
    ("chart", "counted", "first", "later"),
    [
        ("t", False, RNG.exponential(4, 60), RNG.exponential(40, 30)),
        ("g", True, RNG.geometric(0.03, 60), RNG.geometric(0.3, 30)),
        ("laney-p", True, RNG.poisson(40, 60), RNG.poisson(90, 30)),
        ("widened", False, wandering(8.6, 120), wandering(10.0, 80)),
        ("residual", False, wandering(8.6, 120), wandering(10.0, 80)),
    ],
)
def test_a_moved_level_is_told_with_what_new_limits_would_do(told, chart, counted, first, later):
    as_is = int if counted else float
    found = told(chart, [as_is(x) for x in first], [as_is(x) for x in later], counted=counted)
    assert found is not None
    assert abs(found.first - len(first) - 1) <= 3
    assert found.enough
    assert "sigmas of the plotted points" in found.words


@pytest.mark.parametrize("chart", ["widened", "residual"])
def test_values_that_only_wander_have_no_moved_level(told, chart):
    assert told(chart, WANDERING, STILL_WANDERING) is None


def test_few_points_since_wait_for_more(told):
    found = told("t", TIMES, FEW_LONG_TIMES)
    assert found is not None
    assert (found.enough, found.words, found.refused) == (False, "", "")


@pytest.fixture
def runs(characteristic, measure, start, engineer):
    """A short run of part A, then of part B whose deviations lie higher."""

    def ask(chart: str, sigma: float | None) -> tuple[Characteristic, Shift | None]:
        row = edit_characteristic(characteristic, chart=chart, by=TESTS)
        begin_run(row, part="A", nominal=8.6, sigma=sigma, begins_at=start, by=TESTS)
        begin_run(row, part="B", nominal=5.0, sigma=sigma, begins_at=start + timedelta(seconds=40), by=TESTS)
        measure([*SERIES_A, *SERIES_B])
        with acting(TESTS):
            limits = propose_limits(row, reason="First limits", by=TESTS, effective_from=start - timedelta(days=1))
            limits.state = "in_force"
            limits.save()
        measure(SERIES_UP, at=60)
        with reading(engineer):
            return row, queries.shift_of(row, actor=engineer)

    return ask


def test_a_short_run_is_searched_by_its_deviations(runs):
    _, found = runs("short-run", None)
    assert found is not None
    assert abs(found.first - 61) <= 1
    assert found.enough


def test_standardised_limits_are_not_proposed_anew_and_the_page_says_why(runs, engineer, browser_of):
    row, found = runs("short-run-z", 0.1)
    assert found is not None
    assert not found.enough
    assert "nominal and the standard deviation" in found.refused
    page = browser_of(engineer).get(reverse("iot:shift", args=[row.pk])).content.decode()
    assert "Standardised limits stay at 0 and ±3" in page
    assert "Propose limits from there" not in page


@pytest.mark.parametrize(("chart", "sigma", "lines"), [("short-run", None, None), ("short-run-z", 0.1, (1.128, 3.686))])
def test_a_short_run_draws_the_moving_ranges_of_its_deviations(runs, engineer, chart, sigma, lines):
    row, _ = runs(chart, sigma)
    points = list(Subgroup.objects.filter(characteristic=row).order_by("n"))
    assert points[0].spread is None
    assert points[41].spread == pytest.approx(abs(points[41].up - points[40].up))
    limits = ControlLimits.objects.get()
    if lines:
        assert (limits.spread_center, limits.spread_ucl) == pytest.approx(lines, abs=1e-3)
    with reading(engineer):
        drawn = queries.chart_data(row, actor=engineer)
    assert drawn.spread == "Moving range"
    assert drawn.points[-1].spread == pytest.approx(points[-1].spread)


def test_the_panel_of_a_standardised_point_speaks_of_sigmas(runs, engineer, browser_of):
    row, _ = runs("short-run-z", 0.1)
    page = browser_of(engineer).get(reverse("iot:point", args=[row.pk, 5])).content.decode()
    assert page.count(" σ<") == 2  # the deviation and its moving range
    assert " kN</p>" in page  # what was measured
