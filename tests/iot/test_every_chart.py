"""Every chart on live readings: judged as the batch would, in any order of arrival, under limits that were released."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from governance.models import Characteristic
from governance.services import add_characteristic, add_parameter, edit_characteristic
from iot import queries
from iot.models import Signal, Subgroup
from iot.services import propose_limits
from qms.core.errors import Invalid
from qms.core.trail import acting, reading
from spc.charts.rare import g_chart, laney, t_chart
from spc.charts.residual import residual_chart, widened
from spc.charts.timeweighted import ewma, moving_average
from spc.rules import evaluate
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db
RNG = np.random.default_rng(11)
VALUES = [round(float(x), 3) for x in RNG.normal(8.6, 0.1, 40)]
SHIFTED = [*VALUES, *(round(x + 0.25, 3) for x in VALUES[:10])]
WAVES = [8.6]
for _step in RNG.normal(0, 0.05, 59):
    WAVES.append(round(8.6 + 0.8 * (WAVES[-1] - 8.6) + float(_step), 4))
COUNTS = [int(x) for x in RNG.poisson(12, 40)]
PRESS, SCRAP = "NV1/ASM/L2/S30/press_force", "NV1/ASM/L2/S30/scrap"
RULES = ["nelson_1", "nelson_2", "nelson_3", "nelson_5"]


@pytest.fixture
def scrap(site, station) -> Characteristic:
    """Scrapped pieces of two hundred."""
    with acting(TESTS):
        parameter = add_parameter(site=site, path=SCRAP.lower(), station=station, kind="count", by=TESTS)
        return add_characteristic(
            parameter=parameter, code="C203", name="Scrap", by=TESTS, chart="p", subgroup_size=200, rules=RULES
        )


def on(row: Characteristic, chart: str, **design: float) -> Characteristic:
    return edit_characteristic(row, chart=chart, design=design, by=TESTS)


def judged(row: Characteristic, measure, start, values, *, topic: str = PRESS, unit: str = "kN"):
    """Phase I from these values, released as of their start; the same readings judged anew and the newest ones late."""
    measure(values, topic=topic, unit=unit)
    with acting(TESTS):
        limits = propose_limits(row, reason="First limits", by=TESTS, effective_from=start)
        limits.state = "in_force"
        limits.save()
    return limits


def again(row: Characteristic, send, start, values, *, topic: str = PRESS, unit: str = "kN") -> list[Subgroup]:
    """The same values an hour's third later, in pieces and out of order, under the limits in force."""
    at = start + timedelta(minutes=20)
    rows = [(topic, wire(v, at + timedelta(seconds=i), unit)) for i, v in enumerate(values)]
    for part in ([rows[0], rows[7]], rows[1:5], rows[20:], rows[5:7], rows[8:20]):
        send(*part)
    return list(Subgroup.objects.filter(characteristic=row, t__gte=at).order_by("n"))


@pytest.fixture
def press(characteristic, measure, send, start):
    """A chart of the press force with released limits, and its points of `values` judged in any order."""

    def make(chart: str, first, values, **design):
        row = on(characteristic, chart, **design)
        limits = judged(row, measure, start, first)
        limits.effective_from = start + timedelta(minutes=19)
        limits.save()
        return limits, again(row, send, start, values)

    return make


@pytest.fixture
def counts(scrap, measure, send, start):
    """The same for counts of scrap."""

    def make(chart: str, first, values, *, size: int = 200, **design):
        row = edit_characteristic(scrap, chart=chart, subgroup_size=size, design=design, by=TESTS)
        limits = judged(row, measure, start, first, topic=SCRAP, unit="")
        limits.effective_from = start + timedelta(minutes=19)
        limits.save()
        return limits, again(row, send, start, values, topic=SCRAP, unit="")

    return make


def marked(points: list[Subgroup]) -> tuple[int, ...]:
    return tuple(i for i, point in enumerate(points, 1) if point.mask)


