"""Measurement systems: crossed gauge studies, and agreement of ratings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    source_of,
    unit_of,
    with_unit,
)
from qms.web.svg import shares
from qms.web.words import significant
from spc import agreement_standard, gauge, gauge_verdict
from spc.gauge_verdict import GRR_MOST, KAPPA_LEAST, NDC_LEAST, Verdict
from spc.values import BadInput

NAMES = {
    "grr": "Gauge R&R",
    "repeatability": "Repeatability",
    "reproducibility": "Reproducibility",
    "appraiser": "Appraiser",
    "interaction": "Appraiser × part",
    "part": "Part to part",
    "total": "Total",
}
GAUGE_WORDS: Mapping[Verdict, str] = {
    "acceptable": "good",
    "conditional": "usable with care",
    "unacceptable": "not good enough",
}
AGREEMENT_WORDS: Mapping[Verdict, str] = {"acceptable": "good", "conditional": "fair", "unacceptable": "poor"}


def _cells(inputs: Inputs, value: list[Any], of: str) -> tuple[list[str], dict[str, list[list[Any]]]]:
    """The parts in order, and appraiser -> part by part the readings in order; every cell equally full."""
    parts, people = inputs.column(of).levels(), inputs.column("appraiser").levels()
    if not len(parts) == len(people) == len(value):
        raise BadInput("The columns must be equally long.")
    order: dict[str, int] = {}
    found: dict[str, dict[str, list[Any]]] = {}
    for place, (part, person, reading) in enumerate(zip(parts, people, value, strict=True), start=1):
        if reading is None or reading == "" or reading != reading:  # noqa: PLR0124
            continue
        if not part or not person:
            raise BadInput(f"Row {place} has a reading but no {of if not part else 'appraiser'}: complete it.")
        order.setdefault(part, len(order))
        found.setdefault(person, {}).setdefault(part, []).append(reading)
    if not found:
        raise BadInput("There are no readings.")
    trials = max(len(cell) for cells in found.values() for cell in cells.values())
    for person, cells in found.items():
        for part in order:
            if len(cells.get(part, ())) != trials:
                raise BadInput(
                    f"Appraiser {person} has {len(cells.get(part, ()))} readings of {of} {part}, others have {trials}:"
                    " a crossed study needs the same number everywhere."
                )
    return list(order), {person: [cells[part] for part in order] for person, cells in found.items()}


def _gauge_case(inputs: Inputs) -> Mapping[str, Any]:
    _, cells = _cells(inputs, inputs.measured("value").tolist(), "part")
    trials = {person: [list(row) for row in zip(*parts, strict=True)] for person, parts in cells.items()}
    options = {
        "method": ["anova", "average-range"],
        "study_multiplier": inputs.options.get("multiplier") or 6.0,
        "confidence": inputs.options.get("confidence") or 0.95,
    }
    data: dict[str, Any] = {"trials_by_appraiser": trials}
    if inputs.options.get("tolerance"):
        data["tolerance"] = inputs.options["tolerance"]
    return {"kind": "msa", "input": data, "options": options}


def _gauge_told(inputs: Inputs, result: Result) -> Told:
    anova, unit = result["anova"], unit_of(inputs.one("value"))
    share, ndc = anova["pct_study"].get("grr"), anova["ndc"]
    headline = verdict_of(share, ndc)
    ends = (anova.get("intervals") or {}).get("pct_study", {}).get("grr")
    lines = (
        [f"{share_of(inputs)} interval of the share: {ends[0]:.1f} to {ends[1]:.1f} %."]
        if ends and None not in ends
        else []
    )
    lines += ["The interaction is not shown and joins repeatability."] if anova["pooled"] else []
    shown = [name for name in NAMES if name in anova["std"] and name != "total"]
    bars = {NAMES[n]: [anova["pct_contribution"][n] or 0.0, anova["pct_study"][n] or 0.0] for n in shown}
    return Told(
        headline=headline,
        lines=tuple(lines),
        grids=(components_grid(anova, unit), _table(anova), _compared(result, unit)),
        checks=checks_of(share, ndc, parts=anova["df"]["part"] + 1),
        formulas=(
            "σ² repeatability = MS error; σ² part = (MS part − MS interaction) / (appraisers · trials)",
            "% study = 100 σ / σ total; ndc = ⌊1.41 σ part / σ gauge⌋",
        ),
        reference=source_of(gauge.anova) or "AIAG, Measurement Systems Analysis, 4th ed., chapter III",
        drawing=shares(bars, names=("% contribution", "% study"), sentence=f"Components of variation. {headline}"),
    )  # fmt: skip


def checks_of(share: float | None, ndc: int | None, *, parts: int) -> tuple[Check, ...]:
    """What a gauge study is judged by, and rests on."""
    small = gauge_verdict.of_share(share) != "unacceptable"
    side = "no spread" if share is None else f"{share:.1f} %"
    return (
        Check("met" if small else "broken", f"Gauge R&R at most {GRR_MOST:g} % of the spread", side),
        Check(
            "met" if (ndc or 0) >= NDC_LEAST else "broken",
            f"At least {NDC_LEAST} distinct categories",
            f"ndc {ndc or 0}",
        ),
        Check("met" if parts >= 10 else "broken", "At least ten parts", f"{parts} parts"),
    )


def share_of(inputs: Inputs) -> str:
    """The confidence asked for, in percent."""
    return f"{100 * (inputs.options.get('confidence') or 0.95):g} %"


def verdict_of(share: float | None, ndc: int | None) -> str:
    """The verdict on a gauge in one sentence."""
    if share is None:
        return "The readings do not vary at all: the gauge cannot be judged."
    word = GAUGE_WORDS[gauge_verdict.of_share(share)]
    return f"The gauge is {word}: {share:.1f} % of the spread is measurement, {ndc or 0} distinct categories."


def components_grid(anova: Result, unit: str) -> Grid:
    """Standard deviation and shares of each component."""
    head = ("Component", with_unit("Standard deviation", unit), "% contribution", "% study", "% tolerance")
    tolerance = anova.get("pct_tolerance") or {}
    rows: list[tuple[Cell, ...]] = [
        (NAMES[name], anova["std"][name], anova["pct_contribution"][name], anova["pct_study"][name],
         tolerance.get(name))
        for name in NAMES if name in anova["std"]
    ]  # fmt: skip
    return Grid("Components", head if tolerance else head[:4], tuple(row if tolerance else row[:4] for row in rows))


def _table(anova: Result) -> Grid:
    rows = tuple(
        (NAMES.get(name, name), anova["df"][name], anova["ss"][name], anova["ms"].get(name)) for name in anova["ss"]
    )
    return Grid("Analysis of variance", ("Source", "df", "Sum of squares", "Mean square"), rows)


def _compared(result: Result, unit: str) -> Grid:
    other = result["average_range"]
    rows = tuple((NAMES[n], other["std"][n], other["pct_study"][n]) for n in NAMES if n in other["std"])
    head = ("Component", with_unit("Standard deviation", unit), "% study")
    return Grid("By average and range, for comparison", head, rows)


GAUGE_STUDY = Study(
    key="gauge",
    label="Gauge R&R, crossed",
    question="Is the gauge good enough?",
    also=("multi-vari", "anova"),
    roles=(
        Role(name="value", label="Reading"),
        Role(name="part", label="Part", kind="any"),
        Role(name="appraiser", label="Appraiser", kind="any"),
    ),
    options=(
        Option(name="tolerance", label="Tolerance", hint="USL − LSL; empty: not compared."),
        Option(name="multiplier", label="Study spread in sigmas", default=6.0),
        Option(name="confidence", label="Confidence", default=0.95),
    ),
    case=_gauge_case,
    tell=_gauge_told,
)


# ---- ratings
def _standard(inputs: Inputs, order: list[str]) -> list[str] | None:
    column = inputs.one("standard")
    if column is None:
        return None
    known: dict[str, str] = {}
    for place, (part, truth) in enumerate(
        zip(inputs.column("part").levels(), column.levels(), strict=True), start=1
    ):  # fmt: skip
        if truth and known.setdefault(part, truth) != truth:
            raise BadInput(f"Row {place}: part {part} has two standards, {known[part]} and {truth}.")
    missing = next((part for part in order if part not in known), None)
    if missing is not None:
        raise BadInput(f"Part {missing} has no standard.")
    return [known[part] for part in order]


def _rating_case(inputs: Inputs) -> Mapping[str, Any]:
    order, cells = _cells(inputs, list(inputs.column("rating").levels()), "part")
    data: dict[str, Any] = {"ratings_by_appraiser": cells}
    if (standard := _standard(inputs, order)) is not None:
        data["standard"] = standard
    options: dict[str, Any] = {"method": "agreement", "confidence": inputs.options.get("confidence") or 0.95}
    return {"kind": "msa", "input": data, "options": options}


def _rating_told(inputs: Inputs, result: Result) -> Told:
    main = result.get("all_standard") or result.get("between") or next(iter(result["within"].values()), None)
    if main is None:
        raise BadInput("One appraiser rated every part once: there is nothing to compare.")
    kappas = [one["kappa"] for one in (result.get("standard") or result.get("within") or {}).values()]
    known = [value for value in kappas if value is not None] or [main["kappa"]]
    worst = min((value for value in known if value is not None), default=None)
    what = "with the standard" if result.get("all_standard") else "with each other"
    judged = gauge_verdict.of_agreement(worst)
    word = "not known" if worst is None else AGREEMENT_WORDS[judged]
    rows: list[tuple[Cell, ...]] = []
    for title, table in (("alone", result["within"]), ("against the standard", result["standard"])):
        rows += [(f"{name}, {title}", *_agreed(one)) for name, one in table.items()]
    for title, one in (("All together", result.get("between")), ("All, standard", result.get("all_standard"))):
        rows += [(title, *_agreed(one))] if one else []
    side = "" if worst is None else f"κ {significant(worst)}"
    return Told(
        headline=f"Agreement is {word}: on {main['percent']:.1f} % of {main['n']} parts all agree {what}.",
        lines=(f"{significant(main['ci'][0])} to {significant(main['ci'][1])} % with {share_of(inputs)} confidence.",),
        grids=(Grid("Agreement", ("Who", "Agreed", "of", "%", "from", "to", "Kappa"), tuple(rows)),),
        checks=(
            Check("broken" if judged == "unacceptable" else "met", f"Every kappa is at least {KAPPA_LEAST:g}", side),
            Check("met" if main["n"] >= 30 else "broken", "At least 30 parts", f"{main['n']} parts"),
        ),
        formulas=("κ = (observed − chance agreement) / (1 − chance agreement)",),
        reference=source_of(agreement_standard.study),
        drawing=shares(
            {str(row[0]): [float(row[3] or 0)] for row in rows},
            names=("Agreement, %",),
            sentence=f"Agreement is {word}.",
        ),
    )


def _agreed(one: Result) -> tuple[Cell, ...]:
    return (one["matched"], one["n"], one["percent"], one["ci"][0], one["ci"][1], one["kappa"])


AGREEMENT_STUDY = Study(
    key="agreement",
    label="Attribute agreement",
    question="Do the inspectors judge alike?",
    roles=(
        Role(name="rating", label="Rating", kind="any"),
        Role(name="part", label="Part", kind="any"),
        Role(name="appraiser", label="Appraiser", kind="any"),
        Role(name="standard", label="Standard", kind="any", needed=False),
    ),
    options=(Option(name="confidence", label="Confidence", default=0.95),),
    case=_rating_case,
    tell=_rating_told,
)
