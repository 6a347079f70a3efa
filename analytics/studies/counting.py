"""What moved, and how many to inspect: trend with change points, sampling plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.studies.anatomy import (
    Cell,
    Check,
    Grid,
    Inputs,
    Option,
    Result,
    Role,
    Study,
    Told,
    listed,
    p_words,
    source_of,
    unit_of,
    with_unit,
)
from qms.web.svg import Track, curve, series
from spc import autocorrelation, changes, trend, trend_tests
from spc.sampling import attribute, iso2859
from spc.values import BadInput, present

# ---- trend
_SLOW = 4000  # pairs of points are compared: beyond this many the slope takes too long for a page


def _trend_case(inputs: Inputs) -> Mapping[str, Any]:
    x = inputs.measured("x")
    methods = ["change-points", "pettitt"]
    if len(present(x)) <= _SLOW:
        methods += ["mann-kendall", "hamed-rao", "sen"]
    return {"kind": "trend", "input": {"x": x}, "options": {"methods": methods}}


def _trend_told(inputs: Inputs, result: Result) -> Told:
    x, unit = inputs.measured("x"), unit_of(inputs.one("x"))
    found = result["change_points"]
    points, levels = found["last_before_change"], found["segments"]
    kendall = result.get("hamed_rao") or {}
    p = kendall.get("p")
    if points:
        headline = f"The level changes after {'points' if len(points) > 1 else 'point'} {listed(points)}."
    elif p is not None and p < 0.05:
        headline = f"There is a trend, {p_words(p)}."
    else:
        headline = "No change of level and no trend are shown."
    slope = result.get("sen_slope")
    rows: list[tuple[Cell, ...]] = [("Pettitt K", result["pettitt"]["K"], result["pettitt"]["p_approx"])]
    if plain := result.get("mann_kendall"):
        rows.append(("Mann-Kendall S", plain["s"], plain["p"]))
    if kendall:
        rows.append(("Mann-Kendall z, autocorrelation allowed for (Hamed-Rao)", kendall.get("z"), p))
    if slope is not None:
        rows.append((with_unit("Sen slope a point", unit), slope, None))
    spans = tuple((f"{one['first']:,} to {one['last']:,}", one["mean"], one["std"]) for one in levels)
    lines = [] if slope is not None else [f"Beyond {_SLOW:,} points change points alone are searched for."]
    alike = autocorrelation.warns(x)
    return Told(
        headline=headline,
        lines=tuple(lines),
        grids=(
            Grid("Levels", ("Points", with_unit("Mean", unit), with_unit("Std dev", unit)), spans),
            Grid("Tests", ("Test", "Value", "p"), tuple(rows)),
        ),
        checks=(
            Check("broken" if alike else "met", "Neighbouring values are independent"),
            Check("met" if len(present(x)) >= 20 else "broken", "At least 20 points", f"n {len(present(x)):,}"),
        ),
        formulas=(
            "change points: least squares with a penalty of 3 σ² ln n for each change",
            "S = number of later values above minus below; slope = median of all (xj − xi)/(j − i)",
        ),
        reference=source_of(changes.changes, trend.pettitt, trend_tests.hamed_rao, trend.sen_slope),
        drawing=_leveled(inputs, levels, headline),
    )


def _leveled(inputs: Inputs, levels: list[Any], sentence: str) -> str:
    x = inputs.measured("x")
    steps: list[float | None] = [None] * len(x)
    for one in levels:
        for i in range(one["first"] - 1, min(one["last"], len(x))):
            steps[i] = one["mean"]
    values = [None if value != value else value for value in x.tolist()]  # noqa: PLR0124
    track = Track(title=inputs.column("x").head, values=values, center=steps, center_mark="level")
    return series([track], sentence=sentence)


TREND_STUDY = Study(
    key="trend",
    label="Trend and change points",
    question="Has something moved, and when?",
    also=("readings", "small-shifts"),
    roles=(Role(name="x", label="Values in order of time"),),
    case=_trend_case,
    tell=_trend_told,
)

# ---- sampling
PLANS = (("iso-2859-1", "By lot and AQL (ISO 2859-1)"), ("design", "By two risks"))
LEVELS = tuple((level, level) for level in ("I", "II", "III", "S-1", "S-2", "S-3", "S-4"))
SEVERITIES = (("normal", "Normal"), ("tightened", "Tightened"), ("reduced", "Reduced"))
AQLS = tuple((f"{aql:g}", f"{aql:g}") for aql in iso2859.AQLS)


def _sampling_case(inputs: Inputs) -> Mapping[str, Any]:
    given = inputs.options
    method = str(given.get("method") or "iso-2859-1")
    if method == "design":
        names = (("good", "the acceptable quality"), ("bad", "the quality to be refused"))
        data = {}
        for name, words in names:
            if given.get(name) is None:
                raise BadInput(f"Give {words} in percent.")
            data[name] = given[name] / 100
        risks = {name: (given.get(name) or default) / 100 for name, default in (("producer", 5.0), ("consumer", 10.0))}
        return {"kind": "sampling", "input": {**data, **risks}, "options": {"method": "design"}}
    if given.get("lot") is None:
        raise BadInput("Give the size of the lot.")
    data = {"lot": given["lot"], "aql": float(given.get("aql") or 1)}
    options = {"method": "iso-2859-1", "level": given.get("level"), "severity": given.get("severity")}
    return {"kind": "sampling", "input": data, "options": options}


def _sampling_told(inputs: Inputs, result: Result) -> Told:
    n, accept = int(result["n"]), int(result["accept"])
    model: attribute.Model = "poisson" if float(result.get("aql") or 0) > 10 else "binomial"
    plan = attribute.Single(n, accept)
    high, middle, low = (attribute.quality_at(plan, share, model=model) for share in (0.95, 0.5, 0.1))
    risk = attribute.risks(plan, good=_good(inputs, result), bad=low, model=model)
    if result.get("whole_lot"):
        headline = f"Inspect every item: the plan asks for {n:,}, as many as the lot holds."
    else:
        items = "item" if accept == 1 else "items"
        headline = f"Inspect {n:,}; accept the lot with at most {accept} nonconforming {items}."
    place = np.linspace(0, min(1.0 if model == "binomial" else 20.0, max(low * 1.8, 1e-6)), 121)
    found = attribute.curve(plan, place, model=model)
    marks = [(100 * q, share, f"{100 * q:.3g} % → {share:g}") for q, share in ((high, 0.95), (middle, 0.5), (low, 0.1))]
    rows: list[tuple[Cell, ...]] = [
        ("Sample size n", n), ("Acceptance number Ac", accept), ("Rejection number Re", accept + 1),
        ("Code letter", result.get("used_letter")), ("Producer's risk, %", 100 * risk.producer),
        ("Accepted 95 times of 100, %", 100 * high), ("Accepted half the time, %", 100 * middle),
        ("Accepted 10 times of 100, %", 100 * low),
    ]  # fmt: skip
    of = iso2859.plan if result.get("used_letter") else attribute.design
    return Told(
        headline=headline,
        lines=(f"A lot with {100 * low:.3g} % nonconforming is accepted one time in ten.",),
        grids=(Grid("Plan", ("Figure", "Value"), tuple(row for row in rows if row[1] is not None)),),
        checks=(Check("open", "The sample is drawn at random from the whole lot"),),
        formulas=("probability of acceptance = P(nonconforming in n ≤ Ac), computed, not looked up",),
        reference=source_of(of),
        drawing=curve(
            (100 * place).tolist(),
            found.accepted.tolist(),
            marks=marks,
            sentence=f"Operating characteristic. {headline}",
            heads=("Nonconforming in the lot, %", "Probability of acceptance"),
        ),
    )  # fmt: skip


def _good(inputs: Inputs, result: Result) -> float:
    """The quality the producer's risk is told at: the AQL, or the acceptable quality given."""
    if result.get("aql") is not None:
        return float(result["aql"]) / 100
    return float(inputs.options["good"]) / 100


SAMPLING_STUDY = Study(
    key="sampling",
    label="Sampling plan",
    question="How many to inspect?",
    roles=(),
    options=(
        Option(name="method", label="Plan", kind="choice", default="iso-2859-1", choices=PLANS),
        Option(name="lot", label="Lot size", default=1000),
        Option(name="aql", label="AQL, %", kind="choice", default="1", choices=AQLS),
        Option(name="level", label="Inspection level", kind="choice", default="II", choices=LEVELS),
        Option(name="severity", label="Severity", kind="choice", default="normal", choices=SEVERITIES),
        Option(name="good", label="Acceptable quality, %", hint="By two risks: nonconforming share mostly accepted."),
        Option(name="bad", label="Refused quality, %", hint="By two risks: nonconforming share mostly refused."),
        Option(name="producer", label="Producer's risk, %", default=5.0),
        Option(name="consumer", label="Consumer's risk, %", default=10.0),
    ),
    case=_sampling_case,
    tell=_sampling_told,
)