def test_a_moving_average_is_judged_as_the_batch_judges_it(press):
    limits, points = press("moving-average", VALUES, SHIFTED, span=4)
    batch = moving_average(SHIFTED, span=4, target=limits.center, sigma=limits.sigma)
    assert [p.up for p in points] == pytest.approx(batch.values.tolist())
    assert marked(points) == batch.violations
    assert batch.violations
    assert limits.design == {"span": 4, "width": 3.0}


def test_the_first_averages_carry_the_limits_of_their_own(press):
    limits, points = press("moving-average", VALUES, VALUES, span=4)
    assert [p.ucl is None for p in points[:5]] == [False, False, False, True, True]
    assert points[0].ucl == pytest.approx(limits.center + 3 * limits.sigma)
    assert limits.ucl == pytest.approx(limits.center + 1.5 * limits.sigma)


def test_residuals_are_judged_as_the_batch_judges_them(press):
    limits, points = press("residual", WAVES, WAVES)
    batch = residual_chart(WAVES)
    assert (limits.design["phi"], limits.design["level"]) == pytest.approx((batch.phi, batch.level))
    assert [p.up for p in points[1:]] == pytest.approx(batch.residuals[1:].tolist())
    assert points[0].up is None
    wanted = evaluate(batch.residuals, limits.center, limits.sigma, RULES)
    assert [p.mask for p in points] == wanted.tolist()


def test_widened_limits_rest_on_the_overall_spread(press):
    limits, points = press("widened", WAVES, [*WAVES[:-1], 9.9])
    batch = widened([*WAVES[:-1], 9.9], target=limits.center)
    assert limits.sigma == pytest.approx(widened(WAVES).sigma)
    assert marked(points) == (60,)
    assert 60 in batch.violations


@pytest.mark.parametrize(("chart", "kind"), [("laney-p", "p"), ("laney-u", "u")])
def test_laney_limits_follow_the_spread_of_the_points(counts, chart, kind):
    wild = [*COUNTS[:-1], 60]
    limits, points = counts(chart, wild, wild)
    batch = laney(wild, 200, chart=kind, rules=RULES)
    assert limits.design["sigma_z"] == pytest.approx(batch.sigma_z)
    assert limits.ucl == pytest.approx(float(batch.ucl[0]))
    assert [p.mask for p in points] == batch.mask.tolist()


def test_cases_between_events_are_judged_as_the_batch_judges_them(counts):
    gaps = [int(x) for x in RNG.geometric(0.02, 40)]
    limits, points = counts("g", gaps, [*gaps[:-1], 900], size=1)
    assert limits.ucl == pytest.approx(g_chart(gaps).ucl)
    wanted = evaluate(np.array([*gaps[:-1], 900.0]), limits.center, limits.sigma, RULES)
    assert [p.mask for p in points] == wanted.tolist()
    assert points[-1].mask


def test_times_between_events_are_judged_by_their_roots(press):
    times = [round(float(x), 3) for x in RNG.exponential(40, 40)]
    limits, points = press("t", times, times)
    batch = t_chart(times, rules=RULES)
    assert (limits.ucl, limits.center) == pytest.approx((batch.ucl, batch.center))
    assert [p.mask for p in points] == batch.mask.tolist()


@pytest.mark.parametrize(("chart", "variance"), [("ewma-p", lambda c: c * (1 - c)), ("ewma-u", lambda c: c)])
def test_an_average_of_counts_takes_the_sigma_of_its_law(counts, chart, variance):
    more = [count + 6 for count in COUNTS]
    limits, points = counts(chart, COUNTS, more, weight=0.3)
    center = sum(COUNTS) / len(COUNTS) / 200
    assert (limits.center, limits.sigma) == pytest.approx((center, np.sqrt(variance(center) / 200)))
    rates = [count / 200 for count in more]
    batch = ewma(rates, weight=0.3, target=center, sigma=limits.sigma, limits="asymptotic")
    assert [p.up for p in points] == pytest.approx(batch.values.tolist())
    assert marked(points) == batch.violations


