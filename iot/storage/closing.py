"""Find days that are over and put them into pieces, some at a time."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection, transaction

from iot.engines import packs_itself
from iot.storage.pieces import CLOSED, WORTH, Key, alone, pack

_log = logging.getLogger(__name__)
_AT_ONCE = 100_000  # readings in one transaction: others who store old readings wait for less than a second or two
_TELLING = 100_000  # readings from which on an average says something
_USUAL_ROW, _USUAL_PACKED = 120.0, 8.0  # bytes, before there are any
_PARTS = "select inhrelid::regclass::text from pg_inherits where inhparent = 'iot_reading'::regclass order by 1"
# days of few readings stay rows unless they are in pieces already
_FOUND = """
select r.parameter_id, date_bin('1 day', r.t, '2000-01-01Z') d, count(*) from {part} r where r.t < %s
group by 1, 2 having count(*) >= %s or exists (select 1 from iot_piece c where c.parameter_id = r.parameter_id
  and c.first_t >= date_bin('1 day', min(r.t), '2000-01-01Z')
  and c.first_t < date_bin('1 day', min(r.t), '2000-01-01Z') + interval '1 day')
order by 2, 1
"""
_ROOM = """
select (select coalesce(sum(greatest(c.reltuples, 0)), 0) from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'iot_reading'::regclass)::bigint,
  (select coalesce(sum(pg_total_relation_size(inhrelid)), 0) from pg_inherits
    where inhparent = 'iot_reading'::regclass)::bigint,
  pg_total_relation_size('iot_piece')::bigint, (select coalesce(sum(n), 0) from iot_piece)::bigint
"""


Told = Callable[[str, float], None]  # hears what is done and how far it is, between transactions


def silent(_stage: str, _share: float) -> None:
    """Nobody wants to hear how far it is."""


@dataclass(frozen=True)
class Packed:
    """What a run put into pieces; days that could not be packed stay as they are."""

    days: int = 0
    readings: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Room:
    """Bytes of rows and pieces with their indexes; how many readings are rows, as the database guesses, and packed."""

    guessed: int
    rows: int
    pieces: int
    packed: int

    @property
    def of_row(self) -> float:
        """Bytes of a reading in a row of its own; a table that was just emptied does not tell."""
        return self.rows / self.guessed if self.guessed > _TELLING else _USUAL_ROW

    @property
    def of_packed(self) -> float:
        """Bytes of a reading that is packed."""
        return self.pieces / self.packed if self.packed > _TELLING else _USUAL_PACKED


def close_days(now: datetime, *, told: Told = silent) -> Packed:
    """Pack every day that has been over for a week, oldest first.

    Nothing where the engine of the readings packs them by itself.
    """
    with connection.cursor() as cursor:
        if packs_itself(cursor):
            return Packed()
        cursor.execute(_PARTS)
        parts = [name for (name,) in cursor.fetchall()]
    midnight = (now - CLOSED).replace(hour=0, minute=0, second=0, microsecond=0)
    days = readings = refused = 0
    for place, part in enumerate(parts):
        found = _found(part, midnight)
        for done, keys in _batches(found):
            told(f"Packing {keys[0][1]:%Y-%m-%d}", (place + done / max(len(found), 1)) / len(parts))
            count, failed = _pack(keys)
            days, readings, refused = days + len(keys) - failed, readings + count, refused + failed
    return Packed(days, readings, refused)


def room() -> Room:
    """How much room readings take now."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOM)
        return Room(*cursor.fetchone())


def _found(part: str, before: datetime) -> list[tuple[int, datetime, int]]:
    """Parameter, day and number of readings of the days to be packed; the name comes from the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(part=part), [before, WORTH])
        return list(cursor.fetchall())


def _batches(found: list[tuple[int, datetime, int]]) -> Iterator[tuple[int, list[Key]]]:
    """Days that go into one transaction, with how many went before."""
    done = 0
    sums = itertools.accumulate(count for _, _, count in found)
    for _, some in itertools.groupby(zip(found, sums, strict=True), key=lambda pair: pair[1] // _AT_ONCE):
        keys = [(parameter, day) for (parameter, day, _), _ in some]
        yield done, keys
        done += len(keys)


def _pack(keys: list[Key]) -> tuple[int, int]:
    """Pack days together, or each by itself when one of them cannot be; how many readings, how many days refused."""
    try:
        with transaction.atomic():
            alone()
            return pack(keys), 0
    except (ValueError, DatabaseError) as problem:
        if len(keys) == 1:
            _log.warning("The readings of parameter %d on %s stay as rows: %s", *keys[0], problem)
            return 0, 1
    half = len(keys) // 2
    first, second = _pack(keys[:half]), _pack(keys[half:])
    return first[0] + second[0], first[1] + second[1]
