"""Cases of association: correlation of pairs with lags and control columns, and screening of many columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from spc import correlation
from spc.cases.plain import Case, Result, fields, given, needed, plain, section, whole
from spc.screening import lag_search, partial, screen
from spc.values import BadInput


def correlate(case: Case) -> Result:
    """One pair (x, y) with p-values, or several pairs as lists of coefficients."""
    data, options = section(case, "input"), section(case, "options")
    methods = options.get("methods") or options.get("method") or ["pearson"]
    methods = [methods] if isinstance(methods, str) else methods
    data = _flat(data)
    chosen = _columns({name: value for name, value in data.items() if isinstance(value, (list, np.ndarray))})
    known = {
        "pearson": ("pearson", "r", correlation.pearson),
        "spearman": ("spearman", "rho", correlation.spearman),
        "kendall-b": ("kendall_b", "tau", correlation.kendall),
        "kendall": ("kendall_b", "tau", correlation.kendall),
    }
    result: Result = {"reasons": {}}
    for method in methods:
        if method not in known:
            raise BadInput(f"not supported: method {method!r}. Known: {', '.join(known)}.")
        name, symbol, function = known[method]
        found = [function(data[x], data[y]) for x, y in chosen]
        if why := " ".join(dict.fromkeys(c.reason for c in found if c.reason)):
            result["reasons"][name] = why
        single = {symbol: found[0].value, "p": found[0].p, "n": found[0].n}
        result[name] = single if len(found) == 1 else [c.value for c in found]
    if options.get("lags") is not None and len(chosen) == 1:
        most = whole(options, "lags", 0)
        result["lag"] = fields(lag_search(data[chosen[0][0]], data[chosen[0][1]], most=most))
    if isinstance(data.get("control"), Mapping) and len(chosen) == 1:
        result["partial"] = fields(partial(data[chosen[0][0]], data[chosen[0][1]], data["control"]))
    if {"kendall", "kendall-b"} & set(methods) and len(chosen) == 1:
        alike, against = correlation.concordance(data[chosen[0][0]], data[chosen[0][1]])
        result |= {"concordant": alike, "discordant": against}
        result["kendall_b"] |= {"concordant": alike, "discordant": against}
    return result


def _flat(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns by name: pairs given as objects of x and y, or two columns of any name, as x and y too."""
    inner = data.get("pairs") if data.get("pairs") is not None else list(data.values())
    pairs = list(inner.values()) if isinstance(inner, Mapping) else inner
    if (
        isinstance(pairs, list)
        and pairs
        and all(isinstance(pair, Mapping) and {"x", "y"} <= set(pair) for pair in pairs)
    ):
        return {f"{axis}{i}": pair[axis] for i, pair in enumerate(pairs, start=1) for axis in ("x", "y")}
    columns = {name: value for name, value in data.items() if isinstance(value, list)}
    if len(columns) == 2 and not any(re.match(r"[xy]", name) for name in columns):
        return {**data, **dict(zip(("x", "y"), columns.values(), strict=True))}
    return data


def _columns(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pairs: x with y, or each yN with the x whose name holds N (x123 serves y1, y2 and y3)."""
    pairs = []
    for name in data:
        if match := re.fullmatch(r"y(\w*)", name):
            mates = [x for x in data if re.fullmatch(r"x\w*", x) and (x in ("x", f"x{match[1]}") or match[1] in x[1:])]
            if not mates:
                raise BadInput(f"There is no x for {name!r}.")
            pairs.append((f"x{match[1]}" if f"x{match[1]}" in mates else mates[0], name))
    if not pairs:
        raise BadInput("Correlation needs x and y.")
    return pairs


def screening(case: Case) -> Result:
    """Every column against the outcome, false findings held at a level."""
    data, options = section(case, "input"), section(case, "options")
    columns = needed(data, "columns")
    if not isinstance(columns, Mapping):
        raise BadInput("columns must be an object: name -> list of numbers.")
    level = given(options, "level", 0.05)
    found = screen(needed(data, "y"), columns, method=str(options.get("method") or "spearman"), level=level)
    return {"findings": plain(found), "shown": [row.name for row in found if row.shown], "reasons": {}}
