"""Control charts: of readings, of counts, with a memory, of several variables at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analytics.studies.anatomy import (
    Check,
    Grid,
    Inputs,
    Option,
    Result,
    Role,
    Study,
    Told,
    check_p,
    counted,
    listed,
    p_words,
    points_in,
    source_of,
    unit_of,
    with_unit,
)
from qms.web.svg import Track, series
from spc import limits, rules
from spc.autocorrelation import ljung_box, warns
from spc.capability import anderson_darling
from spc.charts import multivariate, rare, residual, timeweighted
from spc.guide import Advice, advise
from spc.rulesets import ruleset
from spc.runs import run_chart
from spc.values import BadInput, Floats, present

RULES = (
    ("nelson_1", "Rule 1: one point beyond 3 sigma"),
    ("western-electric", "Western Electric 1 to 4"),
    ("nelson", "Nelson 1 to 8"),
)
RULES_OPTION = Option(name="rules", label="Rules", kind="choice", default="western-electric", choices=RULES)
EXCLUDE = Option(name="exclude", label="Leave points out", kind="points", default="", hint="Such as 3, 7-9.")
SPAN = Option(
    name="phase1", label="Limits from the first points", hint="How many points set the limits; empty: all of them."
)
STAGES = Option(name="stages", label="New stages begin at", kind="points", default="", hint="Such as 26.")
READINGS = (
    ("advised", "As the guide proposes"),
    ("i-mr", "Individuals and moving range"),
    ("xbar-r", "Means and ranges"),
    ("xbar-s", "Means and standard deviations"),
    ("run", "Run chart"),
    ("residual", "Residuals of an AR(1) model"),
    ("widened", "Individuals, widened limits"),
)
_FORMULAS: Mapping[str, tuple[str, ...]] = {
    "i-mr": ("limits = mean ± 3 · mean moving range / d2, d2 = 1.128", "moving range: UCL = D4 · mean, D4 = 3.267"),
    "xbar-r": ("limits = grand mean ± 3 · (mean of R/d2(n)) / √n", "range: centre d2 · σ, limits ± 3 · d3 · σ"),
    "xbar-s": ("limits = grand mean ± 3 · (mean of S/c4(n)) / √n", "s: centre c4 · σ, limits ± 3 · σ · √(1 − c4²)"),
    "run": ("runs, crossings and the longest run about the median against their distribution for random order",),
    "residual": ("residual = x(t) − level − φ · (x(t−1) − level)", "limits = ± 3 · mean moving range / d2"),
    "widened": ("limits = mean ± 3 · overall standard deviation",),
    "p": ("limits = p̄ ± 3 · √(p̄ (1 − p̄) / n)",),
    "np": ("limits = n p̄ ± 3 · √(n p̄ (1 − p̄))",),
    "c": ("limits = c̄ ± 3 · √c̄",),
    "u": ("limits = ū ± 3 · √(ū / n)",),
    "laney-p": ("limits = p̄ ± 3 · σz · √(p̄ (1 − p̄) / n), σz from the moving range of z",),
    "laney-u": ("limits = ū ± 3 · σz · √(ū / n), σz from the moving range of z",),
    "g": ("limits from the geometric distribution of cases between events",),
    "t": ("limits of t^(1/3.6) by moving ranges, taken back to time",),
    "ewma": ("z = λ x + (1 − λ) z before", "limits = target ± L σ √(λ/(2 − λ) · (1 − (1 − λ)^2i))"),
    "cusum": ("C+ = max(0, x − target − k + C+ before)", "C− = max(0, target − k − x + C− before); signal beyond h"),
    "moving-average": ("mean of the last w values; limits = target ± L σ / √w",),
    "t2": ("T² = (x − x̄)ᵀ S⁻¹ (x − x̄), limit from the beta or F distribution",),
}


def _source(chart: str) -> str:
    of: Mapping[str, tuple[Any, ...]] = {
        "run": (run_chart,),
        "residual": (residual.residual_chart,),
        "widened": (residual.widened,),
        "laney-p": (rare.laney,),
        "laney-u": (rare.laney,),
        "g": (rare.g_chart,),
        "t": (rare.t_chart,),
        "ewma": (timeweighted.ewma,),
        "cusum": (timeweighted.cusum,),
        "moving-average": (timeweighted.moving_average,),
        "t2": (multivariate.individuals,),
    }
    return source_of(*of.get(chart, (limits.estimate, rules.evaluate))) or "Montgomery, Introduction to SQC"


# ---- readings
def rows_of(inputs: Inputs) -> Floats:
    """The readings as one column, or as rows of subgroups: several columns, or one cut into rows of `size`."""
    columns = inputs.columns.get("values", ())
    if not columns:
        raise BadInput("Choose at least one column of readings.")
    found = [column.measured() for column in columns]
    if len(found) > 1:
        if len({len(one) for one in found}) > 1:
            raise BadInput("The columns of a subgroup must be equally long.")
        return np.column_stack(found)
    size = int(inputs.options.get("size") or 1)
    x = found[0]
    if size < 2:
        return x
    if size > 200:
        raise BadInput("A subgroup has at most 200 readings.")
    filled = np.full(-(-len(x) // size) * size, np.nan)
    filled[: len(x)] = x
    return filled.reshape(-1, size)


def propose_readings(inputs: Inputs) -> Advice:
    """The chart of the readings, with the reason."""
    return advise(rows_of(inputs))


def _settled(inputs: Inputs) -> dict[str, Any]:
    return {"chart": propose_readings(inputs).chart} if inputs.options.get("chart") == "advised" else {}


def options_of(inputs: Inputs) -> dict[str, Any]:
    """The options of the vocabulary: rules, points left out, the span that sets limits, stages."""
    given = inputs.options
    found: dict[str, Any] = {"chart": given["chart"]}
    if given.get("rules"):
        found["rules"] = [given["rules"]]
    for name in ("exclude", "stages"):
        if points := points_in(given.get(name)):
            found[name] = points
    if given.get("phase1"):
        found["phase1"] = [1, int(given["phase1"])]
    return found


def _readings_case(inputs: Inputs) -> Mapping[str, Any]:
    rows, chart = rows_of(inputs), str(inputs.options["chart"])
    nested = rows.ndim == 2
    if chart in ("xbar-r", "xbar-s"):
        if not nested:
            raise BadInput("A chart of means needs subgroups: choose several columns, or a subgroup size from 2.")
        return {"kind": "chart", "input": {"subgroups": rows}, "options": options_of(inputs)}
    if nested:
        if rows.shape[1] > 1 and (~np.isnan(rows)).sum(axis=1).max() > 1:
            raise BadInput("A chart of single values takes one column without subgroups.")
        rows = np.nanmax(rows, axis=1)
    options = options_of(inputs)
    if chart in ("run", "widened", "residual"):
        options = {name: value for name, value in options.items() if name in ("chart", "rules")}
    return {"kind": "chart", "input": {"x": rows}, "options": options}


def _readings_told(inputs: Inputs, result: Result) -> Told:
    rows, chart = rows_of(inputs), str(inputs.options["chart"])
    unit = unit_of(inputs.one("values"))
    if chart == "run":
        return _run_told(rows, result, unit)
    checks = _single_checks(rows) if rows.ndim == 1 else _subgroup_checks(rows)
    if chart == "residual":
        values: Sequence[float | None] = result["values"]
        tracks = [_track(with_unit("Residual", unit), values, result, inputs)]
    elif rows.ndim == 1 or chart not in ("xbar-r", "xbar-s"):
        x = rows if rows.ndim == 1 else np.nanmax(rows, axis=1)
        tracks = [_track(with_unit(inputs.column("values").name, unit), _list(x), result, inputs)]
        if chart == "i-mr":
            tracks.append(_spread(with_unit("Moving range", unit), [None, *_list(np.abs(np.diff(x)))], result, "mr"))
    else:
        with np.errstate(all="ignore"):
            means, spread = _folded(rows, chart)
        tracks = [_track(with_unit("Mean", unit), _list(means), result, inputs, mark="x̿")]
        name, key = ("Range", "r") if chart == "xbar-r" else ("Standard deviation", "s")
        tracks.append(_spread(with_unit(name, unit), _list(spread), result, key))
    return told_of_chart(chart, tracks, result, unit=unit, checks=checks)


def _folded(rows: Floats, chart: str) -> tuple[Floats, Floats]:
    sizes = (~np.isnan(rows)).sum(axis=1)
    safe = np.where((sizes > 0)[:, None], rows, 0.0)
    means = np.where(sizes > 0, np.nanmean(safe, axis=1), np.nan)
    if chart == "xbar-r":
        spread = np.nanmax(safe, axis=1) - np.nanmin(safe, axis=1)
    else:
        squares = np.nansum((safe - means[:, None]) ** 2, axis=1)
        spread = np.sqrt(squares / np.maximum(sizes - 1, 1))
    return means, np.where(sizes > 1, spread, np.nan)


def _list(values: Floats) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124


def _single_checks(x: Floats) -> tuple[Check, ...]:
    kept = present(x)
    found = ljung_box(x)
    alike = Check(
        "open" if found.p is None else "broken" if warns(x) and found.p < 0.01 else "met",
        "Neighbouring values are independent (Ljung-Box)",
        "cannot be tested" if found.p is None else p_words(found.p),
    )
    normal = anderson_darling(kept)[1] if len(kept) else None
    return (alike, check_p(normal, "Values are normal (Anderson-Darling)", level=0.005), _many(len(kept)))


def _subgroup_checks(rows: Floats) -> tuple[Check, ...]:
    sizes = (~np.isnan(rows)).sum(axis=1)
    equal = len(set(sizes[sizes > 0].tolist())) <= 1
    words = "Subgroups are equally large" if equal else "Subgroups differ in size: limits differ from point to point"
    with np.errstate(all="ignore"):
        means = _folded(rows, "xbar-s")[0]
    found = ljung_box(means)
    alike = Check(
        "open" if found.p is None else "broken" if warns(means) and found.p < 0.01 else "met",
        "Neighbouring means are independent (Ljung-Box)",
        "cannot be tested" if found.p is None else p_words(found.p),
    )
    return (Check("met" if equal else "broken", words), alike, _many(int((sizes > 0).sum())))


def _many(points: int) -> Check:
    return Check("met" if points >= 25 else "broken", "At least 25 points set the limits", f"n {points:,}")


# ---- shared by all charts
def _track(title: str, values: Sequence[float | None], result: Result, inputs: Inputs, *, mark: str = "x̄") -> Track:
    return Track(
        title=title,
        values=values,
        center=result.get("center"),
        ucl=result.get("ucl"),
        lcl=result.get("lcl"),
        marks=marks_of(result.get("violations") or {}),
        excluded=frozenset(point - 1 for point in points_in(inputs.options.get("exclude"))),
        center_mark=mark,
        share=2.0,
    )


def _spread(title: str, values: Sequence[float | None], result: Result, key: str) -> Track:
    return Track(
        title=title,
        values=values,
        center=result.get(f"{key}_center"),
        ucl=result.get(f"{key}_ucl"),
        lcl=result.get(f"{key}_lcl"),
        marks=marks_of({"": _points(result.get(f"{key}_violations"))}),
        center_mark={"mr": "MR", "r": "R̄", "s": "s̄"}[key],
    )


def _points(found: Any) -> list[int]:
    """Point numbers, also where they come by rule."""
    if isinstance(found, Mapping):
        return sorted({point for points in found.values() for point in points})
    return list(found or ())


def marks_of(violations: Mapping[str, Sequence[int]]) -> dict[int, str]:
    """Index of a point to the numbers of the rules it breaks."""
    found: dict[int, list[str]] = {}
    for name, points in violations.items():
        for point in points:
            found.setdefault(point - 1, []).append(_number(name))
    return {at: ",".join(filter(None, dict.fromkeys(names))) for at, names in found.items()}


def _number(rule: str) -> str:
    family, _, number = rule.rpartition("_")
    return number if family and number.isdigit() else ""


def words_of(rule: str) -> str:
    """A rule in words."""
    if rule in ("beyond", ""):
        return "One point beyond the limits"
    if rule in ("upper", "lower"):
        return f"The sum passes the {rule} decision interval"
    return ruleset([rule])[0].words


def signals_of(result: Result) -> tuple[str, ...]:
    """Every rule that fires, in words, with its points."""
    found = []
    for rule, points in (result.get("violations") or {}).items():
        if points:
            found.append(f"{words_of(rule)}: {listed(points)}.")
    for key, name in (("mr", "Moving range"), ("r", "Range"), ("s", "Standard deviation")):
        if points := _points(result.get(f"{key}_violations")):
            found.append(f"{name} beyond its limits: {listed(points)}.")
    return tuple(found)


def told_of_chart(
    chart: str, tracks: Sequence[Track], result: Result, *, unit: str, checks: tuple[Check, ...] = ()
) -> Told:
    """The answer every control chart gives: in control or not, the limits, the rules that fire."""
    signals = signals_of(result)
    points = sorted({p for found in (result.get("violations") or {}).values() for p in found})
    known = sum(value is not None for value in tracks[0].values)
    if result.get("ucl") is None and not result.get("h"):
        reasons = result.get("reasons") or {}
        headline = f"No limits can be drawn. {next(iter(reasons.values()), '')}".strip()
    elif signals:
        breaks = "breaks" if len(points) == 1 else "break"
        headline = f"Not in control: {counted(len(points), 'point')} of {known:,} {breaks} a rule."
        if not points:
            headline = "Not in control: the spread breaks its limits."
    else:
        headline = f"In control: none of {counted(known, 'point')} breaks a rule."
    drawing = series(tracks, sentence=f"Control chart {chart}. {headline}")
    return Told(
        headline=headline,
        lines=tuple(str(text) for text in dict.fromkeys((result.get("reasons") or {}).values())),
        grids=(limits_grid(result, unit),),
        checks=checks,
        signals=signals,
        formulas=_FORMULAS.get(chart, ()),
        reference=_source(chart),
        drawing=drawing,
    )


_LIMITS = (
    ("center", "Centre line"), ("sigma", "Sigma"), ("ucl", "Upper limit"), ("lcl", "Lower limit"),
    ("sigma_z", "Sigma z"), ("mr_bar", "Mean moving range"), ("mr_ucl", "Moving range, upper limit"),
    ("r_bar", "Mean range"), ("r_ucl", "Range, upper limit"), ("r_lcl", "Range, lower limit"),
    ("s_bar", "Mean standard deviation"), ("s_ucl", "s, upper limit"), ("s_lcl", "s, lower limit"),
    ("phi", "Coefficient φ"), ("h", "Decision interval h"), ("ucl_phase1_beta", "Limit, phase I"),
    ("ucl_phase2_f", "Limit, phase II"),
)  # fmt: skip


def limits_grid(result: Result, unit: str) -> Grid:
    """Centre, sigma and limits as far as the chart has them; a limit that differs from point to point as a span."""
    rows: list[tuple[str, Any, Any]] = []
    for key, name in _LIMITS:
        value = result.get(key)
        if isinstance(value, (list, tuple)):
            known = [entry for entry in value if isinstance(entry, (int, float))]
            if known:
                rows.append((f"{name}, from to", min(known), max(known)))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            rows.append((name, float(value), None))
    if not any(last is not None for _, _, last in rows):
        return Grid("Limits", ("Line", with_unit("Value", unit)), tuple(row[:2] for row in rows))
    return Grid("Limits", ("Line", with_unit("Value", unit), "to"), tuple(rows))


def _run_told(x: Floats, result: Result, unit: str) -> Told:
    signal = bool(result.get("signal"))
    track = Track(title=with_unit("Value", unit), values=_list(x), center=result.get("median"), center_mark="median")
    headline = "Not random: the points form runs." if signal else "Random: the runs are as long as chance makes them."
    rows = tuple(
        (name, result.get(key), result.get(other))
        for key, other, name in (
            ("median", "", "Median"),
            ("runs", "runs_expected", "Runs about the median, expected"),
            ("longest", "longest_limit", "Longest run, limit"),
            ("crossings", "crossings_limit", "Crossings of the median, at least"),
            ("p_clustering", "", "p of clustering"),
            ("p_mixtures", "", "p of mixtures"),
            ("p_trends", "", "p of trends"),
            ("p_oscillation", "", "p of oscillation"),
        )
    )
    return Told(
        headline=headline,
        grids=(Grid("Tests", ("Test", "Value", "Against"), rows),),
        checks=(_many(len(present(x))),),
        formulas=_FORMULAS["run"],
        reference=_source("run"),
        drawing=series([track], sentence=f"Run chart. {headline}"),
    )


READINGS_STUDY = Study(
    key="readings",
    label="Control chart of readings",
    question="Is the process in control?",
    roles=(Role(name="values", label="Readings", many=True, hint="Several columns are the readings of a subgroup."),),
    options=(
        Option(name="chart", label="Chart", kind="choice", default="advised", choices=READINGS),
        Option(name="size", label="Subgroup size", default=1, hint="For one column: every so many rows."),
        RULES_OPTION,
        SPAN,
        EXCLUDE,
        STAGES,
    ),
    case=_readings_case,
    tell=_readings_told,
    settle=_settled,
)
