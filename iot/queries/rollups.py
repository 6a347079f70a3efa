"""Readings of any span in few numbers: from roll-ups, and from the readings wherever those do not hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from governance.models import Characteristic
from iot.charting.judge import UNCHARTED
from iot.copying import EPOCH, UNIX, read
from iot.models import Exclusion
from iot.queries.lists import see
from iot.rollups.moments import DAY, HOUR, MINUTE, TEN_MINUTES
from qms.core.actor import Actor
from spc.values import Floats

_HOUR = timedelta(hours=1)
_LONGEST = {MINUTE: 4 * DAY, TEN_MINUTES: 45 * DAY, HOUR: 400 * DAY}  # seconds that are read in buckets of a width
AS_THEY_ARE = 10_000  # readings that are read one by one
_LEFT_OUT = """(%(whole)s or not exists (select 1 from unnest(%(first)s::timestamptz[], %(last)s::timestamptz[]) e(a, z)
  where {t} >= e.a and {t} <= e.z))"""
_DIRTY = """
dirty as materialized (
  select bucket from iot_rollupmark where parameter_id = %(parameter)s and width = 3600
    and bucket > %(since)s::timestamptz - interval '1 hour' and bucket < %(until)s
  union select unnest(%(edges)s::timestamptz[])),
stale as materialized (
  select bucket from iot_rollupmark where parameter_id = %(parameter)s and width = 86400
    and bucket > %(since)s::timestamptz - interval '1 day' and bucket < %(until)s
  union select date_bin('1 day', bucket, '2000-01-01Z') from dirty)
"""
_KEPT = f"""
select bucket, n, mean, m2, low, high from iot_rollup
where parameter_id = %(parameter)s and bucket >= %(since)s and bucket < %(until)s and n > 0
  and {{width}} and {_LEFT_OUT.format(t="bucket")}
"""
_NARROW = "width in (%(width)s, 3600) and (width = %(width)s or finest > %(width)s)"
_NARROW += " and date_bin('1 hour', bucket, '2000-01-01Z') not in (select bucket from dirty)"
# where hours are let go of, their day stands for them
_NARROW = f"""(({_NARROW}) or (width = 86400 and bucket < (
    select hour from iot_retentionmark where parameter_id = %(parameter)s) and not exists (
    select 1 from iot_rollup h where h.parameter_id = %(parameter)s and h.width = 3600
      and h.bucket >= iot_rollup.bucket and h.bucket < iot_rollup.bucket + interval '1 day')))"""
_DAYS = (
    "((width = 86400 and bucket not in (select bucket from stale)) or (width = 3600 and bucket not in"
    " (select bucket from dirty) and date_bin('1 day', bucket, '2000-01-01Z') in (select bucket from stale)))"
)
# the bare bounds choose the partitions; offset 0 is a fence: hours are looked up by key, never by one pass
_RAW = f"""
select date_bin(make_interval(secs => least(%(width)s, 3600)), r.t, '2000-01-01Z'), count(*), avg(r.value),
  regr_sxx(r.value, r.value), min(r.value), max(r.value)
from dirty d, lateral (select t, value from iot_stored(%(parameter)s, greatest(d.bucket, %(since)s),
      least(d.bucket + interval '1 hour', %(until)s)) where t >= %(since)s and t < %(until)s
    and flags & {int(UNCHARTED)} = 0 and {_LEFT_OUT.format(t="t")} offset 0) r
group by 1
"""
_BUCKETS = f"""
with {_DIRTY}, part as materialized ({{kept}} union all {_RAW}), origin as (select mean as c from part limit 1)
select extract(epoch from b)::float8, sum(n)::int,
  (sum(n * (mean - c)) / sum(n) + min(c))::float8,
  (sum(m2) + sum(n * (mean - c) ^ 2) - sum(n * (mean - c)) ^ 2 / sum(n))::float8, min(low), max(high)
from (select *, date_bin(make_interval(secs => %(step)s), bucket, '2000-01-01Z') b from part) x, origin
group by b order by b
"""
_COUNT = """
select count(*) from (select 1 from iot_stored(%s, %s, %s) limit %s) x
"""
_SERIES = f"""
select t, value from iot_stored(%(parameter)s, %(since)s, %(until)s)
where flags & {int(UNCHARTED)} = 0 and {_LEFT_OUT.format(t="t")} order by t, seq
"""
_OUTSIDE = "({low} < %(lower)s or {high} > %(upper)s)"
# a bucket that reaches beyond a limit is looked into; the narrowest ones kept say where
_BEYOND = f"""
with {_DIRTY}, place as (
  select bucket, interval '1 hour' as long from dirty union all
  select f.bucket, make_interval(secs => h.finest) from iot_rollup h, lateral (
    select bucket from iot_rollup where parameter_id = %(parameter)s and width = h.finest and bucket >= h.bucket
      and bucket < h.bucket + interval '1 hour' and n > 0 and {_OUTSIDE.format(low="low", high="high")}) f
  where h.parameter_id = %(parameter)s and h.width = 3600 and h.bucket >= %(since)s and h.bucket < %(until)s
    and h.n > 0 and {_OUTSIDE.format(low="h.low", high="h.high")} and h.bucket not in (select bucket from dirty))
