"""Multi-vari: which of the nested factors carries the variation, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.studies.anatomy import Check, Grid, Inputs, Result, Role, Study, Told, source_of, unit_of, with_unit
from analytics.studies.grouping import MOST_GROUPS, drawn_groups
from spc import figures
from spc.values import BadInput, Floats, present

_ROLES = ("outer", "middle", "inner")


def _factors(inputs: Inputs) -> dict[str, list[str]]:
    """Name -> levels, the outermost factor first."""
    values, found = inputs.measured("x"), dict[str, list[str]]()
    for role in _ROLES:
        column = inputs.one(role)
        if column is None:
            continue
        levels = column.levels()
        if len(levels) != len(values):
            raise BadInput(f"{column.name} has {len(levels)} rows, the values have {len(values)}.")
        gap = next((row for row, level in enumerate(levels, start=1) if not level), 0)
        if gap:
            raise BadInput(f"Row {gap}, column {column.name}: complete it.")
        if column.name in found:
            raise BadInput(f"{column.name} is chosen twice: each factor is another column.")
        found[column.name] = levels
    return found


def _case(inputs: Inputs) -> Mapping[str, Any]:
    return {"kind": "multi-vari", "input": {"x": inputs.measured("x"), "factors": _factors(inputs)}}


def _told(inputs: Inputs, result: Result) -> Told:
    factors, unit = _factors(inputs), unit_of(inputs.one("x"))
    parts = [(one["name"], one["share"]) for one in result["families"]] + [("Within", result["within"])]
    known = [(name, share) for name, share in parts if share is not None]
    if not known:
        headline = "The values do not vary at all."
    else:
        name, share = max(known, key=lambda part: part[1])
        where = "within the innermost groups" if name == "Within" else f"between levels of {name}"
        headline = f"Most variation lies {where}: {share:.0f} %."
    cells = _cells(inputs.measured("x"), factors)
    means = tuple(
        (f"{'  ' * depth}{level}", mean)
        for depth, family in enumerate(result["families"])
        for level, mean in family["means"].items()
    )
    least = min(len(values) for values in cells.values())
    shown = dict(list(cells.items())[:MOST_GROUPS])
    lines = (f"The first {MOST_GROUPS} of {len(cells)} groups are drawn.",) if len(cells) > MOST_GROUPS else ()
    return Told(
        headline=headline,
        lines=lines,
        grids=(
            Grid("Variation", ("Source", "% of the sum of squares"), tuple(parts)),
            Grid("Means, from the outside in", ("Level", with_unit("Mean", unit)), means),
        ),
        checks=(
            Check(
                "met" if least >= 2 else "broken", "Every innermost group has at least two values", f"least n {least}"
            ),
            Check("open", "Factors are nested as chosen, and rows cover the whole span in which the trouble shows"),
        ),
        formulas=("share = sum of squares between the levels inside the level above / total sum of squares",),
        reference=source_of(figures.multi_vari),
        drawing=drawn_groups(shown, unit=unit, sentence=headline),
    )


def _cells(values: Floats, factors: Mapping[str, list[str]]) -> dict[str, Floats]:
    """The values of each innermost group, in order of the outer levels."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for place, levels in enumerate(zip(*factors.values(), strict=True)):
        if values[place] == values[place]:
            rows.setdefault(levels, []).append(place)
    order = [list(dict.fromkeys(levels)) for levels in factors.values()]
    ranked = sorted(rows, key=lambda levels: [seen.index(level) for seen, level in zip(order, levels, strict=True)])
    return {" / ".join(levels): present(values[rows[levels]]) for levels in ranked}


MULTI_VARI_STUDY = Study(
    key="multi-vari",
    label="Multi-vari",
    question="Where does the variation come from?",
    also=("anova", "gauge"),
    roles=(
        Role(name="x", label="Values"),
        Role(name="outer", label="Outer factor", kind="any", hint="Such as shift or batch."),
        Role(name="middle", label="Middle factor", kind="any", needed=False, eager=True, hint="Such as part."),
        Role(name="inner", label="Inner factor", kind="any", needed=False, eager=True, hint="Such as position."),
    ),
    case=_case,
    tell=_told,
)
