"""Keep roll-ups while readings are stored: sums in the memory of an ingest worker, marks in the transaction."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from iot.charting.judge import UNCHARTED
from iot.copying import Ints, moment
from iot.readings import begins
from iot.rollups import table
from iot.rollups.blocks import forget_points
from iot.rollups.moments import HOUR, MINUTE, MOMENTS, Table, merged, moments, parts, units
from spc.values import Floats

TRUSTED = timedelta(minutes=75)  # how long a holder relies on its mark
ABANDONED = timedelta(minutes=90)  # how old the mark of a holder is when anybody may take it
_SETTLE = timedelta(minutes=2)  # after the end of an hour, and after its first reading, until its sums are written
_LOOK = timedelta(seconds=5)
_BUFFER = 20_000  # readings that are summed up in one go
_CHUNK = 40  # hours written in one batch: about 2,600 rows
_MOST = 1_000_000  # minutes held; beyond that the hours are left to be made from the readings

_Column = NDArray[np.integer]


@dataclass(frozen=True)
class Columns:
    """Readings by column: parameter ids, microseconds since 2000, values, and whether they count."""

    parameters: Ints
    times: Ints
    values: Floats
    taken: NDArray[np.bool_]


@dataclass
class Held:
    """What one worker has summed up and not written yet.

    The marks in the database say which hours that are. When a transaction is not confirmed, everything held is let go:
    its marks stay, so these hours are read and made from the readings. So no count can be doubled or lost.
    """

    holder: int = field(default_factory=lambda: secrets.randbelow(2**31 - 1) + 1)
    opened: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)  # hour -> when marked, when over
    buffer: list[Columns] = field(default_factory=list)
    sums: Table = field(default_factory=lambda: np.zeros(0, dtype=MOMENTS))
    newer: list[Table] = field(default_factory=list)  # merged into the sums once they are as many
    ready: deque[Table] = field(default_factory=deque)  # minutes of hours that are over, in pieces of one batch
    closing: set[int] = field(default_factory=set)  # the hours in them
    looked: datetime | None = None
    unconfirmed: bool = False
    waiting: int = 0  # readings in the buffer

    @property
    def lost(self) -> bool:
        """Whether these sums cannot be relied on, or have become too many."""
        return self.unconfirmed or len(self.sums) > _MOST

    def take(self, rows: Columns, *, again: Collection[int], now: datetime) -> None:
        """Add the readings of a batch once its transaction is committed."""
        self._close(now)
        keys = units(rows.parameters, rows.times)
        found = np.unique(keys)
        doubtful = [key for key in found.tolist() if key in self.closing or (again and key >> 32 in again)]
        fresh = [key for key in found.tolist() if key not in self.opened and key not in self.closing]
        written = self._write(now)
        table.mark(np.array(doubtful, dtype=np.int64), holder=table.RECOMPUTE, now=now)
        table.mark(np.array(fresh, dtype=np.int64), holder=self.holder, now=now)
        self.unconfirmed = True
        transaction.on_commit(lambda: self._confirm(rows, keys, fresh, now=now, written=written))

    def _confirm(self, rows: Columns, keys: Ints, fresh: Sequence[int], *, now: datetime, written: bool) -> None:
        self.unconfirmed = False
        if self.closing:
            mine = ~np.isin(keys, np.fromiter(self.closing, dtype=np.int64))
            rows = Columns(rows.parameters[mine], rows.times[mine], rows.values[mine], rows.taken[mine])
        if written:
            piece = self.ready.popleft()
            self.closing -= set(units(piece["parameter"], piece["bucket"]).tolist())
        self.opened.update((key, (now, max(now, _end(key)) + _SETTLE)) for key in fresh)
        self.buffer.append(rows)
        self.waiting += len(rows.times)
        if self.waiting > _BUFFER:
            self._sum_up()

    def _sum_up(self, *, whole: bool = False) -> None:
        """Sum up what is buffered; `whole`: and have all of it in `sums`."""
        if self.buffer:
            self._sum_up_buffer()
        if self.newer and (whole or sum(map(len, self.newer)) > max(_BUFFER, len(self.sums))):
            self.sums = merged(np.concatenate([self.sums, *self.newer]), width=MINUTE)
            self.newer = []

    def _sum_up_buffer(self) -> None:
        columns = [
            np.concatenate([getattr(some, name) for some in self.buffer])
            for name in ("parameters", "times", "values", "taken")
        ]
        self.buffer, self.waiting = [], 0
        self.newer.append(moments(*columns))

    def _close(self, now: datetime) -> None:
        """Set hours aside that are over; let go of those whose mark is too old to rely on."""
        if self.looked and now - self.looked < _LOOK:
            return
        self.looked = now
        trusted = now - TRUSTED
        old = [key for key, (since, _) in self.opened.items() if since < trusted]
        over = [key for key, (_, due) in self.opened.items() if due < now]
        if not old and not over:
            return
        self._sum_up(whole=True)
        for key in {*old, *over}:
            del self.opened[key]
        keys = units(self.sums["parameter"], self.sums["bucket"])
        done = self.sums[np.isin(keys, np.array(sorted({*over} - {*old}), dtype=np.int64))]
        self.sums = self.sums[~np.isin(keys, np.array([*old, *over], dtype=np.int64))]
        hours = units(done["parameter"], done["bucket"])
        starts = np.flatnonzero(begins(hours))
        self.closing.update(hours[starts].tolist())
        for first, last in pairwise([*starts[::_CHUNK].tolist(), len(done)]):
            self.ready.append(done[first:last])

    def _write(self, now: datetime) -> bool:
        """Write one piece of what is over; hours that are not this worker's alone are left to be made anew."""
        if not self.ready:
            return False
        piece = self.ready[0]
        keys = units(piece["parameter"], piece["bucket"])
        owned = table.release(np.unique(keys), holder=self.holder)
        common = table.shared(owned) if len(owned) else owned
        table.mark(common, holder=table.RECOMPUTE, now=now)
        table.keep(piece[np.isin(keys, np.setdiff1d(owned, common))], now=now)
        return True


def _end(key: int) -> datetime:
    _, starts = parts(np.array([key], dtype=np.int64))
    return moment(int(starts[0])) + timedelta(seconds=HOUR)


class _Thread(threading.local):
    held: Held | None = None


_thread = _Thread()


def hold() -> None:
    """This thread is an ingest worker, so sums pay in its memory; elsewhere hours are only marked."""
    _thread.held = Held()


def roll_up(
    parameters: _Column, times: Ints, values: Floats, flags: _Column, *, now: datetime, again: Collection[int] = ()
) -> None:
    """Take account of readings stored in the transaction under way.

    In: one entry for each reading, any order; times in microseconds since 2000-01-01 (UTC). `again`: the parameters
    whose flags or values may have changed after these columns were made, such as those judged again.
    """
    if not len(parameters):
        return
    rows = Columns(parameters.astype(np.int64), times, values, flags & int(UNCHARTED) == 0)
    if again:
        forget_points(again, moment(int(rows.times[np.isin(rows.parameters, list(again))].min())))
    if _thread.held is None:
        table.mark(units(rows.parameters, rows.times), holder=table.RECOMPUTE, now=now)
        return
    if _thread.held.lost:
        hold()  # begins anew under another name
    _thread.held.take(rows, again=again, now=now)
