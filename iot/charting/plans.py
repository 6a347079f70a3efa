"""Read the plans of characteristics, with the limits that are in force or were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Q

from governance.models import SHORT_RUNS, Characteristic
from governance.queries import kept_design, rule_set
from iot.charting.plan import Limits, Plan, Run
from iot.models import ControlLimits, ProductionRun
from spc.rules import Rule


def plans(*, only: Iterable[int] | None = None) -> list[Plan]:
    """The plans of all active characteristics, or of those named; three queries. Needs an act or a reading."""
    wanted = Characteristic.objects.select_related("parameter")
    wanted = wanted.filter(active=True) if only is None else wanted.filter(pk__in=list(only))
    rows = list(wanted)
    limits, runs = _limits([row.pk for row in rows]), runs_of([row for row in rows if row.chart in SHORT_RUNS])
    return [_plan(row, limits[row.pk], runs[row.pk]) for row in rows]


def plan_of(characteristic: Characteristic | int) -> Plan:
    """The plan of one characteristic."""
    pk = characteristic if isinstance(characteristic, int) else characteristic.pk
    return plans(only=[pk])[0]


def _limits(ids: list[int]) -> dict[int, list[ControlLimits]]:
    released = ControlLimits.objects.filter(
        Q(state__in=("in_force", "superseded")), characteristic_id__in=ids, effective_from__isnull=False
    )
    found: dict[int, list[ControlLimits]] = defaultdict(list)
    for row in released.order_by("effective_from", "revision"):
        found[row.characteristic_id].append(row)
    return found


def runs_of(rows: Iterable[Characteristic]) -> Mapping[int, list[Run]]:
    """The parts in production at charts of short runs, in order of time."""
    found: dict[int, list[Run]] = defaultdict(list)
    if ids := [row.pk for row in rows]:
        for one in ProductionRun.objects.filter(characteristic_id__in=ids).order_by("begins_at", "pk"):
            found[one.characteristic_id].append(Run(one.begins_at, one.part, one.nominal, one.sigma))
    return found


def _plan(row: Characteristic, limits: list[ControlLimits], runs: list[Run]) -> Plan:
    """Limits for another chart, size or design do not fit: until new ones are released the chart is learning."""
    fitting = [one for one in limits if fits(one, row)]
    return Plan(
        id=row.pk,
        site=row.site_id,
        parameter=row.parameter_id,
        code=row.code,
        name=row.name,
        chart=row.chart,
        size=row.subgroup_size,
        kind=row.parameter.kind,
        decimals=row.decimals,
        rules=rule_set(row.rules, row.own_rules),
        limits=tuple(_as_limits(one) for one in fitting),
        runs=tuple(runs),
    )


def rules_of_version(limits: ControlLimits) -> tuple[Rule, ...]:
    """The rule set signed with a version of limits; none for one from before sets were signed."""
    names = [one for one in limits.rules if isinstance(one, str)]
    return rule_set(names, [one for one in limits.rules if not isinstance(one, str)])


def fits(limits: ControlLimits, row: Characteristic) -> bool:
    """Whether a version of limits belongs to the chart as it is now."""
    if (limits.chart, limits.size) != (row.chart, row.subgroup_size):
        return False
    return kept_design(row.chart, limits.design) == kept_design(row.chart, row.design)


def _as_limits(row: ControlLimits) -> Limits:
    if row.effective_from is None:
        raise ValueError(f"{row.number} is in force without a date.")
    return Limits(
        id=row.pk,
        effective_from=row.effective_from,
        revision=row.revision,
        center=row.center,
        sigma=row.sigma,
        ucl=row.ucl,
        lcl=row.lcl,
        spread_ucl=row.spread_ucl,
        spread_lcl=row.spread_lcl,
        design=row.design,
        rules=rules_of_version(row),
    )
