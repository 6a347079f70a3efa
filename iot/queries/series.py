"""Values, points and signals of a span, as comparisons before and after need them."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from governance.models import Characteristic
from iot.charting.judge import UNCHARTED
from iot.models import Signal, SignalState, Subgroup
from iot.queries.lists import see
from qms.core.actor import Actor

_VALUES = """
select r.value from iot_stored(%s, %s, %s) r where r.flags & %s = 0 and not exists (
  select 1 from iot_exclusion e where e.characteristic_id = %s and e.lifted_at is null
    and r.t between e.first_t and e.last_t)
order by r.t, r.seq
"""


def values_between(characteristic: Characteristic, first: datetime, last: datetime, *, actor: Actor) -> list[float]:
    """The readings from `first` up to `last` in order, without doubtful and excluded ones, in the canonical unit."""
    see(characteristic, actor)
    with connection.cursor() as cursor:
        cursor.execute(_VALUES, [characteristic.parameter_id, first, last, int(UNCHARTED), characteristic.pk])
        return [value for (value,) in cursor.fetchall()]


def points_between(characteristic: Characteristic, first: datetime, last: datetime, *, actor: Actor) -> int:
    """How many points of the chart lie in a span, excluded ones left out."""
    see(characteristic, actor)
    rows = Subgroup.objects.filter(characteristic=characteristic, t__gte=first, t__lt=last)
    return rows.filter(state=Subgroup.State.OK).count()


def signals_between(characteristic: Characteristic, first: datetime, last: datetime, *, actor: Actor) -> int:
    """How many signals began in a span, those withdrawn or excluded left out."""
    see(characteristic, actor)
    rows = Signal.objects.filter(characteristic=characteristic, first_at__gte=first, first_at__lt=last)
    return rows.exclude(state__in=(SignalState.WITHDRAWN, SignalState.EXCLUDED)).count()
