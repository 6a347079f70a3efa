"""Drop what a retention class lets go of, parameter by parameter; nothing goes whose roll-ups do not hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from governance.models import Parameter
from iot.models import RetentionClass, RetentionMark
from iot.storage.pieces import alone

# what a mark tells of, and the width of the roll-ups
FORMS = {"raw": 0, "minute": 60, "ten_minute": 600, "hour": 3_600}
# a day of readings goes when its hours, or itself once the hours are gone, count every one of them and none is marked
_DAYS = """
with wanted as (select p, before from unnest(%s::int[], %s::timestamptz[]) u(p, before)),
stored as (
  select p, d, sum(n)::bigint n, sum(packed)::bigint packed from (
    select w.p, date_bin('1 day', r.t, '2000-01-01Z') d, 1 n, 0 packed
      from wanted w join iot_reading r on r.parameter_id = w.p and r.t < w.before
    union all select w.p, date_bin('1 day', c.first_t, '2000-01-01Z'), c.n, c.n
      from wanted w join iot_piece c on c.parameter_id = w.p and c.first_t < w.before) x group by p, d),
held as (
  select w.p, date_bin('1 day', r.bucket, '2000-01-01Z') d, sum(r.n + r.aside) n
  from wanted w join iot_rollup r on r.parameter_id = w.p and r.width = 3600 and r.bucket < w.before group by 1, 2),
waiting as (select distinct w.p, date_bin('1 day', m.bucket, '2000-01-01Z') d
  from wanted w join iot_rollupmark m on m.parameter_id = w.p and m.width = 3600 and m.bucket < w.before)
select p, d, s.n, s.packed, coalesce(h.n, 0) = s.n and a.p is null
from stored s left join held h using (p, d) left join waiting a using (p, d) order by p, d
"""
_DROP_ROWS = """
delete from iot_reading r using unnest(%s::timestamptz[]) u(d)
where r.parameter_id = %s and r.t >= u.d and r.t < u.d + interval '1 day' and r.t >= %s and r.t < %s
"""
_DROP_PIECES = """
delete from iot_piece c using unnest(%s::timestamptz[]) u(d)
where c.parameter_id = %s and c.first_t >= u.d and c.first_t < u.d + interval '1 day'
"""
_NARROW = """
with hours as (update iot_rollup set finest = %(next)s where parameter_id = %(p)s and width = 3600
  and bucket < %(before)s and finest <= %(width)s returning bucket)
delete from iot_rollup r using hours h where r.parameter_id = %(p)s and r.width = %(width)s
  and r.bucket >= h.bucket and r.bucket < h.bucket + interval '1 hour'
"""
# hours go with their day only: it has to count what they count, and nothing of it may wait to be made anew
_HOURS = """
delete from iot_rollup r using (
  select d.bucket from iot_rollup d where d.parameter_id = %(p)s and d.width = 86400 and d.bucket < %(before)s
  and d.n + d.aside = (select sum(h.n + h.aside) from iot_rollup h where h.parameter_id = %(p)s and h.width = 3600
    and h.bucket >= d.bucket and h.bucket < d.bucket + interval '1 day')
  and not exists (select 1 from iot_rollupmark m where m.parameter_id = %(p)s
    and m.bucket >= d.bucket and m.bucket < d.bucket + interval '1 day')
  and not exists (select 1 from iot_stored(%(p)s, d.bucket, d.bucket + interval '1 day'))) d