select extract(epoch from r.t)::float8, r.value from place p, lateral (
  select t, value from iot_stored(%(parameter)s, greatest(p.bucket, %(since)s), least(p.bucket + p.long, %(until)s))
  where t >= %(since)s and t < %(until)s and flags & {int(UNCHARTED)} = 0
    and {_OUTSIDE.format(low="value", high="value")} and {_LEFT_OUT.format(t="t")} offset 0) r
limit %(most)s
"""
_ENDS = """
select least((select min(bucket) from iot_rollup where parameter_id = %(p)s and width = 3600),
  (select min(bucket) from iot_rollup where parameter_id = %(p)s and width = 86400),
  (select min(bucket) from iot_rollupmark where parameter_id = %(p)s and width = 3600)),
  greatest((select t from iot_reading where parameter_id = %(p)s order by t desc limit 1),
    (select last_t from iot_piece where parameter_id = %(p)s order by first_t desc limit 1))
"""


@dataclass(frozen=True)
class Span:
    """A stretch of the readings of a parameter, without those set aside and those of excluded stretches."""

    parameter: int
    since: datetime
    until: datetime
    excluded: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()

    def asked(self) -> dict[str, Any]:
        """What every query is given: bounds, excluded stretches, and the hours that are cut by one of them."""
        cuts = [self.since, self.until, *(t for pair in self.excluded for t in pair)]
        starts = [EPOCH + (t - EPOCH) // _HOUR * _HOUR for t in cuts]
        edges = {start for start, cut in zip(starts, cuts, strict=True) if start != cut or cut not in cuts[:2]}
        return {
            "parameter": self.parameter, "since": self.since, "until": self.until,
            "edges": sorted(edge for edge in edges if self.since - _HOUR < edge < self.until),
            "first": [first for first, _ in self.excluded], "last": [last for _, last in self.excluded],
            "whole": not self.excluded,
        }  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """What the readings of a span come to; sigma with n - 1, None of fewer than two."""

    n: int
    mean: float | None
    sigma: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Buckets:
    """Buckets of a span by column, oldest first: starts in seconds since 1970, `step` seconds each."""

    step: float
    t: Floats
    n: Floats
    mean: Floats
    m2: Floats
    low: Floats
    high: Floats


def span_of(characteristic: Characteristic, since: datetime, until: datetime, *, actor: Actor) -> Span:
    """The readings of a characteristic from `since` up to `until`, in the canonical unit."""
    see(characteristic, actor)
    rows = Exclusion.objects.filter(characteristic=characteristic, lifted_at=None, first_t__lt=until, last_t__gte=since)
    return Span(characteristic.parameter_id, since, until, tuple(rows.values_list("first_t", "last_t")))


def ends_of(parameter: int) -> tuple[datetime, datetime] | None:
    """The hour of the oldest reading and the time of the newest; None without any."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, {"p": parameter})
        first, last = cursor.fetchone()
    return (first, last) if first and last else None


def summary_of(span: Span) -> Summary:
    """Count, mean, sigma and extremes of a span, exact whatever its length."""
    found = buckets_of(span, step=1e9)
    n = int(found.n.sum())
    if not n:
        return Summary(0, None, None, None, None)
    mean = float((found.n * found.mean).sum() / n)
    m2 = float(found.m2.sum() + (found.n * (found.mean - mean) ** 2).sum())
    sigma = math.sqrt(max(m2, 0.0) / (n - 1)) if n > 1 else None
    return Summary(n, mean, sigma, float(found.low.min()), float(found.high.max()))


def buckets_of(span: Span, *, step: float) -> Buckets:
    """The span in buckets of at least `step` seconds, each a whole number of the roll-ups that are read for it."""
    width = next((width for width, longest in _LONGEST.items() if span.seconds <= longest), DAY)
    whole = max(math.ceil(step / width), 1) * width
    asked = span.asked() | {"width": width, "step": whole}
    kept = _KEPT.format(width=_DAYS if width == DAY else _NARROW)
    with connection.cursor() as cursor:
        cursor.execute(_BUCKETS.format(kept=kept), asked)
        columns = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 6).T
    return Buckets(float(whole), *columns)


def readings_in(span: Span) -> tuple[Floats, Floats] | None:
    """Times (seconds since 1970) and values of a span that is short enough to be read one by one, else None."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [span.parameter, span.since, span.until, AS_THEY_ARE + 1])
        if cursor.fetchone()[0] > AS_THEY_ARE:
            return None
    raw = read(_SERIES, span.asked(), t="i8", v="f8")
    return (raw["t"] + UNIX) / 1e6, raw["v"].astype(np.float64)


def beyond(span: Span, *, lower: float | None, upper: float | None, most: int) -> Sequence[tuple[float, float]]:
    """Every reading outside of limits as (seconds since 1970, value), at most so many and in no order."""
    limits = {"lower": -math.inf if lower is None else lower, "upper": math.inf if upper is None else upper}
    if lower is None and upper is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BEYOND, span.asked() | limits | {"most": most})
        return list(cursor.fetchall())
