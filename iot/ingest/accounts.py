"""Account for everything a batch held: refused payloads, corrections, unknown topics, counts, devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import connection

from governance.services import Heard as Spoken
from governance.services import note_unmapped
from iot.copying import Ints, moment
from iot.ingest.intake import Heard, Reject, Unknown, kept
from iot.models import Correction, Quarantine, ReadingGap
from iot.readings import Readings
from qms.core.actor import Actor
from spc.values import Floats

_COUNT = """
insert into iot_ingestcount as c (day, worker, outcome, count)
select %s, %s, o, n from unnest(%s::text[], %s::bigint[]) x(o, n)
on conflict (day, worker, outcome) do update set count = c.count + excluded.count
"""
# what a device sent and what became of it are counted apart, so that a difference shows
_SOURCES = """
insert into iot_sourcecount as c (device_id, day, received, stored, duplicate, correction, dead, lag_ms)
select d, %s, r, s, u, k, e, l
from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::float8[])
  x(d, r, s, u, k, e, l)
on conflict (device_id, day) do update set received = c.received + excluded.received,
  stored = c.stored + excluded.stored, duplicate = c.duplicate + excluded.duplicate,
  correction = c.correction + excluded.correction, dead = c.dead + excluded.dead,
  lag_ms = coalesce(excluded.lag_ms, c.lag_ms)
"""
# the clock's skew follows the least delay at once when it falls, slowly when it grows
_SEEN = """
insert into iot_deviceactivity as a (device_id, last_seen, readings, errors, rate, last_error, skew_ms)
select device, %s, readings, errors, 0, fault, delay
from unnest(%s::int[], %s::int[], %s::int[], %s::text[], %s::float8[]) x(device, readings, errors, fault, delay)
on conflict (device_id) do update set last_seen = excluded.last_seen,
  rate = case when a.last_seen >= excluded.last_seen then a.rate else
    a.rate + (1 - exp(-extract(epoch from excluded.last_seen - a.last_seen) / 60)) *
    (excluded.readings / greatest(extract(epoch from excluded.last_seen - a.last_seen), 0.001) - a.rate) end,
  readings = a.readings + excluded.readings, errors = a.errors + excluded.errors,
  last_error = case when excluded.last_error = '' then a.last_error else excluded.last_error end,
  skew_ms = case when excluded.skew_ms is null then a.skew_ms when a.skew_ms is null then excluded.skew_ms
    else least(excluded.skew_ms, a.skew_ms + (excluded.skew_ms - a.skew_ms) / 20) end
"""


def quarantine(rejects: Sequence[Reject], now: datetime) -> list[Reject]:
    """Keep refused payloads byte for byte; returns those that are new, because a redelivery was kept before."""
    fresh = [one for one in rejects if not one.message.again or not _kept_before(one, now)]
    Quarantine.objects.bulk_create(
        [
            Quarantine(
                received_at=one.message.received,
                topic=one.message.topic.replace("\x00", "\ufffd"),
                payload=kept(one.message.payload),
                size=len(one.message.payload),
                reason=one.reason,
                detail=one.detail[:300].replace("\x00", "\ufffd"),
                position=one.position[:80],
                site_id=one.site,
            )
            for one in fresh
        ],
        batch_size=500,
    )
    return fresh


def _kept_before(one: Reject, now: datetime) -> bool:
    return Quarantine.objects.filter(
        topic=one.message.topic.replace("\x00", "\ufffd"),
        payload=kept(one.message.payload),
        position=one.position[:80],
        received_at__gte=now - timedelta(days=1),
    ).exists()


def corrections(heard: Readings, standing: Floats, now: datetime) -> None:
    """Record readings heard again with another value; a person decides which one holds."""
    columns = (one.tolist() for one in (heard.parameter, heard.t, heard.seq, heard.value, standing))
    Correction.objects.bulk_create(
        [
            Correction(parameter_id=parameter, t=moment(t), seq=seq, stored=stored, heard=value, heard_at=now)
            for parameter, t, seq, value, stored in zip(*columns, strict=True)
        ],
        ignore_conflicts=True,
    )


def nulls(found: Sequence[tuple[int, datetime]], now: datetime) -> None:
    """Keep the moments at which a parameter said that it has no value."""
    kind = ReadingGap.Kind.EMPTY
    ReadingGap.objects.bulk_create(
        [ReadingGap(parameter_id=one, kind=kind, since=t, until=t, seen_at=now) for one, t in found],
        ignore_conflicts=True,
    )


def unmapped(unknown: Sequence[Unknown], by: Actor) -> None:
    """Count unknown topics for the queue."""
    topics: dict[str, list[Unknown]] = {}
    for one in unknown:
        topics.setdefault(one.topic, []).append(one)
    heard = [
        Spoken(
            topic,
            ones[0].site,
            ones[0].received,
            ones[-1].received,
            len(ones),
            tuple(o.value for o in ones),
            ones[-1].unit,
        )
        for topic, ones in topics.items()
    ]
    if heard:
        note_unmapped(heard, by=by)


def count(outcomes: Counter[str], *, day: date, worker: int) -> None:
    """Add to the day's accounts; each worker has rows of its own, so that none waits for another."""
    names = sorted(name for name, number in outcomes.items() if number)
    if names:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [day, worker, names, [outcomes[name] for name in names]])


def devices(heard: Mapping[int, Heard], now: datetime) -> None:
    """Note when each device was heard last, how much it sent, what went wrong and how its clock runs."""
    if not heard:
        return
    ordered = sorted(heard)
    ones = [heard[device] for device in ordered]
    faults = [one.fault[:200].replace("\x00", "\ufffd") for one in ones]
    readings, errors, delays = [one.readings for one in ones], [one.errors for one in ones], [one.delay for one in ones]
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [now, ordered, readings, errors, faults, delays])


def sources(heard: Mapping[int, Heard], became: Sequence[Ints], now: datetime) -> None:
    """Add to each device's account of the day: received = stored + duplicates + corrections + dead.

    `became`: the device of each reading stored, there already, a correction, or refused by the database.
    """
    if not heard:
        return
    devices = sorted(heard)
    ones = [heard[device] for device in devices]
    stored, duplicate, correction, refused = (Counter(some.tolist()) for some in became)
    dead = [one.errors + refused[device] for device, one in zip(devices, ones, strict=True)]
    counted = ([some[device] for device in devices] for some in (stored, duplicate, correction))
    received, delays = [one.readings for one in ones], [one.delay for one in ones]
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, [now.date(), devices, received, *counted, dead, delays])
