"""Closed days in the database: put into pieces, looked into, opened again; who stores into them waits his turn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from iot.copying import copy, fetched
from iot.readings import Readings, begins, in_order, read
from iot.storage.packing import COLUMNS, Day, packed

CLOSED = timedelta(days=7)  # after its end a day is packed: late readings and judging again are over as a rule
OLD = CLOSED - timedelta(days=2)  # from here on readings may meet packed ones; apart, as clocks of machines are
WORTH = 64  # readings of a day; fewer take less room as rows
_LOCK = "select pg_advisory_xact_lock{shared}(hashtext('iot_storage'))"
_ROW = "parameter_id, t, value, received, seq, flags, lot, serial"
_TAKE_ROWS = f"""
delete from iot_reading r using unnest(%s::int[], %s::timestamptz[]) u(p, d)
where r.parameter_id = u.p and r.t >= u.d and r.t < u.d + interval '1 day' and r.t >= %s and r.t < %s
returning {_ROW}
"""
_TAKE_PIECES = f"""
with gone as (delete from iot_piece c using unnest(%s::int[], %s::timestamptz[]) u(p, d)
  where c.parameter_id = u.p and c.first_t >= u.d and c.first_t < u.d + interval '1 day' returning c.*)
select {_ROW} from (select g.parameter_id, o.* from gone g cross join lateral iot_opened(g) o) x
"""
_LOOK = f"""
select {_ROW} from unnest(%s::int[], %s::timestamptz[]) u(p, d)
cross join lateral iot_stored(u.p, u.d, u.d + interval '1 day') x
"""
_OPEN = f"""
with gone as (delete from iot_piece where parameter_id = any(%s) and first_t > %s::timestamptz - interval '1 day'
  and first_t <= %s and last_t >= %s returning *)
insert into iot_reading ({_ROW}) select g.parameter_id, o.t, o.value, o.received, o.seq, o.flags, o.lot, o.serial
from gone g cross join lateral iot_opened(g) o
"""
_MET = """
with wanted as materialized (
  select distinct parameter_id, date_bin('1 day', t, '2000-01-01Z') d from iot_reading_stage),
held as materialized (select c.parameter_id, o.t, o.seq, o.value from wanted w
  join iot_piece c on c.parameter_id = w.parameter_id and c.first_t >= w.d and c.first_t < w.d + interval '1 day'
  cross join lateral iot_opened(c) o)
select s.position, h.value from iot_reading_stage s join held h using (parameter_id, t, seq)
"""
_GONE = """
select s.position, m.raw from iot_reading_stage s
join iot_retentionmark m on m.parameter_id = s.parameter_id and s.t < m.raw
"""
_DAY = 86_400_000_000  # microseconds
Key = tuple[int, datetime]  # a parameter and the start of a day


class Differs(ValueError):
    """What was packed does not open to what it was: the day stays as rows."""


def alone() -> None:
    """Until the end of the transaction nobody else packs, opens, drops or stores old readings."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(shared=""))


def beside() -> None:
    """Old readings are stored in the transaction under way: nobody packs or drops meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(shared="_shared"))


def staged_met() -> tuple[dict[int, float], dict[int, datetime]]:
    """Of staged readings: position -> the value packed under its key; position -> since when they are kept, if gone."""
    with connection.cursor() as cursor:
        cursor.execute(_MET)
        met = dict(cursor.fetchall())
        cursor.execute(_GONE)
        return met, dict(cursor.fetchall())


def kept_since(parameters: Iterable[int]) -> datetime | None:
    """Since when single readings of all of these are there; None: none were dropped."""
    with connection.cursor() as cursor:
        cursor.execute("select max(raw) from iot_retentionmark where parameter_id = any(%s)", [list(parameters)])
        found: datetime | None = cursor.fetchone()[0]
    return found


def open_again(parameters: Iterable[int], first: datetime, last: datetime) -> int:
    """Pieces that reach into a span become rows again, to be changed there; returns how many readings."""
    alone()
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [list(parameters), first, last, first])
        return int(cursor.rowcount)


def pack(keys: Sequence[Key]) -> int:
    """Put the rows of whole days into pieces, together with pieces that are there; returns how many readings.

    One transaction, under `alone`. Raises Differs, or ValueError, when a day cannot be packed: nothing is changed then.
    """
    if not keys:
        return 0
    asked: list[Any] = [[p for p, _ in keys], [d for _, d in keys]]
    first, last = min(asked[1]), max(asked[1]) + timedelta(days=1)
    taken = [fetched(_TAKE_ROWS, [*asked, first, last]), fetched(_TAKE_PIECES, asked)]
    rows = in_order([read(some) for some in taken])
    copy("iot_piece", COLUMNS, *(packed(day) for day in _days(rows)))
    _compare(rows, in_order([read(fetched(_LOOK, asked))]))
    return len(rows)


def _days(rows: Readings) -> Iterator[Day]:
    day = rows.t // _DAY
    starts = np.flatnonzero(begins(rows.parameter, day)).tolist()
    for first, last in itertools.pairwise([*starts, len(rows)]):
        some = rows[first:last]
        yield Day(
            int(some.parameter[0]), some.t, some.value, some.received, some.seq.astype(np.int64), some.flags, some.lot,
            some.serial,
        )  # fmt: skip


def _compare(rows: Readings, opened: Readings) -> None:
    """Every reading opens to what it was; its time of receipt to the second."""
    same = len(rows) == len(opened)
    for name in ("parameter", "t", "value", "seq", "flags", "lot", "serial") if same else ():
        one, other = getattr(rows, name), getattr(opened, name)
        same = same and (one is other is None or (one is not None and np.array_equal(one, other)))
    if not same:
        raise Differs(f"{len(rows)} readings do not open to what they were packed from.")
