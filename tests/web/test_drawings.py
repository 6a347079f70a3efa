"""Server-made charts say the same as the data, in the grammar of the interactive ones."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qms.web import svg
from qms.web.svg.draw import spread_apart, tick_decimals, ticks, time_ticks
from qms.web.svg.trend import Limits
from qms.web.views.look import example_chart

START = datetime(2026, 11, 16, 5, tzinfo=UTC)


def parts(drawing: str, css: str) -> list[ET.Element]:
    """The elements of a class."""
    return [el for el in ET.fromstring(drawing).iter() if css in (el.get("class") or "").split()]


def words(drawing: str) -> list[str]:
    return [el.text or "" for el in ET.fromstring(drawing).iter() if el.tag == "text"]


def test_a_sparkline_draws_limits_line_and_latest_point() -> None:
    drawing = svg.sparkline([8.6, 8.7, 8.5], limits=(8.3, 8.6, 8.9), name="Force", unit="kN")
    assert len(parts(drawing, "c-lim")) == 2
    assert len(parts(drawing, "c-cl")) == 1
    assert len(parts(drawing, "c-ln")) == 1
    assert len(parts(drawing, "c-pt")) == 1


def test_a_sparkline_says_its_latest_value_and_limits() -> None:
    drawing = svg.sparkline([8.6, 8.5], limits=(8.3, 8.6, 8.9), name="Force", unit="kN", decimals=2)
    label = ET.fromstring(drawing).get("aria-label")
    assert label == "Force, last 2 points, latest 8.50 kN, limits 8.30 to 8.90"


def test_a_violation_is_a_diamond_with_its_rule_number() -> None:
    drawing = svg.sparkline([8.6, 8.2], limits=(8.3, 8.6, 8.9), rules={1: "1"}, state="signal")
    assert len(parts(drawing, "c-vio")) == 1
    assert words(drawing) == ["1"]


def test_an_early_sign_is_a_triangle() -> None:
    drawing = svg.sparkline([8.6, 8.2], limits=(8.3, 8.6, 8.9), rules={1: "3"}, state="watch")
    assert len(parts(drawing, "c-wat")) == 1
    assert not parts(drawing, "c-vio")


def test_while_limits_are_learned_none_are_drawn() -> None:
    drawing = svg.sparkline([8.6, 8.2], limits=(8.3, 8.6, 8.9), state="learn", name="Mass")
    assert not parts(drawing, "c-lim")
    assert "limits not yet set" in drawing


def test_a_stale_line_is_faded_and_has_no_latest_point() -> None:
    drawing = svg.sparkline([8.6, 8.2], limits=(8.3, 8.6, 8.9), state="stale")
    assert parts(drawing, "is-faded")
    assert not parts(drawing, "c-pt")


def test_a_gap_interrupts_the_line() -> None:
    assert len(parts(svg.sparkline([1.0, 2.0, None, 3.0, 2.0]), "c-ln")) == 2


def test_a_control_chart_draws_each_stage_with_its_own_limits() -> None:
    drawing = svg.control_chart(example_chart())
    assert len(parts(drawing, "c-stage")) == 2  # one break on each of the two plots
    assert len(parts(drawing, "c-za")) == 4


def test_a_control_chart_labels_the_limits_in_force_with_the_characteristics_decimals() -> None:
    said = words(svg.control_chart(example_chart()))
    assert {"8.863", "8.612", "8.361", "0.918", "0.434"} <= set(said)
    assert "8.783" not in said


def test_an_open_signal_is_filled_and_an_explained_one_hollow() -> None:
    marks = parts(svg.control_chart(example_chart()), "c-vio")
    assert [("is-hollow" in mark.get("class", "")) for mark in marks] == [True, False]


def test_a_rule_of_the_spread_is_marked_on_the_lower_plot() -> None:
    points = [svg.Point(n, START + timedelta(hours=n), 8.6, 0.4, ("R",) if n == 2 else ()) for n in (1, 2, 3)]
    stage = svg.Stage(1, 8.6, 8.9, 8.3, 0.1, 0.3, 0.39)
    (mark,) = parts(svg.control_chart(svg.Chart(points, [stage])), "c-vio")
    assert float(mark.get("d", "").split()[1].partition("l")[0]) > 300


def test_an_excluded_point_stays_visible_and_interrupts_the_line() -> None:
    drawing = svg.control_chart(example_chart())
    assert len(parts(drawing, "c-out")) == 2  # the circle and its cross
    assert len(parts(drawing, "c-ln")) == 4  # two runs on each plot


def test_events_lie_in_a_lane_under_the_chart() -> None:
    drawing = svg.control_chart(example_chart())
    assert len(parts(drawing, "c-lane")) == 1
    assert len(parts(drawing, "c-tick")) == 3


def test_a_chart_of_the_same_data_is_drawn_the_same() -> None:
    assert svg.control_chart(example_chart()) == svg.control_chart(example_chart())


def test_a_chart_comes_back_from_its_json_as_it_was() -> None:
    chart = example_chart()
    assert svg.control_chart(svg.Chart.from_json(chart.as_json())) == svg.control_chart(chart)


def test_a_chart_without_points_says_so() -> None:
    drawing = svg.control_chart(svg.Chart([], [], title="Force"))
    assert "without points yet" in drawing


def test_a_histogram_draws_bars_and_specification() -> None:
    drawing = svg.histogram([(7.8, 8.0, 3), (8.0, 8.2, 5)], spec={"LSL": 7.5, "T": None, "USL": 9.0})
    assert len(parts(drawing, "c-bar")) == 2
    assert len(parts(drawing, "c-spec")) == 2
    assert not parts(drawing, "c-target")


def test_a_pareto_is_ranked_with_other_last() -> None:
    drawing = svg.pareto([("Leak", 2.0), ("Other", 9.0), ("Dimension", 8.0)])
    assert [text for text in words(drawing) if text.isalpha()] == ["Dimension", "Leak", "Other"]


def test_a_trend_names_target_and_limits_at_the_right_end() -> None:
    drawing = svg.trend([96.0, 97.0, 98.0], stages=[Limits(0, 2, 94.0, 96.0, 98.0)], target=99.0)
    assert {"UCL", "LCL", "x̄", "target", "99.0"} <= set(words(drawing))


@pytest.mark.parametrize(
    "drawing",
    [
        svg.control_chart(example_chart()),
        svg.sparkline([1.0, 2.0], name='<script>"x'),
        svg.histogram([(0, 1, 2)]),
        svg.pareto([("<b>", 1.0)]),
        svg.meter(0.5, sentence="half"),
    ],
)
def test_drawings_are_well_formed_and_carry_no_styles(drawing: str) -> None:
    root = ET.fromstring(drawing)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert not re.search(r"\sstyle=|<script|\son\w+=", drawing)


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_ticks_lie_inside_the_range_and_are_told_apart(low: float, width: float) -> None:
    values = ticks(low, low + width)
    digits = tick_decimals(values)
    assert all(low - width * 1e-6 <= value <= low + width * (1 + 1e-6) for value in values)
    assert digits == 6 or len({f"{value:.{digits}f}" for value in values}) == len(values)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=5))
def test_labels_at_the_right_end_never_touch(wanted: list[float]) -> None:
    placed = spread_apart(sorted(wanted), 12, 0, 200)
    assert all(b - a >= 12 - 1e-9 for a, b in pairwise(placed))


def test_a_first_label_that_would_stand_in_the_second_is_left_out() -> None:
    late = START.replace(hour=0) - timedelta(hours=2)
    ticks_ = time_ticks([late + timedelta(hours=i) for i in range(100)], "UTC")
    assert ticks_[0][0] == 2


def test_time_ticks_name_days_over_days_and_hours_over_hours() -> None:
    days = time_ticks([START + timedelta(hours=6 * i) for i in range(20)], "Europe/Berlin")
    hours = time_ticks([START + timedelta(minutes=10 * i) for i in range(20)], "Europe/Berlin")
    assert days[1][1] == "Tue 17"
    assert hours[1][1] == "07:00"


def test_times_that_run_backwards_have_labels() -> None:
    later = datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert time_ticks([later, later - timedelta(days=20)], "UTC")
