"""Charts of several variables at once: Hotelling's T squared, and the multivariate EWMA for small shifts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.studies.anatomy import Check, Grid, Inputs, Option, Result, Role, Study, Told, counted
from analytics.studies.plotting import SPAN, marks_of, told_of_chart
from qms.web.svg import Track
from spc.values import BadInput, Floats


def _rows(inputs: Inputs) -> Floats:
    columns = inputs.columns.get("values", ())
    if len(columns) < 2:
        raise BadInput("Several variables are at least two columns.")
    found = [column.measured() for column in columns]
    if len({len(one) for one in found}) > 1:
        raise BadInput("The columns must be equally long.")
    return np.column_stack(found)


def _t2_case(inputs: Inputs) -> Mapping[str, Any]:
    options: dict[str, Any] = {"chart": "t2"}
    if inputs.options.get("alpha") is not None:
        options["alpha"] = inputs.options["alpha"]
    if inputs.options.get("phase1"):
        options["phase1"] = [1, int(inputs.options["phase1"])]
    return {"kind": "chart", "input": {"x": _rows(inputs)}, "options": options}


def _t2_told(inputs: Inputs, result: Result) -> Told:
    limit = result["ucl_phase2_f"] if inputs.options.get("phase1") else result["ucl_phase1_beta"]
    return _told(inputs, result, "t2", result["t2"], limit)


def _told(inputs: Inputs, result: Result, chart: str, values: Any, limit: float) -> Told:
    """One track of distances with its limit, and what each variable adds to the points beyond it."""
    names = [column.name for column in inputs.columns["values"]]
    track = Track(title="T²", values=values, ucl=limit, marks=marks_of({"": result["violations"]}))
    shown = {**result, "ucl": limit, "lcl": None, "violations": {"beyond": result["violations"]}, "center": None}
    told = told_of_chart(chart, [track], shown, unit="", checks=(_enough(len(values), len(names)),))
    rows = tuple(
        (f"{point:,}", *(_at(result["contributions"], point - 1, j) for j in range(len(names))))
        for point in result["violations"][:50]
    )
    grids = (*told.grids, Grid("Contribution of each variable", ("Point", *names), rows)) if rows else told.grids
    return Told(**{**vars(told), "grids": grids, "lines": (f"{counted(len(names), 'variable')} judged together.",)})


def _enough(points: int, variables: int) -> Check:
    words = "At least ten points for every variable"
    return Check("met" if points >= 10 * variables else "broken", words, f"n {points:,}, p {variables}")


def _at(table: Any, row: int, column: int) -> float | None:
    return table[row][column] if table and row < len(table) else None


T2_STUDY = Study(
    key="t2",
    label="Several variables: Hotelling T²",
    question="Do the variables move as they do together?",
    also=("mewma", "correlation"),
    roles=(Role(name="values", label="Variables", many=True, eager=True),),
    options=(Option(name="alpha", label="Risk of a false alarm", default=0.0027), SPAN),
    case=_t2_case,
    tell=_t2_told,
)


def _mewma_case(inputs: Inputs) -> Mapping[str, Any]:
    given, rows = inputs.options, _rows(inputs)
    options: dict[str, Any] = {"chart": "mewma", "lambda": given.get("lambda") or 0.1, "arl": given.get("arl") or 200.0}
    if given.get("phase1"):
        first = rows[: int(given["phase1"])]
        if len(first) < rows.shape[1] + 2:
            raise BadInput(f"{rows.shape[1]} variables need at least {rows.shape[1] + 2} points to set the limits.")
        options |= {"target": first.mean(axis=0), "cov": np.cov(first, rowvar=False)}
    return {"kind": "chart", "input": {"x": rows}, "options": options}


def _mewma_told(inputs: Inputs, result: Result) -> Told:
    told = _told(inputs, result, "mewma", result["values"], result["ucl"])
    line = f"The limit gives one false alarm in {inputs.options.get('arl') or 200:,.0f} points."
    return Told(**{**vars(told), "lines": (*told.lines, line)})


MEWMA_STUDY = Study(
    key="mewma",
    label="Several variables: MEWMA",
    question="Have the variables moved together a little?",
    also=("t2", "correlation"),
    roles=T2_STUDY.roles,
    options=(
        Option(name="lambda", label="Weight λ", default=0.1),
        Option(name="arl", label="Points between false alarms", default=200.0),
        SPAN,
    ),
    case=_mewma_case,
    tell=_mewma_told,
)
