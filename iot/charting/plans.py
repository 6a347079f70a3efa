"""Read the plans of characteristics, with the limits that are in force or were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from governance.models import MEMORY, Characteristic
from governance.queries import design_of
from iot.charting.plan import Limits, Plan
from iot.models import ControlLimits


def plans(*, only: Iterable[int] | None = None) -> list[Plan]:
    """The plans of all active characteristics, or of those named; two queries. Needs an act or a reading."""
    wanted = Characteristic.objects.select_related("parameter")
    wanted = wanted.filter(active=True) if only is None else wanted.filter(pk__in=list(only))
    rows = list(wanted)
    limits = _limits([row.pk for row in rows])
    return [_plan(row, limits[row.pk]) for row in rows]


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


def _plan(row: Characteristic, limits: list[ControlLimits]) -> Plan:
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
        rules=tuple(row.rules),
        limits=tuple(_as_limits(one) for one in fitting),
    )


def fits(limits: ControlLimits, row: Characteristic) -> bool:
    """Whether a version of limits belongs to the chart as it is now."""
    if (limits.chart, limits.size) != (row.chart, row.subgroup_size):
        return False
    return row.chart not in MEMORY or design_of(row.chart, limits.design) == design_of(row.chart, row.design)


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
    )
