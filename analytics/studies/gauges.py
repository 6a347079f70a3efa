"""More measurement systems: parts nested in appraisers, bias, linearity and stability of a gauge."""

from __future__ import annotations

from collections.abc import Mapping
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
    p_words,
    source_of,
    unit_of,
    with_unit,
)
from analytics.studies.charts import rows_of, tracks_of
from analytics.studies.measuring import NAMES, checks_of, components_grid, share_of, verdict_of
from analytics.studies.plotting import told_of_chart
from qms.web.svg import Fit, histogram, scatter, shares
from qms.web.words import places, significant
from spc import cases, gauge_location, gauge_nested
from spc.display import histogram as binned
from spc.values import BadInput, present, said

CONFIDENCE = Option(name="confidence", label="Confidence", default=0.95)


# ---- parts nested in appraisers
def _trials(inputs: Inputs) -> dict[str, list[list[float]]]:
    """Appraiser -> rows of trials with one reading for each of his own parts, all equally many."""
    value, parts, people = inputs.measured("value"), inputs.column("part").levels(), inputs.column("appraiser").levels()
    if not len(parts) == len(people) == len(value):
        raise BadInput("The columns must be equally long.")
    found: dict[str, dict[str, list[float]]] = {}
    for place, (part, person, reading) in enumerate(zip(parts, people, value.tolist(), strict=True), start=1):
        if reading != reading:  # noqa: PLR0124 - a gap
            continue
        if not part or not person:
            raise BadInput(f"Row {place} has a reading but no {'appraiser' if part else 'part'}: complete it.")
        found.setdefault(person, {}).setdefault(part, []).append(reading)
    if len(found) < 2:
        raise BadInput("A gauge study needs at least two appraisers.")
    trials = max(len(cell) for cells in found.values() for cell in cells.values())
    wide = max(len(cells) for cells in found.values())
    for person, cells in found.items():
        if len(cells) != wide:
            raise BadInput(f"Appraiser {person} has {len(cells)} parts, others have {wide}: each needs as many.")
        short = next((part for part, cell in cells.items() if len(cell) != trials), None)
        if short is not None:
            raise BadInput(
                f"Appraiser {person} has {len(cells[short])} readings of part {short}, others have {trials}."
            )
    return {person: [list(row) for row in zip(*cells.values(), strict=True)] for person, cells in found.items()}


def _nested_case(inputs: Inputs) -> Mapping[str, Any]:
    data: dict[str, Any] = {"trials_by_appraiser": _trials(inputs)}
    if inputs.options.get("tolerance"):
        data["tolerance"] = inputs.options["tolerance"]
    options = {
        "method": "nested",
        "study_multiplier": inputs.options.get("multiplier") or 6.0,
        "confidence": inputs.options.get("confidence") or 0.95,
    }
    return {"kind": "msa", "input": data, "options": options}


def _nested_told(inputs: Inputs, result: Result) -> Told:
    found = result["nested"]
    share, ndc = found["pct_study"].get("grr"), found["ndc"]
    headline = verdict_of(share, ndc)
    ends = (found.get("intervals") or {}).get("pct_study", {}).get("grr")
    line = f"{share_of(inputs)} interval of the share: {ends[0]:.1f} to {ends[1]:.1f} %." if ends else ""
    table = tuple(
        (NAMES.get(name, name), found["df"][name], found["ss"][name], found["ms"].get(name), found["f"].get(name),
         found["p"].get(name))
        for name in found["ss"]
    )  # fmt: skip
    shown = [name for name in NAMES if name in found["std"] and name not in ("total", "interaction")]
    bars = {NAMES[n]: [found["pct_contribution"][n] or 0.0, found["pct_study"][n] or 0.0] for n in shown}
    parts = found["df"]["part"] // (found["df"]["appraiser"] + 1) + 1
    return Told(
        headline=headline,
        lines=(line,) if line else (),
        grids=(
            components_grid(found, unit_of(inputs.one("value"))),
            Grid("Analysis of variance", ("Source", "df", "Sum of squares", "Mean square", "F", "p"), table),
        ),
        checks=(
            *checks_of(share, ndc, parts=parts),
            Check("open", "Parts measured by different appraisers are alike (same batch)"),
        ),
        formulas=(
            "σ² repeatability = MS error; σ² part = (MS part − MS error) / trials",
            "σ² appraiser = (MS appraiser − MS part) / (parts · trials)",
        ),
        reference=source_of(gauge_nested.nested),
        drawing=shares(bars, names=("% contribution", "% study"), sentence=f"Components of variation. {headline}"),
    )


