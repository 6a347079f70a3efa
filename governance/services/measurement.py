"""Write parameters and characteristics: names, units, specification limits, chart and rules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from governance import units
from governance.events import CharacteristicChanged
from governance.models import (
    AVERAGED,
    COUNTED,
    MULTIVARIATE,
    SINGLE,
    Characteristic,
    Chart,
    Equipment,
    Level,
    Parameter,
    RuleTarget,
    ValueKind,
)
from governance.queries import design_of, own_as_data, refusal_of_name, rule_set
from governance.services.saving import assign, store
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.events import publish
from qms.core.models import Site
from qms.core.trail import acting
from spc.rules import RULES
from spc.values import BadInput

_MEANS = {Chart.XBAR_R, Chart.XBAR_S}
_EDITABLE = (
    "code", "name", "part", "process", "chart", "subgroup_size", "lsl", "target", "usl", "decimals", "rules",
    "stale_after", "critical", "active", "sequence", "station", "design", "own_rules",
)  # fmt: skip


_measured: list[Callable[[int], bool]] = []


def know_measured(asked: Callable[[int], bool]) -> None:
    """Let the room that keeps readings say whether a parameter has any; called once when the apps are ready."""
    if asked not in _measured:
        _measured.append(asked)


def is_measured(parameter: int) -> bool:
    """Whether readings of a parameter are stored; assumed where no room can say."""
    return not _measured or any(asked(parameter) for asked in _measured)


def add_parameter(
    *, site: Site, path: str, station: Equipment, by: Actor, name: str = "", unit: str = "", kind: str = ValueKind.FLOAT
) -> Parameter:
    """Add a parameter. Raises Invalid for a path outside the naming rule or the site, or a text that is no unit."""
    by.require("parameter.edit", site.pk)
    path = path.strip().lower()
    row = Parameter(site=site, path=path, station=station, name=name.strip(), unit=units.written(unit), kind=kind)
    row.name = row.name or path.rpartition("/")[2].replace("_", " ").capitalize()
    _check_parameter(row)
    with acting(by):
        return store(row)


def edit_parameter(parameter: Parameter, *, by: Actor, **fields: Any) -> Parameter:
    """Change name, station, kind, use, or the unit while nothing was measured in it.

    A unit that means the same may always be written otherwise.
    """
    by.require("parameter.edit", parameter.site_id)
    with acting(by):
        row = Parameter.objects.select_for_update().get(pk=parameter.pk)
        if "unit" in fields:
            fields["unit"] = units.written(fields["unit"])
        kept = row.unit
        changed = assign(row, fields, allowed=("name", "unit", "kind", "station", "active"))
        if "unit" in changed and units.conversion(kept, row.unit) != units.Conversion() and is_measured(row.pk):
            raise Invalid({"unit": ["Readings are stored in this unit already: they would be read as another."]})
        _check_parameter(row)
        return store(row)


def _check_parameter(row: Parameter) -> None:
    errors: dict[str, list[str]] = {}
    if row.path.split("/")[0] != row.site.code.lower() or len(row.path.split("/")) != 5:
        errors["path"] = [f"The path must read {row.site.code.lower()}/area/line/station/parameter."]
    elif refusal := refusal_of_name(row.site_id, RuleTarget.PARAMETER, row.path.rpartition("/")[2]):
        errors["path"] = [refusal]
    if refusal := units.refusal_of(row.unit):
        errors["unit"] = [refusal]
    if row.station.level != Level.STATION or row.station.site_id != row.site_id:
        errors["station"] = ["Choose a station of this site."]
    if errors:
        raise Invalid(errors)


def add_characteristic(*, parameter: Parameter, code: str, name: str, by: Actor, **fields: Any) -> Characteristic:
    """Add a characteristic on a parameter; `fields` are its chart, size, limits of specification, rules and so on.

    Raises Denied, or Invalid by field: limits out of order, a size that does not fit the chart, unknown rules.
    """
    by.require("characteristic.edit", parameter.site_id)
    row = Characteristic(parameter=parameter, site=parameter.site, station=parameter.station)
    assign(row, {"code": code.strip(), "name": name.strip(), **fields}, allowed=_EDITABLE)
    _check_characteristic(row)
    with acting(by):
        return store(row)


def edit_characteristic(
    characteristic: Characteristic, *, by: Actor, reason: str = "", **fields: Any
) -> Characteristic:
    """Change a characteristic; a new chart or size makes the limits in force unfit, so learning starts again."""
    by.require("characteristic.edit", characteristic.site_id)
    with acting(by, reason=reason):
        row = Characteristic.objects.select_for_update().get(pk=characteristic.pk)
        changed = assign(row, fields, allowed=_EDITABLE)
        _check_characteristic(row)
        store(row)
        if changed:
            event = CharacteristicChanged(characteristic=row.pk, site=row.site_id, fields=tuple(changed))
            publish(event, key=f"characteristic:{row.pk}")
        return row


def _check_characteristic(row: Characteristic) -> None:
    errors: dict[str, list[str]] = {}
    if refusal := refusal_of_name(row.site_id, RuleTarget.CHARACTERISTIC, row.code):
        errors["code"] = [refusal]
    if (row.chart in MULTIVARIATE) != (row.parameter.kind == ValueKind.JOINT):
        errors["chart"] = ["T² and MEWMA judge several characteristics together, and nothing else judges those."]
    if refusal := _size_refusal(row):
        errors["subgroup_size"] = [refusal]
    if refusal := _specification_refusal(row):
        errors["lsl"] = [refusal]
    if row.part and row.part.site_id != row.site_id:
        errors["part"] = ["The part belongs to another site."]
    if row.process and row.process.site_id != row.site_id:
        errors["process"] = ["The process belongs to another site."]
    if refusal := _design_refusal(row):
        errors["design"] = [refusal]
    errors |= _rules_refusals(row)
    if errors:
        raise Invalid(errors)


def _rules_refusals(row: Characteristic) -> dict[str, list[str]]:
    """Why a rule set cannot be; own rules that are sound are stored in one form."""
    if unknown := [name for name in row.rules if name not in RULES]:
        return {"rules": [f"There is no rule {', '.join(unknown)}. Known rules: {', '.join(RULES)}."]}
    if not row.rules and not row.own_rules:
        return {"rules": ["Pick at least one rule, or write one of your own."]}
    try:
        rules = rule_set(row.rules, row.own_rules)
    except BadInput as problem:
        return {"own_rules": [str(problem)]}
    row.own_rules = [own_as_data(rule) for rule in rules if rule.name not in RULES]
    return {}


def _size_refusal(row: Characteristic) -> str:
    if row.chart in _MEANS and not 2 <= row.subgroup_size <= 100:
        return "A chart of means needs 2 to 100 values in a subgroup; use I-MR for single values."
    if row.chart in SINGLE and row.subgroup_size != 1:
        return "A chart of single values has a subgroup size of 1."
    if row.chart in COUNTED and row.parameter.kind == ValueKind.FLOAT:
        return "p, np, c, u and g charts count; the parameter carries measured values."
    if row.chart in AVERAGED - _MEANS and (row.subgroup_size > 100 or row.parameter.kind == ValueKind.BOOL):
        return "EWMA, CUSUM and moving average take measured values, one or the mean of up to 100 at a time."
    if row.chart in SINGLE - COUNTED and row.parameter.kind == ValueKind.BOOL:
        return "This chart takes measured values; use p or u for yes-or-no results."
    return ""


def _design_refusal(row: Characteristic) -> str:
    """Why the design of a chart with a memory cannot be; what belongs to another chart is kept and says nothing."""
    try:
        design_of(row.chart, row.design)
    except (BadInput, TypeError, AttributeError) as problem:
        return str(problem) if isinstance(problem, BadInput) else "A design is an object of numbers by name."
    return ""


def _specification_refusal(row: Characteristic) -> str:
    limits = [value for value in (row.lsl, row.target, row.usl) if value is not None]
    if not all(math.isfinite(value) for value in limits):
        return "Limits of specification must be numbers."
    if limits != sorted(limits) or (row.lsl is not None and row.lsl == row.usl):
        return "The limits of specification must rise: lower limit, target, upper limit."
    return ""
