"""Live charts point by point equal the batch: moving average, residuals, short runs, Laney, g, t, EWMA of counts."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spc.charts.rare import g_chart, laney, t_chart
from spc.charts.residual import residual_chart, widened
from spc.charts.shortrun import short_run
from spc.charts.timeweighted import cusum, ewma, moving_average
from spc.limits import estimate
from spc.live import (
    AverageDesign,
    Drawn,
    Evaluator,
    TimeDesign,
    Trace,
    average_run_length,
    by_average,
    by_cusum,
    by_ewma,
    by_residuals,
    by_rules,
    deviation,
)
from spc.memory import CusumDesign, EwmaDesign
from spc.rules import NELSON, evaluate
from spc.samples import counted
from spc.values import BadInput

RULES = (*NELSON, "we_4")
value = st.integers(-40, 40).map(lambda step: 10 + step / 8)
values = st.lists(value, min_size=6, max_size=70)
gappy = st.lists(value | st.none(), min_size=6, max_size=70)


def run(evaluator: Evaluator, x: Iterable[float | None]) -> list[Drawn]:
    trace, found = Trace(), []
    for one in x:
        trace, drawn = evaluator(trace, math.nan if one is None else one)
        found.append(drawn)
    return found


def drawn(points: list[Drawn]) -> list[float]:
    return [math.nan if point.value is None else point.value for point in points]


def beyond(points: list[Drawn]) -> tuple[int, ...]:
    return tuple(i for i, point in enumerate(points, 1) if point.beyond)


def masks(points: list[Drawn]) -> list[int]:
    return [point.mask for point in points]


@given(gappy, st.integers(2, 9), st.sampled_from([0.0, 0.5, 1.0]))
def test_a_moving_average_equals_the_batch(x: list[float | None], span: int, sigma: float) -> None:
    batch = moving_average(x, span=span, target=10.0, sigma=sigma)
    points = run(by_average(AverageDesign(span), 10.0, sigma), x)
    assert drawn(points) == pytest.approx(batch.values.tolist(), nan_ok=True)
    assert beyond(points) == batch.violations


@given(values, st.integers(2, 9))
def test_the_first_averages_have_the_exact_limits_of_the_batch(x: list[float], span: int) -> None:
    batch = moving_average(x, span=span, target=10.0, sigma=1.0)
    assert batch.ucl is not None
    whole = 10 + AverageDesign(span).reach(1.0)
    edges = [whole if p.ucl is None else p.ucl for p in run(by_average(AverageDesign(span), 10.0, 1.0), x)]
    assert edges == pytest.approx(batch.ucl.tolist())


@given(gappy)
def test_residuals_equal_the_batch(x: list[float | None]) -> None:
    kept = [one for one in x if one is not None]
    assume(len(kept) >= 6 and len(set(kept)) > 1)
    batch = residual_chart(x, rules=RULES)
    center, sigma = batch.limits.center or 0.0, batch.limits.sigma or math.nan
    points = run(by_residuals(batch.level, batch.phi, center, sigma, RULES), x)
    assert drawn(points) == pytest.approx(batch.residuals.tolist(), nan_ok=True)
    assert masks(points) == evaluate(np.array(drawn(points)), center, sigma, RULES).tolist()


@given(gappy)
def test_widened_limits_judge_as_the_batch(x: list[float | None]) -> None:
    batch = widened(x, target=10.0)
    assume(batch.sigma is not None)
    points = run(by_rules(10.0, batch.sigma or 0.0, ("nelson_1",)), x)
    assert tuple(i for i, mask in enumerate(masks(points), 1) if mask) == batch.violations


@given(st.lists(st.tuples(value, st.sampled_from([9.5, 10.0, 12.0])), min_size=6, max_size=60))
def test_deviations_of_a_short_run_equal_the_batch(rows: list[tuple[float, float]]) -> None:
    x, nominal = [row[0] for row in rows], [row[1] for row in rows]
    batch = short_run(x, nominal=nominal)
    moved = [deviation(one, target) for one, target in rows]
    points = run(by_rules(batch.center or 0.0, batch.sigma or 0.0, ("nelson_1",)), moved)
    assert drawn(points) == batch.values.tolist()
    assert tuple(i for i, mask in enumerate(masks(points), 1) if mask) == batch.violations


@given(st.lists(st.tuples(value, st.sampled_from([(9.5, 0.5), (10.0, 1.0), (12.0, 2.0)])), min_size=6, max_size=60))
def test_standardised_values_of_a_short_run_equal_the_batch(rows: list[tuple[float, tuple[float, float]]]) -> None:
    x, parts = [row[0] for row in rows], [row[1] for row in rows]
    batch = short_run(x, nominal=[part[0] for part in parts], sigma=[part[1] for part in parts])
    points = run(by_rules(0.0, 1.0, ("nelson_1",)), [deviation(one, *part) for one, part in rows])
    assert drawn(points) == batch.values.tolist()
    assert tuple(i for i, mask in enumerate(masks(points), 1) if mask) == batch.violations


@given(st.lists(st.integers(0, 60), min_size=6, max_size=60), st.sampled_from(["p", "u"]))
def test_laney_charts_equal_the_batch(counts: list[int], chart: str) -> None:
    batch = laney(counts, 60, chart=chart, rules=RULES)  # type: ignore[arg-type]  # p or u
    center = batch.center or 0.0
    variance = center * (1 - center) if chart == "p" else center
    sigma = math.sqrt(variance / 60) * (batch.sigma_z or 0.0)
    points = run(by_rules(center, sigma, RULES), [count / 60 for count in counts])
    assert masks(points) == batch.mask.tolist()


@given(st.lists(st.integers(0, 400), min_size=6, max_size=60))
def test_cases_between_events_equal_the_batch(x: list[int]) -> None:
    batch = g_chart(x, rules=RULES)
    center = batch.center or 0.0
    points = run(by_rules(center, math.sqrt(center * (center + 1)), RULES), [float(one) for one in x])
    assert masks(points) == batch.mask.tolist()


@given(st.lists(st.floats(0, 1e4), min_size=6, max_size=60), st.sampled_from([2.0, 3.6]))
def test_times_between_events_equal_the_batch(x: list[float], power: float) -> None:
    batch = t_chart(x, power=power, rules=RULES)
    assert batch.limits_of is not None
    limits = batch.limits_of
    points = run(by_rules(limits.center or 0.0, limits.sigma or 0.0, RULES, power=TimeDesign(power).power), x)
    assert masks(points) == batch.mask.tolist()


def test_a_negative_time_between_events_is_no_time() -> None:
    assert run(by_rules(1.0, 0.1, ("nelson_1",), power=3.6), [-5.0])[0].mask == 0


@given(st.lists(st.integers(0, 40), min_size=6, max_size=60), st.sampled_from(["p", "u"]))
def test_an_average_of_counts_equals_the_batch(counts: list[int], chart: str) -> None:
    lines = estimate(counted(counts, 40, chart=chart)).at(40)  # type: ignore[arg-type]  # p or u
    center, sigma = lines["center"] or 0.0, lines["sigma"] or 0.0
    rates = [count / 40 for count in counts]
    batch = ewma(rates, weight=0.2, width=2.7, target=center, sigma=sigma, limits="asymptotic")
    points = run(by_ewma(EwmaDesign(0.2, 2.7), center, sigma), rates)
    assert drawn(points) == pytest.approx(batch.values.tolist())
    assert beyond(points) == batch.violations


@given(gappy)
def test_an_average_and_sums_stand_still_at_a_gap(x: list[float | None]) -> None:
    held = ewma(x, weight=0.3, target=10.0, sigma=1.0).values.tolist()
    assert drawn(run(by_ewma(EwmaDesign(0.3), 10.0, 1.0), x)) == pytest.approx(held, nan_ok=True)
    batch = cusum([one for one in x if one is not None] or [10.0], target=10.0, k=0.5, h=5.0)
    points = [p for p in run(by_cusum(CusumDesign(), 10.0, 1.0), x) if p.value is not None]
    assert [p.second for p in points] == pytest.approx(batch.c_minus.tolist()[: len(points)])
    assert tuple(i for i, p in enumerate(points, 1) if p.second_beyond) == batch.lower


def test_a_part_without_spread_cannot_be_standardised() -> None:
    assert math.isnan(deviation(10.0, 9.0, 0.0))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AverageDesign(1), "span w"),
        (lambda: AverageDesign(2.5), "span w"),  # type: ignore[arg-type]  # what a caller may send
        (lambda: AverageDesign(5, 0), "width"),
        (lambda: TimeDesign(0.5), "power"),
    ],
)
def test_a_design_that_cannot_be_is_refused(make: type, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        make()


def test_the_run_length_of_a_moving_average_falls_with_a_shift() -> None:
    assert 450 < average_run_length(AverageDesign(5)) < 650
    assert average_run_length(AverageDesign(5), shift=1.0) < 15


def test_a_moving_average_with_limits_out_of_reach_never_alarms() -> None:
    assert math.isinf(average_run_length(AverageDesign(2, 10)))
