"""EWMA and CUSUM on live readings: judged point by point as the batch would, late readings and new limits included."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from governance.services import edit_characteristic
from iot import queries
from iot.charting.plan import rule_marks
from iot.models import Signal, Subgroup
from iot.services import propose_limits
from qms.core.errors import Invalid
from qms.core.trail import acting, reading
from spc.charts.timeweighted import cusum, ewma
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db
RNG = np.random.default_rng(5)
QUIET = [round(float(x), 3) for x in RNG.normal(8.6, 0.1, 30)]
MOVED = [round(float(x), 3) for x in RNG.normal(8.72, 0.1, 30)]


@pytest.fixture
def averaged(characteristic):
    """Press-in force on an EWMA chart."""
    return edit_characteristic(characteristic, chart="ewma", design={"weight": 0.3, "width": 2.5}, by=TESTS)


@pytest.fixture
def summed(characteristic):
    """Press-in force on a CUSUM chart."""
    return edit_characteristic(characteristic, chart="cusum", by=TESTS)


def in_force(row, limits_for, start, **design):
    limits = limits_for(row, since=start - timedelta(hours=1))
    limits.design = design
    limits.save()
    return limits


def points():
    return list(Subgroup.objects.order_by("n"))


def test_an_average_is_judged_as_the_batch_judges_it(averaged, limits_for, measure, start):
    in_force(averaged, limits_for, start, weight=0.3, width=2.5)
    measure(QUIET)
    measure(MOVED, at=30)
    batch = ewma(QUIET + MOVED, weight=0.3, width=2.5, target=8.6, sigma=0.1, limits="asymptotic")
    assert [point.up for point in points()] == pytest.approx(batch.values.tolist())
    assert [point.n for point in points() if point.mask] == list(batch.violations)
    assert batch.violations


def test_sums_are_judged_as_the_batch_judges_them(summed, limits_for, measure, start):
    in_force(summed, limits_for, start, k=0.5, h=5.0)
    values = QUIET + [17.2 - x for x in MOVED]
    measure(values)
    batch = cusum(values, target=8.6, k=0.05, h=0.5)
    found = points()
    assert [p.up for p in found] == pytest.approx(batch.c_plus.tolist())
    assert [p.down for p in found] == pytest.approx(batch.c_minus.tolist())
    assert [p.n for p in found if "R" in rule_marks(p.mask)] == list(batch.lower)
    assert batch.lower


def test_readings_in_small_batches_and_late_come_to_the_same(summed, limits_for, send, start):
    in_force(summed, limits_for, start, k=0.5, h=5.0)
    values = QUIET[:10] + MOVED[:10]
    rows = [("NV1/ASM/L2/S30/press_force", wire(v, start + timedelta(seconds=i))) for i, v in enumerate(values)]
    for part in ([rows[0], rows[5]], rows[1:4], rows[12:], rows[4:12]):
        send(*part)
    batch = cusum(values, target=8.6, k=0.05, h=0.5)
    assert [p.up for p in points()] == pytest.approx(batch.c_plus.tolist())
    assert [p.down for p in points()] == pytest.approx(batch.c_minus.tolist())


def test_new_limits_start_the_memory_anew(averaged, limits_for, measure, start):
    in_force(averaged, limits_for, start, weight=0.3, width=2.5)
    second = limits_for(averaged, since=start + timedelta(seconds=10), center=8.7)
    second.design = {"weight": 0.3, "width": 2.5}
    second.save()
    measure(QUIET[:12])
    assert points()[10].up == pytest.approx(0.3 * QUIET[10] + 0.7 * 8.7)


def test_the_signal_says_what_has_moved(averaged, limits_for, measure, start):
    in_force(averaged, limits_for, start, weight=0.3, width=2.5)
    measure(QUIET + MOVED)
    signal = Signal.objects.order_by("first_point").last()
    assert signal.words == "Weighted average above its upper limit"
    assert signal.distance > 2.5
    first = Subgroup.objects.get(n=signal.first_point)
    assert signal.value == first.up


def test_a_downward_sum_is_a_signal_in_words(summed, limits_for, measure, start):
    in_force(summed, limits_for, start, k=0.5, h=5.0)
    measure(QUIET + [17.2 - x for x in MOVED])
    signal = Signal.objects.order_by("first_point").first()
    assert signal.words == "Downward sum above its upper limit"
    assert signal.distance < -5


def test_limits_of_another_design_let_the_chart_learn_again(averaged, limits_for, measure, start):
    in_force(averaged, limits_for, start, weight=0.1, width=2.5)
    measure(QUIET)
    assert {point.limits_id for point in points()} == {None}
    with reading(TESTS):
        assert queries.learning_of(averaged) == (25, 25)


def test_limits_are_proposed_from_the_readings_by_the_design(averaged, measure):
    measure(QUIET)
    with acting(TESTS):
        limits = propose_limits(averaged, reason="First limits", by=TESTS)
    sigma = np.abs(np.diff(QUIET)).mean() / 1.1283791670955126
    assert limits.center == pytest.approx(np.mean(QUIET))
    assert limits.ucl - limits.center == pytest.approx(2.5 * sigma * np.sqrt(0.3 / 1.7))
    assert limits.design == {"weight": 0.3, "width": 2.5}
    assert limits.content("approved")["design"] == limits.design


def test_the_interval_of_a_sum_is_proposed_from_zero(summed, measure):
    measure(QUIET)
    with acting(TESTS):
        limits = propose_limits(summed, reason="First limits", by=TESTS)
    assert limits.ucl == pytest.approx(5 * limits.sigma)
    assert (limits.lcl, limits.center_line, limits.design) == (None, 0.0, {"k": 0.5, "h": 5.0})


def test_the_page_draws_both_sums_and_names_the_price(summed, limits_for, measure, start, engineer, browser_of):
    limits = in_force(summed, limits_for, start, k=0.5, h=5.0)
    measure(QUIET)
    page = browser_of(engineer).get(summed.get_absolute_url()).content.decode()
    assert "k 0.5, h 5: one false alarm in 465 points" in page
    with reading(engineer):
        data = queries.chart_json(summed, queries.chart_data(summed, actor=engineer))
    assert (data["stages"][0]["center"], data["stages"][0]["spread_ucl"]) == (0.0, limits.ucl)
    assert data["points"][-1]["spread"] == points()[-1].down


def test_sums_are_drawn_without_the_values_of_the_learning_stage(summed, limits_for, measure, start, engineer):
    limits = limits_for(summed, since=start + timedelta(seconds=20))
    limits.design = {"k": 0.5, "h": 5.0}
    limits.save()
    measure(QUIET)
    with reading(engineer):
        chart = queries.chart_data(summed, actor=engineer)
    assert [point.n for point in chart.points] == list(range(21, 31))


@pytest.mark.parametrize(
    ("chart", "design", "words"),
    [
        ("ewma", {"weight": 2.0}, "needs a weight"),
        ("cusum", {"h": 0}, "needs a slack"),
        ("ewma", {"colour": 1}, "has no 'colour'"),
        ("ewma", {"weight": "much"}, "must be a number"),
    ],
)
def test_a_design_that_cannot_be_is_refused_in_words(characteristic, chart, design, words):
    with pytest.raises(Invalid, match=words):
        edit_characteristic(characteristic, chart=chart, design=design, by=TESTS)
