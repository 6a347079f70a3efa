"""Cases of inference: hypothesis tests with power, analysis of variance, regression, and figures of groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spc import figures, hypotheses, power, proportions
from spc.anova import Variance, one_way, two_way
from spc.cases import association
from spc.cases.plain import Case, Result, fields, figure, given, needed, section, whole
from spc.regression import regression
from spc.values import BadInput, number, numbers


def _groups(data: Mapping[str, Any]) -> dict[str, Any]:
    """The groups of a case: {"groups": {name: values}}, or the named lists of the input itself."""
    groups = data.get("groups")
    if isinstance(groups, Mapping):
        return dict(groups)
    named = {name: values for name, values in data.items() if isinstance(values, list)}
    if not named:
        raise BadInput("input needs groups: name -> list of numbers.")
    return named


def _events(data: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Pairs (events, n) of the counts and sizes of a case."""
    counts, sizes = needed(data, "counts"), needed(data, "sizes")
    if not isinstance(counts, list) or not isinstance(sizes, list) or len(counts) != len(sizes):
        raise BadInput("counts and sizes must be lists of the same length.")
    events = [_whole_count(value, f"counts, entry {i}") for i, value in enumerate(counts, start=1)]
    exposures = [int(size) if size == size // 1 else size for size in numbers(sizes, name="sizes").tolist()]
    return list(zip(events, exposures, strict=True))


def _whole_count(value: Any, where: str) -> int:
    found = number(value, where=where)
    if found != found // 1:  # NaN is not equal to itself
        raise BadInput(f"{where} is {value!r}: events are counted in whole numbers.")
    return int(found)


_NO_INTERVAL = "This test has no interval."
_NO_FREEDOM = "The statistic of this test has no degrees of freedom."
_NO_ESTIMATE = "This test estimates no single figure from so few values."


def hypothesis(case: Case) -> Result:
    """The test that `method` names."""
    data, options = section(case, "input"), section(case, "options")
    method = options.get("method")
    chosen = _TESTS.get(method) if isinstance(method, str) else None
    if chosen is None:
        raise BadInput(f"not supported: test {method!r}. Known: {', '.join(_TESTS)}.")
    found = chosen(data, options)
    reasons = {"ci": _NO_INTERVAL, "df": _NO_FREEDOM, "estimate": _NO_ESTIMATE}
    if found.reason and found.p is None:  # with a p it is a remark on the test
        reasons = dict.fromkeys(("p", "statistic", *reasons), found.reason)
    return fields(found) | {"reasons": {name: why for name, why in reasons.items() if getattr(found, name) is None}}


def _shared(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "side": options.get("side") or "two-sided",
        "confidence": given(options, "confidence", 0.95),
    }


def _one(data: Mapping[str, Any], options: Mapping[str, Any]) -> hypotheses.Comparison:
    return hypotheses.t_one(needed(data, "x"), mean=given(options, "mean", 0.0), **_shared(options))


def _two(data: Mapping[str, Any], options: Mapping[str, Any]) -> hypotheses.Comparison:
    equal = options.get("method") == "t"
    return hypotheses.t_two(needed(data, "x"), needed(data, "y"), equal=equal, **_shared(options))


def _proportion(data: Mapping[str, Any], options: Mapping[str, Any]) -> hypotheses.Comparison:
    pairs, confidence = _events(data), given(options, "confidence", 0.95)
    if len(pairs) == 1:
        share = figure(options, "share", 0.5)
        return proportions.proportion_one(*pairs[0], share=0.5 if share is None else share, confidence=confidence)
    if len(pairs) == 2:
        return proportions.proportion_two(pairs[0], pairs[1], confidence=confidence)
    return proportions.chi_square([[events, n - events] for events, n in pairs])


def _rate(data: Mapping[str, Any], options: Mapping[str, Any]) -> hypotheses.Comparison:
    pairs = _events(data)
    if len(pairs) != 2:
        raise BadInput("A comparison of rates needs two counts with their exposure.")
    return proportions.rate_two(pairs[0], pairs[1], confidence=given(options, "confidence", 0.95))


def _sigma(data: Mapping[str, Any], options: Mapping[str, Any]) -> hypotheses.Comparison:
    sigma = figure({**data, **options}, "sigma")
    if sigma is None:
        return hypotheses.variances(list(_groups(data).values()))
    return hypotheses.variance_one(needed(data, "x"), sigma=sigma)


_TESTS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], hypotheses.Comparison]] = {
    "one-sample t": _one,
    "t": _two,
    "welch": _two,
    "paired": lambda data, options: hypotheses.t_paired(needed(data, "x"), needed(data, "y"), **_shared(options)),
    "mann-whitney": lambda data, options: hypotheses.mann_whitney(
        needed(data, "x"), needed(data, "y"), side=options.get("side") or "two-sided"
    ),
    "kruskal": lambda data, _: hypotheses.kruskal(list(_groups(data).values())),
    "variances": _sigma,
    "proportions": _proportion,
    "rates": _rate,
    "chi-square": lambda data, _: proportions.chi_square(needed(data, "counts")),
}


