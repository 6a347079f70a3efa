"""Charts of counts, of what lies between rare events, and with a memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.studies.anatomy import (
    Check,
    Inputs,
    Option,
    Result,
    Role,
    Study,
    Told,
    unit_of,
    with_unit,
)
from analytics.studies.plotting import (
    EXCLUDE,
    OWN_RULES,
    RULES_OPTION,
    SPAN,
    marks_of,
    options_of,
    price_of,
    told_of_chart,
)
from qms.web.svg import Track
from spc.guide import Advice, advise
from spc.values import BadInput, Floats, present

NATURES = (
    ("read", "As the columns say"),
    ("items", "Nonconforming items"),
    ("nonconformities", "Nonconformities"),
    ("between", "Cases or times between rare events"),
)
COUNTS = (
    ("advised", "As the guide proposes"), ("p", "p, share of items"), ("np", "np, number of items"),
    ("c", "c, nonconformities"), ("u", "u, nonconformities per unit"), ("laney-p", "Laney p′"),
    ("laney-u", "Laney u′"), ("g", "g, cases between"), ("t", "t, times between"),
)  # fmt: skip
_SHARES = ("p", "u", "laney-p", "laney-u")
_ITEMS = ("p", "np", "laney-p")
_DEFECTS = re.compile(r"(?i)\b(defects?|nonconformit(?:y|ies)|faults?|flaws?|errors?)\b(?!ive)")


def nature_of(inputs: Inputs) -> str:
    """What is counted: as asked for; else nonconformities where the heading or the numbers say so, else items."""
    asked, sizes = str(inputs.options.get("nature") or "read"), inputs.one("sizes")
    if asked != "read":
        return asked
    if sizes is None or _DEFECTS.search(inputs.column("counts").name):
        return "nonconformities"
    counts, given = inputs.measured("counts"), sizes.measured()
    return "nonconformities" if len(counts) == len(given) and bool(np.any(counts > given)) else "items"


def propose_counts(inputs: Inputs) -> Advice:
    """The chart of the counts, with the reason."""
    sizes = inputs.one("sizes")
    nature: Any = nature_of(inputs)
    given = None if sizes is None else sizes.measured()
    if nature == "items" and given is None:
        raise BadInput("Nonconforming items need the number inspected: choose the column of sizes.")
    if nature == "between":
        return advise(inputs.measured("counts"), nature="between")
    return advise(inputs.measured("counts"), nature=nature, sizes=given)


def _settled(inputs: Inputs) -> dict[str, Any]:
    chosen = {"chart": propose_counts(inputs).chart} if inputs.options.get("chart") == "advised" else {}
    return {"nature": nature_of(inputs), **chosen}


def _case(inputs: Inputs) -> Mapping[str, Any]:
    chart, counts, sizes = str(inputs.options["chart"]), inputs.measured("counts"), inputs.one("sizes")
    if chart in ("g", "t"):
        return {"kind": "chart", "input": {"x": counts}, "options": _few(inputs)}
    if sizes is None and chart in _ITEMS:
        raise BadInput("This chart needs the number inspected: choose the column of sizes.")
    data: dict[str, Any] = {"counts": counts}
    if sizes is not None:
        data["sizes"] = sizes.measured()
    options = _few(inputs) if chart.startswith("laney") else options_of(inputs)
    return {"kind": "chart", "input": data, "options": options}


def _few(inputs: Inputs) -> dict[str, Any]:
    return {name: value for name, value in options_of(inputs).items() if name in ("chart", "rules")}


def _told(inputs: Inputs, result: Result) -> Told:
    chart, counts, sizes = str(inputs.options["chart"]), inputs.measured("counts"), inputs.one("sizes")
    values: Floats = counts
    if chart in _SHARES and sizes is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(sizes.measured() > 0, counts / sizes.measured(), np.nan)
    unit = unit_of(inputs.one("counts")) if chart in ("g", "t") else ""
    track = Track(
        title={"p": "Share p", "laney-p": "Share p", "u": "Per unit u", "laney-u": "Per unit u"}.get(
            chart, with_unit(inputs.column("counts").name, unit)
        ),
        values=[None if value != value else value for value in values.tolist()],  # noqa: PLR0124
        center=result.get("center"),
        ucl=result.get("ucl"),
        lcl=result.get("lcl"),
        marks=marks_of(result.get("violations") or {}),
    )
    told = told_of_chart(chart, [track], result, unit=unit, checks=_checks(chart, counts))
    return Told(**{**vars(told), "lines": (*told.lines, price_of(inputs.options))})


def _checks(chart: str, counts: Floats) -> tuple[Check, ...]:
    kept = present(counts)
    many = Check("met" if len(kept) >= 25 else "broken", "At least 25 points set the limits", f"n {len(kept):,}")
    if chart in ("g", "t"):
        return (many,)
    mean = float(np.mean(kept)) if len(kept) else 0.0
    words = "Counts are large enough for symmetric limits (5 on average)"
    return (many, Check("met" if mean >= 5 else "broken", words, f"mean {mean:.3g}"))


COUNTS_STUDY = Study(
    key="counts",
    label="Control chart of counts",
    question="Is the rate of defects in control?",
    also=("small-shifts", "trend"),
    roles=(
        Role(name="counts", label="Counts", hint="Or what lies between two rare events."),
        Role(name="sizes", label="Sizes inspected", needed=False, eager=True),
    ),
    options=(
        Option(name="nature", label="What is counted", kind="choice", default="read", choices=NATURES),
        Option(name="chart", label="Chart", kind="choice", default="advised", choices=COUNTS),
        RULES_OPTION,
        OWN_RULES,
        SPAN,
        EXCLUDE,
    ),
    case=_case,
    tell=_told,
    settle=_settled,
)

# ---- charts with a memory
MEMORY = (("ewma", "EWMA"), ("cusum", "CUSUM"), ("moving-average", "Moving average"))


def _memory_case(inputs: Inputs) -> Mapping[str, Any]:
    given = inputs.options
    options: dict[str, Any] = {"chart": given["chart"]}
    for name, key in (
        ("target", "target"),
        ("sigma", "sigma"),
        ("lambda", "lambda"),
        ("L", "L"),
        ("k", "k"),
        ("h", "h"),
    ):
        if given.get(key) is not None:
            options[name] = given[key]
    if given.get("span") is not None:
        options["span"] = int(given["span"])
    return {"kind": "chart", "input": {"x": inputs.measured("x")}, "options": options}


def _memory_told(inputs: Inputs, result: Result) -> Told:
    chart, unit = str(inputs.options["chart"]), unit_of(inputs.one("x"))
    violations = result.get("violations") or {}
    if chart == "cusum":
        lower = [None if value is None else -value for value in result["c_minus"]]
        marks = {point - 1: f"{side}" for side in ("upper", "lower") for point in violations.get(side, ())}
        h = result.get("h")
        track = Track(
            title=with_unit("Cumulative sum", unit), values=result["c_plus"], second=lower, center=0.0, ucl=h,
            lcl=None if h is None else -h, marks=marks, center_mark="0",
        )  # fmt: skip
    else:
        track = Track(
            title=with_unit({"ewma": "EWMA"}.get(chart, "Moving average"), unit),
            values=result["values"],
            center=result.get("center"),
            ucl=result.get("ucl"),
            lcl=result.get("lcl"),
            marks=marks_of({"": violations.get("beyond", ())}),
        )
        result = {**result, "violations": {"beyond": violations.get("beyond", ())}}
    told = told_of_chart(chart, [track], result, unit=unit)
    after = result.get("estimated_change_after")
    lines = (f"The level is estimated to have changed after point {after}.",) if after is not None else ()
    return Told(**{**vars(told), "lines": (*(line for line in told.lines if "No point signals" not in line), *lines)})


MEMORY_STUDY = Study(
    key="small-shifts",
    label="Small shifts: EWMA, CUSUM",
    question="Has the level moved a little?",
    also=("readings", "trend"),
    roles=(Role(name="x", label="Readings"),),
    options=(
        Option(name="chart", label="Chart", kind="choice", default="ewma", choices=MEMORY),
        Option(name="target", label="Target", hint="Empty: the mean."),
        Option(name="sigma", label="Sigma", hint="Empty: from moving ranges."),
        Option(name="lambda", label="Weight λ of EWMA", default=0.2),
        Option(name="L", label="Width L in sigmas", default=3.0),
        Option(name="k", label="Slack k of CUSUM, in sigmas", default=0.5),
        Option(name="h", label="Interval h of CUSUM, in sigmas", default=5.0),
        Option(name="span", label="Span of the moving average", default=3),
    ),
    case=_memory_case,
    tell=_memory_told,
)
