"""What every control chart of the workbench shares: rules, formulas, tracks, limits and the answer in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.studies.anatomy import (
    Check,
    Grid,
    Inputs,
    Option,
    Result,
    Told,
    counted,
    listed,
    points_in,
    source_of,
    with_unit,
)
from qms.web.svg import Track, series
from qms.web.words import places
from spc import limits, rules
from spc.charts import multivariate, rare, residual, shortrun, timeweighted
from spc.rulesets import ruleset
from spc.run_length import in_control
from spc.run_length_mewma import mewma_limit
from spc.runs import run_chart

RULES = (
    ("nelson_1", "Rule 1: one point beyond 3 sigma"),
    ("western-electric", "Western Electric 1 to 4"),
    ("nelson", "Nelson 1 to 8"),
    ("own", "A set of your own"),
)
SINGLE = tuple((rule.name, f"{rule.label}: {rule.words}") for rule in rules.RULES.values())
RULES_OPTION = Option(name="rules", label="Rules", kind="choice", default="western-electric", choices=RULES)
START_SET = ("nelson_1", "nelson_2", "nelson_3", "nelson_5")
OWN_RULES = Option(
    name="own", label="Rules of your own set", kind="set", choices=SINGLE, hint="Each rule more costs false alarms.",
)  # fmt: skip
EXCLUDE = Option(name="exclude", label="Leave points out", kind="points", default="", hint="Such as 3, 7-9.")
SPAN = Option(
    name="phase1", label="Limits from the first points", hint="How many points set the limits; empty: all of them."
)
STAGES = Option(name="stages", label="New stages begin at", kind="points", default="", hint="Such as 26.")
FORMULAS: Mapping[str, tuple[str, ...]] = {
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
    "mewma": ("z = λ (x − target) + (1 − λ) z before; T² = zᵀ S(z)⁻¹ z",),
    "short-run": ("deviation = x − nominal of its product, divided by the product's σ where standardised",),
}


def reference_of(chart: str) -> str:
    """Where the formulas of a chart are from."""
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
        "mewma": (multivariate.mewma, mewma_limit),
        "short-run": (shortrun.short_run,),
    }
    return source_of(*of.get(chart, (limits.estimate, rules.evaluate))) or "Montgomery, Introduction to SQC"


def rules_of(given: Mapping[str, Any]) -> list[str]:
    """The rules that the settings ask for: a family, or a set of one's own."""
    chosen = str(given.get("rules") or RULES_OPTION.default)
    return [str(one) for one in given.get("own") or START_SET] if chosen == "own" else [chosen]


def price_of(given: Mapping[str, Any]) -> str:
    """What the chosen rules cost: how seldom they call out a process that has not changed."""
    words = in_control(ruleset(rules_of(given))).words
    return f"These rules give {words} while nothing changes."


def options_of(inputs: Inputs) -> dict[str, Any]:
    """The options of the vocabulary: rules, points left out, the span that sets limits, stages."""
    given = inputs.options
    found: dict[str, Any] = {"chart": given["chart"]}
    if given.get("rules"):
        found["rules"] = rules_of(given)
    for name in ("exclude", "stages"):
        if points := points_in(given.get(name)):
            found[name] = points
    if given.get("phase1"):
        found["phase1"] = [1, int(given["phase1"])]
    return found


def track_of(title: str, values: Sequence[float | None], result: Result, inputs: Inputs, *, mark: str = "x̄") -> Track:
    """The points of a chart with its limits, marks and what was left out."""
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


def spread_track(title: str, values: Sequence[float | None], result: Result, key: str) -> Track:
    """The ranges, standard deviations or moving ranges below a chart."""
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
    every = {p for key in ("mr", "r", "s") for p in _points(result.get(f"{key}_violations"))} | set(points)
    known = sum(value is not None for value in tracks[0].values)
    if result.get("ucl") is None and not result.get("h"):
        reasons = result.get("reasons") or {}
        headline = f"No limits can be drawn. {next(iter(reasons.values()), '')}".strip()
    elif signals:
        breaks = "breaks" if len(every) == 1 else "break"
        headline = f"Not in control: {counted(len(every), 'point')} of {known:,} {breaks} a rule."
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
        formulas=FORMULAS.get(chart, ()),
        reference=reference_of(chart),
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
    sigma = result.get("sigma")  # lines are told apart by a hundredth of it
    decimals = max(0, places(sigma, digits=3)) if isinstance(sigma, float) and sigma > 0 else None
    head = ("Line", with_unit("Value", unit), "to")
    if not any(last is not None for _, _, last in rows):
        return Grid("Limits", head[:2], tuple(row[:2] for row in rows), decimals=decimals)
    return Grid("Limits", head, tuple(rows), decimals=decimals)