where r.parameter_id = %(p)s and r.width < 86400 and r.bucket >= d.bucket and r.bucket < d.bucket + interval '1 day'
"""
_NEXT = {60: 600, 600: 3_600}


@dataclass(frozen=True)
class Limits:
    """Up to when something of a parameter is let go of; None: kept for good."""

    parameter: int
    before: dict[str, datetime] = field(default_factory=dict)  # form -> midnight


@dataclass(frozen=True)
class Due:
    """A day of a parameter beyond its limit; `held`: its roll-ups count every reading."""

    parameter: int
    day: datetime
    readings: int
    packed: int
    held: bool


@dataclass
class Dropped:
    """What went, or would go."""

    parameters: int = 0
    days: int = 0
    readings: int = 0
    rollups: int = 0
    held_back: int = 0

    def add(self, other: Dropped) -> None:
        """Take the sums of another along."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def limits_at(now: datetime, *, only: int | None = None) -> list[Limits]:
    """The limits of every parameter that has any: by its own class, or the one that holds by default; no held ones.

    `only`: of this parameter.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    default = RetentionClass.objects.filter(is_default=True).first()
    rows = Parameter.objects.select_related("retention__retention_class").exclude(retention__hold=True)
    if only is not None:
        rows = rows.filter(pk=only)
    if default is None:
        rows = rows.exclude(Q(retention=None) | Q(retention__retention_class=None))
    found = []
    for row in rows.order_by("pk"):
        own = getattr(row, "retention", None)
        chosen = own.retention_class if own and own.retention_class else default
        if chosen is not None and (before := _before(chosen, midnight)):
            found.append(Limits(row.pk, before))
    return found


def _before(chosen: RetentionClass, midnight: datetime) -> dict[str, datetime]:
    days = {form: getattr(chosen, f"{form}_days") for form in FORMS}
    return {form: midnight - timedelta(days=count) for form, count in days.items() if count is not None}


def drop(parameter: int, *, now: datetime) -> Dropped:
    """Let go of what one parameter has beyond its limits as they are by now, in one transaction.

    A run takes its time: who holds a parameter meanwhile keeps it. From then on readings older than the first limit
    are refused at the door, so no hour is made anew from a part.
    """
    with transaction.atomic():
        alone()
        if not (found := limits_at(now, only=parameter)):
            return Dropped()
        done, limits = Dropped(parameters=1), found[0]
        _mark(limits)
        if "raw" in limits.before:
            _drop_readings(limits, done)
        for form, width in FORMS.items():
            if width and form in limits.before:
                done.rollups += _drop_rollups(limits.parameter, width, limits.before[form])
    return done


def _mark(limits: Limits) -> None:
    mark, _ = RetentionMark.objects.select_for_update().get_or_create(parameter_id=limits.parameter)
    for form, before in limits.before.items():
        known = getattr(mark, form)
        setattr(mark, form, before if known is None else max(known, before))
    mark.save()


def days_due(limits: Sequence[Limits]) -> list[Due]:
    """Days whose single readings are beyond the limits, in order of parameter and day."""
    some = [one for one in limits if "raw" in one.before]
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [[one.parameter for one in some], [one.before["raw"] for one in some]])
        return [Due(*row) for row in cursor.fetchall()]


def _drop_readings(limits: Limits, done: Dropped) -> None:
    found = days_due([limits])
    going = [due for due in found if due.held]
    done.held_back += len(found) - len(going)
    if not going:
        return
    days = [due.day for due in going]
    with connection.cursor() as cursor:
        cursor.execute(_DROP_ROWS, [days, limits.parameter, days[0], limits.before["raw"]])
        cursor.execute(_DROP_PIECES, [days, limits.parameter])
    done.days += len(days)
    done.readings += sum(due.readings for due in going)


def _drop_rollups(parameter: int, width: int, before: datetime) -> int:
    asked: dict[str, Any] = {"p": parameter, "width": width, "before": before, "next": _NEXT.get(width)}
    with connection.cursor() as cursor:
        cursor.execute(_NARROW if width in _NEXT else _HOURS, asked)
        return int(cursor.rowcount)


def drop_empty_parts(before: datetime) -> int:
    """Drop the monthly partitions from before a moment that hold nothing any more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("select iot_drop_empty(%s)", [before.date()])
        return int(cursor.fetchone()[0])