NESTED_STUDY = Study(
    key="gauge-nested",
    label="Gauge R&R, nested",
    question="Is the gauge of a destructive test good enough?",
    also=("gauge", "multi-vari"),
    roles=(
        Role(name="value", label="Reading"),
        Role(name="part", label="Part", kind="any", hint="Each appraiser has his own; the same name is another part."),
        Role(name="appraiser", label="Appraiser", kind="any"),
    ),
    options=(
        Option(name="tolerance", label="Tolerance", hint="USL − LSL; empty: not compared."),
        Option(name="multiplier", label="Study spread in sigmas", default=6.0),
        CONFIDENCE,
    ),
    case=_nested_case,
    tell=_nested_told,
)


# ---- bias
def _given(inputs: Inputs, *names: str) -> dict[str, Any]:
    return {name: inputs.options[name] for name in names if inputs.options.get(name) is not None}


def _bias_case(inputs: Inputs) -> Mapping[str, Any]:
    if inputs.options.get("reference") is None:
        raise BadInput("Give the reference value of the master.")
    options = {"method": "bias", **_given(inputs, "reference", "tolerance", "sigma", "confidence")}
    return {"kind": "msa", "input": {"x": inputs.measured("x").tolist()}, "options": options}


def _bias_told(inputs: Inputs, result: Result) -> Told:
    kept, unit, off = present(inputs.measured("x")), unit_of(inputs.one("x")), result["bias"]
    if result["acceptable"] is None:
        headline = f"No verdict: the readings do not vary; they lie {said(off, '+.4g')} from the reference."
    elif result["acceptable"]:
        headline = f"No bias is shown: {said(off, '+.4g')}, {p_words(result['p'])}."
    else:
        headline = (
            f"The gauge is biased: it reads {said(off, '+.4g')}{' ' + unit if unit else ''}, {p_words(result['p'])}."
        )
    ends = result["ci"] or (None, None)
    rows = [
        ("Bias", off, *ends), ("Mean", result["mean"], None, None), ("Reference", result["reference"], None, None),
        ("Repeatability s", result["repeatability"], None, None), ("t", result["t"], None, None),
        ("% of tolerance", result["pct_tolerance"], None, None),
        ("% of process spread", result["pct_process"], None, None),
    ]  # fmt: skip
    bins = binned(kept)
    bars = [(float(a), float(b), int(n)) for a, b, n in zip(bins.edges[:-1], bins.edges[1:], bins.counts, strict=True)]
    drawn = histogram(
        bars, spec={"Reference": result["reference"]}, unit=unit, name=f"Readings of the master. {headline}",
        decimals=places(float(kept.std()) or None, digits=2), size=(640, 290),
    )  # fmt: skip
    return Told(
        headline=headline,
        grids=(Grid("Bias", ("Figure", with_unit("Value", unit), "from", "to"),
                    tuple(row for row in rows if row[1] is not None)),),
        checks=(
            Check("met" if len(kept) >= 10 else "broken", "At least ten readings of the master", f"n {len(kept)}"),
            Check("open", "The reference value is known far better than the gauge reads"),
        ),
        formulas=("bias = mean − reference; t = bias / (s / √n)",),
        reference=source_of(gauge_location.bias),
        drawing=drawn.replace('class="ch"', 'class="ch ch-wide"', 1),
    )  # fmt: skip


BIAS_STUDY = Study(
    key="bias",
    label="Gauge bias",
    question="Does the gauge read right?",
    also=("stability", "readings"),
    roles=(Role(name="x", label="Readings of one master"),),
    options=(
        Option(name="reference", label="Reference value"),
        Option(name="tolerance", label="Tolerance", hint="USL − LSL; empty: not compared."),
        Option(name="sigma", label="Sigma of the process", hint="Empty: not compared."),
        CONFIDENCE,
    ),
    case=_bias_case,
    tell=_bias_told,
)


# ---- linearity
def _masters(inputs: Inputs) -> tuple[Any, Any]:
    value, reference = inputs.measured("value"), inputs.measured("reference")
    if len(value) != len(reference):
        raise BadInput("The columns must be equally long.")
    both = ~np.isnan(value) & ~np.isnan(reference)
    return value[both], reference[both]


def _linearity_case(inputs: Inputs) -> Mapping[str, Any]:
    value, reference = _masters(inputs)
    readings: dict[str, list[float]] = {}
    for level, reading in zip(reference.tolist(), value.tolist(), strict=True):
        readings.setdefault(repr(level), []).append(reading)
    options = {"method": "linearity", **_given(inputs, "sigma", "confidence")}
    return {"kind": "msa", "input": {"readings_by_reference": readings}, "options": options}


