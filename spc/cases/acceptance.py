"""Cases of acceptance sampling: plans by lot and AQL, plans for two risks, curves, lots judged, switching."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spc.cases.plain import Case, Result, fields, figure, needed, plain, section
from spc.sampling import attribute, iso2859, switching, variable
from spc.sampling.attribute import Double, Single
from spc.values import BadInput, numbers


def sampling(case: Case) -> Result:
    """The sampling question that `method` names."""
    data, options = section(case, "input"), section(case, "options")
    method = options.get("method")
    chosen = _METHODS.get(method) if isinstance(method, str) else None
    if chosen is None:
        raise BadInput(f"not supported: sampling method {method!r}. Known: {', '.join(_METHODS)}.")
    return {"reasons": {}} | chosen({**data, **options})


def _number(both: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = figure(both, name, default)
    if value is None:
        raise BadInput(f"input needs {name!r}.")
    return value


def _count(both: Mapping[str, Any], name: str) -> int:
    value = _number(both, name)
    if value != int(value):
        raise BadInput(f"{name} is {value:g}, not a whole number.")
    return int(value)


def _risky(both: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "good": _number(both, "good"),
        "bad": _number(both, "bad"),
        "producer": _number(both, "producer", 0.05),
        "consumer": _number(both, "consumer", 0.10),
    }


def _iso2859(both: Mapping[str, Any]) -> Result:
    level: Any = both.get("level") or "II"
    severity: Any = both.get("severity") or "normal"
    return fields(iso2859.plan(_count(both, "lot"), _number(both, "aql"), level=level, severity=severity))


def _iso3951(both: Mapping[str, Any]) -> Result:
    level: Any = both.get("level") or "II"
    severity: Any = both.get("severity") or "normal"
    spread: Any = both.get("spread") or "s"
    return fields(
        variable.matched(_count(both, "lot"), _number(both, "aql"), level=level, severity=severity, method=spread)
    )


def _plan(both: Mapping[str, Any]) -> Single | Double:
    if both.get("n1") is None:
        return Single(_count(both, "n"), _count(both, "accept"))
    return Double(*(_count(both, name) for name in ("n1", "accept1", "reject1", "n2", "accept2")))


def _curve(both: Mapping[str, Any]) -> Result:
    model: Any = both.get("model") or "binomial"
    if model not in ("binomial", "hypergeometric", "poisson"):
        raise BadInput("The model is 'binomial', 'hypergeometric' or 'poisson'.")
    lot, p = figure(both, "lot"), both.get("p")
    found = attribute.curve(
        _plan(both),
        None if p is None else numbers(p, name="p"),
        model=model,
        lot=None if lot is None else _count(both, "lot"),
    )
    few = "It needs the size of the lot."
    absent = {name: few for name in ("aoq", "ati", "aoql") if getattr(found, name) is None}
    return fields(found) | {"reasons": absent}


def _variable_curve(both: Mapping[str, Any]) -> Result:
    plan = variable.Variable(_count(both, "n"), _number(both, "k"), both.get("spread") or "s")
    p = numbers(needed(both, "p"), name="p")
    return {"p": plain(p), "accepted": plain(variable.accepted(plan, np.asarray(p)))}


def _judged(both: Mapping[str, Any]) -> Result:
    plan = variable.Variable(_count(both, "n"), _number(both, "k"), both.get("spread") or "s")
    ends = {name: figure(both, name) for name in ("lsl", "usl", "sigma")}
    found = variable.judge(needed(both, "x"), plan, **ends)
    sides = {"q_upper": ends["usl"], "q_lower": ends["lsl"]}
    absent = {name: "There is no limit on this side." for name, limit in sides.items() if limit is None}
    flat = dict.fromkeys(("q_upper", "q_lower", "outside", "accepted"), found.reason) if found.reason else {}
    return fields(found) | {"reasons": {**flat, **absent}}


def _switching(both: Mapping[str, Any]) -> Result:
    found = numbers(needed(both, "nonconforming"), name="nonconforming")
    if np.isnan(found).any() or (found < 0).any() or (found != np.floor(found)).any():
        raise BadInput("nonconforming needs a whole number from 0 for each lot.")
    letter = str(both.get("letter") or iso2859.code_letter(_count(both, "lot")))
    start = switching.Switch(severity=both.get("severity") or "normal")
    lots = [switching.Lot(int(count)) for count in found]
    steps = switching.walk(lots, letter=letter, aql=_number(both, "aql"), start=start)
    return {
        "severity": [step.severity for step in steps],
        "accepted": [step.accepted for step in steps],
        "changes": {str(place): step.why for place, step in enumerate(steps, start=1) if step.why},
        "stopped": bool(steps) and steps[-1].after.stopped,
    }


_METHODS: dict[str, Callable[[Mapping[str, Any]], Result]] = {
    "iso-2859-1": _iso2859,
    "iso-3951-1": _iso3951,
    "oc": _curve,
    "oc-variable": _variable_curve,
    "design": lambda both: fields(attribute.design(**_risky(both))),
    "design-variable": lambda both: fields(variable.design(**_risky(both), method=both.get("spread") or "s")),
    "judge-variable": _judged,
    "switching": _switching,
}
