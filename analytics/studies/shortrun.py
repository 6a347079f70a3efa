"""Short production runs: several products on one chart, as deviations from nominal or standardised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analytics.studies.anatomy import Check, Grid, Inputs, Option, Result, Role, Study, Told, unit_of, with_unit
from analytics.studies.plotting import OWN_RULES, RULES_OPTION, marks_of, price_of, rules_of, told_of_chart
from qms.web.svg import Track
from spc import estimators
from spc.values import BadInput, Floats, present

SCALES = (("deviation", "Deviation from nominal"), ("standardised", "Standardised by the product's sigma"))


def _products(inputs: Inputs, count: int) -> list[str]:
    column = inputs.one("product")
    levels = [""] * count if column is None else column.levels()
    if len(levels) != count:
        raise BadInput("The columns must be equally long.")
    return levels


def _by_row(inputs: Inputs, role: str, figure: Mapping[str, float], products: list[str]) -> Floats:
    """One figure for each row: of its own column, else of its product."""
    column = inputs.one(role)
    if column is None:
        return np.array([figure[product] for product in products])
    found = column.measured()
    if len(found) != len(products):
        raise BadInput("The columns must be equally long.")
    if np.isnan(found).any():
        raise BadInput(f"Row {int(np.flatnonzero(np.isnan(found))[0]) + 1}, column {column.name}: complete it.")
    return found


def _nominals(inputs: Inputs, x: Floats, products: list[str]) -> dict[str, float]:
    """The nominal of each product: the one given, else the mean of its own values."""
    given = inputs.options.get("nominal")
    if given is not None and len(set(products)) > 1 and inputs.one("nominal") is None:
        raise BadInput("Products differ in their nominal: choose its column, or leave it empty for the product's mean.")
    kinds, known = np.array(products), dict[str, float]()
    for product in dict.fromkeys(products):
        kept = present(x[kinds == product])
        if given is None and not len(kept):
            raise BadInput(f"Product {product or 'without a name'} has no value.")
        known[product] = float(given) if given is not None else float(kept.mean())
    return known


def _sigmas(x: Floats, products: list[str]) -> dict[str, float]:
    """The sigma of each product, by the moving ranges of its own values."""
    kinds, known = np.array(products), dict[str, float]()
    for product in dict.fromkeys(products):
        found = estimators.mean_moving_range(estimators.moving_ranges(x[kinds == product]))
        if not found > 0:
            raise BadInput(f"Product {product or 'without a name'} gives no sigma: it needs two values that differ.")
        known[product] = found
    return known


def _case(inputs: Inputs) -> Mapping[str, Any]:
    x = inputs.measured("x")
    products = _products(inputs, len(x))
    nominal = {} if inputs.one("nominal") else _nominals(inputs, x, products)
    data: dict[str, Any] = {"x": x, "nominal": _by_row(inputs, "nominal", nominal, products)}
    if inputs.options.get("scale") == "standardised":
        sigma = {} if inputs.one("sigma") else _sigmas(x, products)
        data["sigma"] = _by_row(inputs, "sigma", sigma, products)
    return {"kind": "chart", "input": data, "options": {"chart": "short-run", "rules": rules_of(inputs.options)}}


def _told(inputs: Inputs, result: Result) -> Told:
    unit, x = unit_of(inputs.one("x")), inputs.measured("x")
    scaled = inputs.options.get("scale") == "standardised"
    products = _products(inputs, len(x))
    shown = {**result, "violations": {k: v for k, v in result["violations"].items() if k != "beyond"}}
    track = Track(
        title="Standardised deviation" if scaled else with_unit("Deviation from nominal", unit),
        values=result["values"], center=result["center"], ucl=result["ucl"], lcl=result["lcl"],
        marks=marks_of(shown["violations"]), center_mark="0",
    )  # fmt: skip
    told = told_of_chart(
        "short-run", [track], shown, unit="" if scaled else unit, checks=_checks(x, products, scaled=scaled)
    )
    kinds = np.array(products)
    rows = tuple(
        (product or "all", len(kept), float(kept.mean()) if len(kept) else None,
         float(kept.std(ddof=1)) if len(kept) > 1 else None)
        for product in dict.fromkeys(products)
        for kept in [present(x[kinds == product])]
    )  # fmt: skip
    grid = Grid("Products", ("Product", "n", with_unit("Mean", unit), with_unit("Std dev", unit)), rows[:200])
    return Told(**{**vars(told), "lines": (*told.lines, price_of(inputs.options)), "grids": (*told.grids, grid)})


def _checks(x: Floats, products: list[str], *, scaled: bool) -> tuple[Check, ...]:
    count = len(present(x))
    many = Check("met" if count >= 25 else "broken", "At least 25 points set the limits", f"n {count:,}")
    kinds = np.array(products)
    spreads = [float(kept.std(ddof=1)) for product in set(products) if len(kept := present(x[kinds == product])) > 1]
    if scaled or len(spreads) < 2 or min(spreads) == 0:
        return (many,)
    ratio = max(spreads) / min(spreads)
    words = "Products spread alike, so that deviations may share limits"
    return (many, Check("met" if ratio < 1.5 else "broken", words, f"ratio {ratio:.2f}"))


SHORT_RUN_STUDY = Study(
    key="short-run",
    label="Short runs of several products",
    question="Is the process in control, whatever it makes?",
    also=("readings", "capability"),
    roles=(
        Role(name="x", label="Readings"),
        Role(name="product", label="Product", kind="any", needed=False, eager=True),
        Role(name="nominal", label="Nominal of each row", needed=False, hint="Empty: below, else the product's mean."),
        Role(name="sigma", label="Sigma of each row", needed=False, hint="Empty: moving ranges of each product."),
    ),
    options=(
        Option(name="scale", label="Shown as", kind="choice", default="deviation", choices=SCALES),
        Option(name="nominal", label="Nominal", hint="One for all products; empty: each product's mean."),
        RULES_OPTION,
        OWN_RULES,
    ),
    case=_case,
    tell=_told,
)