def _linearity_told(inputs: Inputs, result: Result) -> Told:
    value, reference = _masters(inputs)
    unit = unit_of(inputs.one("value"))
    fine = result["acceptable"]
    words = {
        True: "The gauge is linear: no bias is shown over the range.",
        None: "No verdict: the readings do not vary.",
    }
    bent = result["slope_p"] is not None and result["slope_p"] < 1 - (inputs.options.get("confidence") or 0.95)
    headline = words.get(
        fine, "The bias changes over the range." if bent else "The gauge is biased alike over the range."
    )
    rows = (
        ("Slope", result["slope"], p_words(result["slope_p"])),
        ("Constant", result["intercept"], p_words(result["intercept_p"])),
        ("R squared", result["r_squared"], None),
        ("Mean bias", result["mean_bias"], None),
        ("Linearity, slope × 6 σ", result["linearity"], None),
        ("Linearity, % of process spread", result["pct_linearity"], None),
    )
    biases = tuple(
        (name, one["n"], one["bias"], *(one["ci"] or (None, None)), one["p"]) for name, one in result["bias"].items()
    )
    fit = Fit(slope=result["slope"], constant=result["intercept"])
    drawn = scatter(
        reference.tolist(), (value - reference).tolist(), heads=("Reference", with_unit("Bias", unit)),
        sentence=headline, fit=fit,
    )  # fmt: skip
    count = len(set(reference.tolist()))
    return Told(
        headline=headline,
        grids=(
            Grid("Line of bias", ("Figure", "Value", "p"), tuple(row for row in rows if row[1] is not None)),
            Grid("Bias of each master", ("Reference", "n", with_unit("Bias", unit), "from", "to", "p"), biases),
        ),
        checks=(
            Check("met" if count >= 5 else "broken", "At least five masters over the range", f"{count}"),
            Check("open", "Masters lie over the whole range in use"),
        ),
        formulas=("bias = a + b · reference by least squares of every reading; linearity = |b| · 6 σ",),
        reference=source_of(gauge_location.linearity),
        drawing=drawn,
    )


LINEARITY_STUDY = Study(
    key="linearity",
    label="Gauge linearity",
    question="Does the gauge read right over its range?",
    also=("bias", "regression"),
    roles=(Role(name="value", label="Reading"), Role(name="reference", label="Reference")),
    options=(Option(name="sigma", label="Sigma of the process", hint="Empty: not compared."), CONFIDENCE),
    case=_linearity_case,
    tell=_linearity_told,
)


# ---- stability
def _stability_case(inputs: Inputs) -> Mapping[str, Any]:
    rows = rows_of(inputs)
    data = {"subgroups" if rows.ndim == 2 else "x": rows.tolist()}
    return {"kind": "msa", "input": data, "options": {"method": "stability", **_given(inputs, "reference")}}


def _stability_told(inputs: Inputs, result: Result) -> Told:
    rows, unit = rows_of(inputs), unit_of(inputs.one("values"))
    chart = "xbar-r" if rows.ndim == 2 else "i-mr"
    drawn = cases.run(
        {
            "kind": "chart",
            "input": {"subgroups" if rows.ndim == 2 else "x": rows},
            "options": {"chart": chart, "rules": ["western-electric"]},
        }
    )
    told = told_of_chart(chart, tracks_of(inputs, rows, chart, drawn), drawn, unit=unit)
    word = {
        True: "The gauge is stable.",
        False: "The gauge is not stable: it has moved.",
        None: "No limits can be drawn.",
    }
    points = len(rows)
    lines = [] if result["bias"] is None else [f"Bias against the reference: {significant(result['bias'])} {unit}."]
    return Told(
        **{
            **vars(told),
            "headline": word[result["stable"]],
            "lines": (*told.lines, *lines),
            "checks": (
                check_p(result["drift_p"], "No drift (Mann-Kendall)", level=0.01),
                Check("met" if points >= 20 else "broken", "At least 20 points in time", f"n {points}"),
            ),
            "reference": source_of(gauge_location.stability),
        }
    )


STABILITY_STUDY = Study(
    key="stability",
    label="Gauge stability",
    question="Has the gauge moved over time?",
    also=("readings", "bias"),
    roles=(Role(name="values", label="Readings of one master in order of time", many=True),),
    options=(
        Option(name="size", label="Readings at a time", default=1, hint="For one column: every so many rows."),
        Option(name="reference", label="Reference value", hint="Empty: no bias is told."),
    ),
    case=_stability_case,
    tell=_stability_told,
)