def test_the_signal_of_a_residual_says_what_was_measured_and_what_was_expected(press):
    press("residual", WAVES, [*WAVES[:-1], 9.9])
    signal = Signal.objects.order_by("-first_point").first()
    assert signal.words == "1 residual beyond 3σ, high side"
    assert signal.value == 9.9
    assert 8 < signal.center < 9


def test_the_signal_of_a_moving_average_names_it(press):
    press("moving-average", VALUES, SHIFTED, span=4)
    signal = Signal.objects.order_by("-first_point").first()
    assert signal.words == "Moving average above its upper limit"
    assert signal.distance > 3


def test_the_chart_of_a_moving_average_is_drawn_with_steps(press, characteristic, engineer):
    limits, _ = press("moving-average", VALUES, VALUES, span=4)
    characteristic.refresh_from_db()
    with reading(engineer):
        data = queries.chart_json(characteristic, queries.chart_data(characteristic, actor=engineer))
    newest = data["points"][-1]
    assert (data["stepped"], newest["ucl"], data["labels"]["location"]) == (True, limits.ucl, "Moving average")


def test_residuals_are_drawn_without_the_values_of_the_learning_stage(press, characteristic, engineer):
    press("residual", WAVES, WAVES)
    characteristic.refresh_from_db()
    with reading(engineer):
        chart = queries.chart_data(characteristic, actor=engineer, points=500)
    assert len(chart.points) == len(WAVES) - 1


def test_another_span_lets_the_chart_learn_again(press, characteristic):
    press("moving-average", VALUES, VALUES, span=4)
    row = on(characteristic, "moving-average", span=6)
    with reading(TESTS):
        assert queries.learning_of(row) is not None


@pytest.mark.parametrize(
    ("chart", "design", "words"),
    [("moving-average", {"span": 1}, "span w"), ("t", {"power": 0}, "power"), ("ewma", {"phi": 0.4}, "no 'phi'")],
)
def test_a_design_that_cannot_be_is_refused(characteristic, chart, design, words):
    with pytest.raises(Invalid, match=words):
        on(characteristic, chart, **design)


def test_an_estimator_is_refused_where_there_is_no_choice(characteristic, measure):
    row = on(characteristic, "residual")
    measure(WAVES)
    with acting(TESTS), pytest.raises(Invalid, match="one way only"):
        propose_limits(row, reason="First limits", estimator="median moving range", by=TESTS)


def test_what_was_fitted_is_signed_and_shown(press, engineer, browser_of):
    limits, _ = press("residual", WAVES, WAVES)
    assert limits.content("approved")["design"] == limits.design
    page = browser_of(engineer).get(limits.get_absolute_url()).content.decode()
    assert "Coefficient φ of the model" in page


@pytest.mark.parametrize(
    ("chart", "values", "words"),
    [
        ("i-mr", WAVES, "Neighbouring points are alike"),
        ("residual", VALUES, "No autocorrelation shows any more"),
        ("i-mr", VALUES, "none that shows"),
    ],
)
def test_the_page_says_whether_the_chart_suits(characteristic, measure, engineer, browser_of, chart, values, words):
    row = on(characteristic, chart)
    measure(values)
    page = browser_of(engineer).get(row.get_absolute_url()).content.decode()
    assert words in page
    assert "Choose chart and rules" in page


def test_counts_that_spread_wider_than_chance_ask_for_another_chart(scrap, measure, engineer):
    measure([5, 60, 2, 70] * 10, topic=SCRAP, unit="")
    with reading(engineer):
        assert "Laney" in queries.fit_of(scrap, actor=engineer).against


def test_rare_events_ask_for_a_chart_of_what_lies_between(scrap, measure, engineer):
    measure([0, 0, 1, 0] * 10, topic=SCRAP, unit="")
    with reading(engineer):
        assert "g or t chart" in queries.fit_of(scrap, actor=engineer).against
