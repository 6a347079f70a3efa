"""Control charts: of readings, of counts, with a memory, of several variables at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
    unit_of,
    with_unit,
)
from analytics.studies.plotting import (
    EXCLUDE,
    FORMULAS,
    OWN_RULES,
    RULES_OPTION,
    SPAN,
    STAGES,
    options_of,
    price_of,
    reference_of,
    spread_track,
    told_of_chart,
    track_of,
)
from qms.web.svg import Track, series
from spc.autocorrelation import ljung_box, warns
from spc.capability import anderson_darling
from spc.guide import Advice, advise
from spc.stuck import standstill
from spc.values import BadInput, Floats, present

READINGS = (
    ("advised", "As the guide proposes"),
    ("i-mr", "Individuals and moving range"),
    ("xbar-r", "Means and ranges"),
    ("xbar-s", "Means and standard deviations"),
    ("run", "Run chart"),
    ("residual", "Residuals of an AR(1) model"),
    ("widened", "Individuals, widened limits"),
)


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
    tracks = tracks_of(inputs, rows, chart, result)
    told = told_of_chart(chart, tracks, result, unit=unit, checks=checks)
    price = () if chart == "widened" else (price_of(inputs.options),)
    return replace(told, lines=(*_first_look(rows, unit), *told.lines, *price))


def tracks_of(inputs: Inputs, rows: Floats, chart: str, result: Result) -> list[Track]:
    """The values of a chart of readings, and below them their spread."""
    unit = unit_of(inputs.one("values"))
    if chart == "residual":
        values: Sequence[float | None] = result["values"]
        return [track_of(with_unit("Residual", unit), values, result, inputs)]
    if rows.ndim == 1 or chart not in ("xbar-r", "xbar-s"):
        x = rows if rows.ndim == 1 else np.nanmax(rows, axis=1)
        tracks = [track_of(with_unit(inputs.column("values").name, unit), _list(x), result, inputs)]
        moves = [None, *_list(np.abs(np.diff(x)))]
        spread = [spread_track(with_unit("Moving range", unit), moves, result, "mr")] if chart == "i-mr" else []
        return [*tracks, *spread]
    with np.errstate(all="ignore"):
        means, deviations = _folded(rows, chart)
    name, key = ("Range", "r") if chart == "xbar-r" else ("Standard deviation", "s")
    return [
        track_of(with_unit("Mean", unit), _list(means), result, inputs, mark="x̿"),
        spread_track(with_unit(name, unit), _list(deviations), result, key),
    ]


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
    return (
        *_moving(x),
        alike,
        check_p(normal, "No strong departure from normal (Anderson-Darling)", level=0.005),
        _many(len(kept)),
    )


def _first_look(rows: Floats, unit: str) -> tuple[str, ...]:
    """What is to be looked at before the chart is believed: a sensor that stood still."""
    found = standstill(rows) if rows.ndim == 1 else None
    if found is None:
        return ()
    value = f"{found.value:g}{' ' if unit else ''}{unit}"
    return (f"Check the sensor first: {found.length} readings in a row, {found.first} to {found.last}, are {value}.",)


def _moving(x: Floats) -> tuple[Check, ...]:
    """Said only when it is broken: a sensor that stood still."""
    found = standstill(x)
    side = f"{found.length} equal, {found.first} to {found.last}" if found else ""
    return (Check("broken", "No reading stands still (stuck sensor)", side),) if found else ()


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
        formulas=FORMULAS["run"],
        reference=reference_of("run"),
        drawing=series([track], sentence=f"Run chart. {headline}"),
    )


READINGS_STUDY = Study(
    key="readings",
    label="Control chart of readings",
    question="Is the process in control?",
    also=("capability", "small-shifts", "trend"),
    roles=(Role(name="values", label="Readings", many=True, hint="Several columns are the readings of a subgroup."),),
    options=(
        Option(name="chart", label="Chart", kind="choice", default="advised", choices=READINGS),
        Option(name="size", label="Subgroup size", default=1, hint="For one column: every so many rows."),
        RULES_OPTION,
        OWN_RULES,
        SPAN,
        EXCLUDE,
        STAGES,
    ),
    case=_readings_case,
    tell=_readings_told,
    settle=_settled,
)