def strength(case: Case) -> Result:
    """Power for n, or the sample size for a power, of the test that `method` names."""
    data, options = section(case, "input"), section(case, "options")
    both = {**data, **options}
    of = _POWERS.get(str(options.get("method") or "mean"))
    if of is None:
        raise BadInput(f"not supported: power of {options.get('method')!r}. Known: {', '.join(_POWERS)}.")
    named = {
        name: value
        for name in both
        if name not in ("method", "n", "power") and (value := figure(both, name)) is not None
    }
    if both.get("n") is not None:
        n = whole(both, "n", 0)
        return {"n": n, "power": of(n, named), "reasons": {}}
    size = power.sample_size(lambda count: of(count, named), power=given(both, "power", 0.8))
    return {"n": size, "power": of(size, named), "reasons": {}}


def _part(named: Mapping[str, float], name: str) -> float:
    if not named.get(name):
        raise BadInput(f"option {name} is needed, above 0.")
    return named[name]


_POWERS: dict[str, Callable[[int, Mapping[str, float]], float]] = {
    "mean": lambda n, g: power.power_mean(
        n,
        difference=_part(g, "difference"),
        sigma=_part(g, "sigma"),
        alpha=g.get("alpha", 0.05),
        samples=int(g.get("samples", 2)),
    ),
    "proportions": lambda n, g: power.power_proportions(
        n, first=_part(g, "first"), second=_part(g, "second"), alpha=g.get("alpha", 0.05)
    ),
    "anova": lambda n, g: power.power_anova(
        n, groups=int(_part(g, "groups")), effect=_part(g, "effect"), alpha=g.get("alpha", 0.05)
    ),
    "variances": lambda n, g: power.power_variances(n, ratio=_part(g, "ratio"), alpha=g.get("alpha", 0.05)),
}


def variance(case: Case) -> Result:
    """One-way (groups) or two-way (cells) analysis of variance."""
    data = section(case, "input")
    cells = data.get("cells")
    if cells is None:
        return _described(one_way(_groups(data)))
    if not isinstance(cells, Mapping) or not all(isinstance(row, Mapping) for row in cells.values()):
        raise BadInput("cells must be an object of objects: level -> level -> list of numbers.")
    return _described(two_way(cells))


def _described(found: Variance) -> Result:
    alike = {"p": found.reasons["f"]} if "f" in found.reasons else {}
    assumed = {name: _ASSUMED for name in ("normality_p", "equal_variance_p") if getattr(found, name) is None}
    reasons = {**found.reasons, **alike, **assumed, **_TABLE}
    return fields(found) | {"table": {line.name: fields(line) for line in found.table}, "reasons": reasons}


_ASSUMED = "The check of this assumption needs more readings that vary within their groups, or does not belong here."
_COMPARED = "The other lines are compared with the residual; it is compared with nothing."
_SUM = "The total is the sum of the lines: it is no mean square and has no test."
_TABLE = {
    **dict.fromkeys(("table.residual.f", "table.residual.p"), _COMPARED),
    **dict.fromkeys(("table.total.ms", "table.total.f", "table.total.p"), _SUM),
}


def fitted(case: Case) -> Result:
    """Least squares of y on the other columns."""
    data, options = section(case, "input"), section(case, "options")
    columns = data.get("columns")
    causes = columns if isinstance(columns, Mapping) else {k: v for k, v in data.items() if k != "y"}
    found = regression(needed(data, "y"), causes, confidence=given(options, "confidence", 0.95))
    result = fields(found) | {"terms": {term.name: fields(term) for term in found.terms}}
    absent = {name: "The fit is exact, or y does not vary." for name, value in result.items() if value is None}
    absent["terms.constant.vif"] = "The constant is no cause: it inflates nothing."
    return result | {"reasons": absent}


def box(case: Case) -> Result:
    """Box figures of every group."""
    found = figures.boxes(_groups(section(case, "input")))
    return {**{name: fields(one) for name, one in found.items()}, "reasons": {}}


def multi_vari(case: Case) -> Result:
    """Nested means and shares of variation."""
    data = section(case, "input")
    factors = needed(data, "factors")
    if not isinstance(factors, Mapping):
        raise BadInput("factors must be an object: name -> list of levels, the outermost first.")
    return fields(figures.multi_vari(needed(data, "x"), factors)) | {"reasons": {}}


KINDS: dict[str, Callable[[Case], Result]] = {
    "hypothesis": hypothesis,
    "power": strength,
    "anova": variance,
    "regression": fitted,
    "screening": association.screening,
    "box": box,
    "multi-vari": multi_vari,
}
