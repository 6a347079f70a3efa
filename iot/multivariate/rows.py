"""What the judge of vectors reads from the database and writes to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min

from governance.models import MULTIVARIATE, Characteristic
from governance.queries import members_of_all, pairing_of
from iot.charting.judge import UNCHARTED
from iot.charting.plans import plans
from iot.models import Signal, SignalState, Subgroup, VectorGap, VectorPoint
from iot.multivariate.course import Group, Judged, Memory
from iot.multivariate.forming import Heard, Missed, Vector
from iot.storage.pieces import kept_since
from spc.joint import Learned, Smoothed, learn_step

_HEARD = """
select r.t, m.place - 1, r.seq, r.value, coalesce(r.serial, ''), coalesce(r.lot, '')
from unnest(%s::bigint[]) with ordinality m(parameter, place) cross join lateral (
  select t, seq, value, serial, lot from iot_stored(m.parameter::integer, %s, 'infinity') where flags & %s = 0) r
"""
_PAST = """
insert into iot_vectornote (characteristic_id, since)
select %s, max(o.t) from governance_characteristic c
cross join lateral jsonb_array_elements_text(c.design -> 'members') m(id)
join governance_characteristic x on x.id = m.id::bigint
cross join lateral (select min(n.t) t from (
  (select t from iot_reading where parameter_id = x.parameter_id order by t desc limit %s) union all
  (select first_t from iot_piece where parameter_id = x.parameter_id order by first_t desc limit %s)
  order by 1 desc limit %s) n) o
where c.id = %s having max(o.t) is not null
"""
_PAST_READINGS = 1_000  # of each member
# most plants judge few characteristics together, so a batch asks first whether any of its parameters is one of them
_MEMBERS = """
select distinct x.parameter_id from governance_characteristic c
cross join lateral jsonb_array_elements_text(c.design -> 'members') m(id)
join governance_characteristic x on x.id = m.id::bigint where c.chart in ('t2', 'mewma') and c.active
"""
_NOTE = """
insert into iot_vectornote (characteristic_id, since)
select c.id, min(h.t) from governance_characteristic c
cross join lateral jsonb_array_elements_text(c.design -> 'members') m(id)
join governance_characteristic x on x.id = m.id::bigint
join unnest(%s::bigint[], %s::timestamptz[]) h(parameter, t) on h.parameter = x.parameter_id
where c.chart in ('t2', 'mewma') and c.active group by c.id returning characteristic_id
"""


def groups(ids: Sequence[int]) -> Mapping[int, Group]:
    """The multivariate characteristics among these that are in use."""
    found = Characteristic.objects.filter(pk__in=ids, chart__in=MULTIVARIATE, active=True)
    rows, planned = list(found), {plan.id: plan for plan in plans(only=ids)}
    members = members_of_all(rows)
    return {row.pk: Group(planned[row.pk], tuple(members[row.pk]), pairing_of(row.design)) for row in rows}


def members() -> list[int]:
    """The parameters that are judged together with others."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS)
        return [pk for (pk,) in cursor.fetchall()]


def note(earliest: Mapping[int, datetime]) -> list[int]:
    """Note that readings were stored, parameter -> earliest of them; the charts of vectors they belong to."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [list(earliest), list(earliest.values())])
        return sorted(pk for (pk,) in cursor.fetchall())


def note_past(characteristic: int) -> None:
    """Note the newest readings that were stored before a chart of vectors was made."""
    with connection.cursor() as cursor:
        cursor.execute(_PAST, [characteristic, *[_PAST_READINGS] * 3, characteristic])


def take_notes(characteristic: int) -> datetime | None:
    """The earliest reading that waits, and forget the notes; under the lock of the chart's state."""
    with connection.cursor() as cursor:
        cursor.execute("delete from iot_vectornote where characteristic_id = %s returning since", [characteristic])
        return min((since for (since,) in cursor.fetchall()), default=None)


def heard_from(group: Group, since: datetime) -> Iterator[Heard]:
    """The stored readings of the members from a moment on."""
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, [[row.parameter_id for row in group.members], since, int(UNCHARTED)])
        for row in cursor.fetchall():
            yield Heard(*row)


def past_what_is_gone(group: Group, since: datetime) -> datetime:
    """Not before what is kept of the members, and behind the vectors that reach over its beginning."""
    gone = kept_since(row.parameter_id for row in group.members)
    if gone is None or since >= gone:
        return since
    over = Subgroup.objects.filter(characteristic=group.plan.id, first_t__lt=gone, t__gte=gone).aggregate(t=Max("t"))
    return over["t"] + timedelta(microseconds=1) if over["t"] else gone


def clean_start(characteristic: int, since: datetime, *, begun: int) -> datetime:
    """The latest moment up to `since` that no vector reaches over, whole or not."""
    while True:
        points = Subgroup.objects.filter(characteristic=characteristic, n__gte=begun, t__gte=since)
        gaps = VectorGap.objects.filter(characteristic=characteristic, until__gte=since)
        firsts = [rows.aggregate(first=Min("first_t"))["first"] for rows in (points, gaps)]
        earliest = min((first for first in firsts if first is not None), default=since)
        if earliest >= since:
            return since
        since = earliest


def points_from(characteristic: int, *, n: int, t: datetime | None = None) -> list[tuple[int, Vector]]:
    """The stored points from number `n` on (and from time `t` on) as vectors."""
    rows = Subgroup.objects.filter(characteristic=characteristic, n__gte=n)
    rows = rows.filter(t__gte=t) if t else rows
    columns = rows.order_by("n").values_list("n", "t", "first_t", "values", "vector__serial", "lot")
    return [
        (number, Vector(at, first, values, serial or "", lot)) for number, at, first, values, serial, lot in columns
    ]


def memory_before(characteristic: int, n: int, *, begun: int) -> Memory:
    """What point `n` follows on, made anew from the points before it."""
    if n <= begun:
        return Memory()
    before = Subgroup.objects.select_related("vector").get(characteristic=characteristic, n=n - 1)
    kept = before.vector
    return Memory(before.limits_id, Smoothed(tuple(kept.smooth), kept.smoothed), _learned(characteristic, n, begun))


def _learned(characteristic: int, n: int, begun: int) -> Learned:
    rows = Subgroup.objects.filter(characteristic=characteristic, n__gte=begun, n__lt=n, limits=None).order_by("n")
    seen = Learned()
    for values in rows.values_list("values", flat=True):
        seen, _ = learn_step(seen, values)
    return seen


def first_touched(characteristic: int, n: int) -> int:
    """The first point of the signals that reach to point `n` or beyond, or `n` itself."""
    standing = Signal.objects.filter(characteristic=characteristic, last_point__gte=n)
    first = standing.exclude(state=SignalState.WITHDRAWN).aggregate(first=Min("first_point"))["first"]
    return n if first is None else min(n, first)


def write_vectors(judged: Sequence[Judged], ids: Mapping[int, int]) -> None:
    """What belongs to the points beside their values, in place of what was there."""
    VectorPoint.objects.filter(pk__in=[ids[one.point.n] for one in judged]).delete()
    VectorPoint.objects.bulk_create(
        VectorPoint(
            point_id=ids[one.point.n], serial=one.serial, smooth=list(one.smoothed.values), smoothed=one.smoothed.count,
            contributions=list(one.distance.contributions) if one.distance else [],
            deviations=list(one.distance.deviations) if one.distance else [],
        )
        for one in judged
    )  # fmt: skip


def write_gaps(group: Group, since: datetime, missed: Sequence[Missed]) -> None:
    """What did not become whole from a moment on, in place of what was known of it; what is known already stays."""
    wanted = {_gap(group, gap): gap for gap in missed}
    known = VectorGap.objects.filter(characteristic=group.plan.id, first_t__gte=since)
    rows = known.values_list("id", "first_t", "until", "serial", "have")
    standing = {(first, until, serial, tuple(have)): pk for pk, first, until, serial, have in rows}
    if gone := [pk for key, pk in standing.items() if key not in wanted]:
        VectorGap.objects.filter(pk__in=gone).delete()
    VectorGap.objects.bulk_create(
        VectorGap(
            characteristic_id=group.plan.id, first_t=gap.first_t, until=gap.until, serial=gap.serial,
            have=list(key[3]), reason=_reason(group, gap),
        )
        for key, gap in wanted.items() if key not in standing
    )  # fmt: skip


def _gap(group: Group, gap: Missed) -> tuple[datetime, datetime, str, tuple[int, ...]]:
    """What tells one missing vector from another."""
    return gap.first_t, gap.until, gap.serial, tuple(group.members[at].pk for at in gap.have)


def _reason(group: Group, gap: Missed) -> str:
    absent = [row.name for at, row in enumerate(group.members) if at not in gap.have]
    named = ", ".join(absent) if len(absent) <= 4 else f"{', '.join(absent[:3])} and {len(absent) - 3} more"
    wait = timedelta(seconds=group.pairing.wait).total_seconds()
    why = "the next one began before it came" if gap.again else f"nothing within {wait:g} s"
    return f"{named} missing: {why}"[:300]
