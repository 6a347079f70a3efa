"""Store readings: binary COPY straight into the partitions, a slower way for batches that repeat readings."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import psycopg2
from django.db import connection, transaction
from numpy.typing import NDArray

from iot.copying import Column, Ints, copy, micros, rows
from iot.readings import Readings, begins
from iot.storage.pieces import OLD, beside, staged_met
from spc.values import Floats

_COLUMNS = "t, value, received, parameter_id, seq, flags, lot, serial"
_STAGED = f"position, {_COLUMNS}"
_MOVE = f"""
with new as (insert into iot_reading ({_COLUMNS}) select {_COLUMNS} from iot_reading_stage order by position
  on conflict (parameter_id, t, seq) do nothing returning parameter_id, t, seq)
select position from iot_reading_stage join new using (parameter_id, t, seq)
"""
_DIFFERING = """
select s.position, r.value from iot_reading_stage s join iot_reading r using (parameter_id, t, seq)
where r.value is distinct from s.value
"""


Why = tuple[str, str]  # the reason's code, and its words


@dataclass
class Stored:
    """What became of each reading of a batch."""

    inserted: Readings  # in the order of parameter, time and sequence number
    corrections: Readings
    standing: Floats  # the values already stored in the place of the corrections
    duplicates: Readings  # those that were there already
    refused: Mapping[int, Why]  # place in the batch -> why


def store(batch: Readings, *, now: datetime, repeated: bool = False) -> Stored:
    """Store a batch inside the transaction under way; a row the database refuses costs that row alone.

    `repeated` says that readings may have been stored before (a redelivery), which skips the fast way. Readings so old
    at `now` that their day may be packed are looked for there first.
    """
    order = np.lexsort((batch.seq, batch.t, batch.parameter))  # stable: of one key the first heard comes first
    ordered = batch[order]
    first = begins(ordered.parameter, ordered.t, ordered.seq)  # in this order workers wait on a key, never deadlock
    keys = np.flatnonzero(first)
    found = _Outcome(ordered if len(keys) == len(ordered) else ordered[keys])
    found.meet_packed(micros(now - OLD))
    found.insert(repeated=repeated)
    place = np.cumsum(first) - 1  # of each reading among the keys
    again = ~first
    held = found.standing[place]
    refused = {int(order[at]): why for key, why in found.refused.items() for at in np.flatnonzero(place == key)}
    dead = np.isin(place, list(found.refused))
    correction = ~dead & np.where(again, ordered.value != held, found.differs[place])
    stored = found.new[place] & ~again
    return Stored(
        ordered if stored.all() else ordered[stored],
        ordered[correction],
        held[correction],
        ordered[~dead & ~correction & ~stored],
        refused,
    )


class _Outcome:
    """What the table made of distinct keys: which are new, and what stands in the place of the others."""

    def __init__(self, keys: Readings) -> None:
        self.keys = keys
        self.new = np.zeros(len(keys), np.bool_)
        self.differs = np.zeros(len(keys), np.bool_)
        self.standing = keys.value.copy()
        self.refused: dict[int, Why] = {}
        self.open: Ints = np.arange(len(keys))  # places of the keys that nothing is known of yet

    def meet_packed(self, old: int) -> None:
        """Settle keys from before `old` that are packed, or of which nothing is kept any more."""
        aged = np.flatnonzero(self.keys.t < old)
        if not len(aged):
            return
        beside()
        bare = replace(self.keys[aged], lot=None, serial=None)
        copy("iot_reading_stage", _STAGED, _packed(bare, aged))
        met, gone = staged_met()
        with connection.cursor() as cursor:
            cursor.execute("delete from iot_reading_stage")
        for place, since in gone.items():
            self.refused[place] = "store.expired", f"Single readings of it are kept since {since:%Y-%m-%d} only."
        for place, value in met.items():
            self.standing[place], self.differs[place] = value, value != self.keys.value[place]
        self.open = np.setdiff1d(self.open, np.array([*met, *gone], np.int64))

    def insert(self, *, repeated: bool) -> None:
        """Insert what nothing is known of yet."""
        self._insert(0, len(self.open), repeated=repeated)

    def _insert(self, start: int, stop: int, *, repeated: bool) -> None:
        if start == stop:
            return
        places = self.open[start:stop]
        some = self.keys if len(places) == len(self.keys) else self.keys[places]
        try:
            with transaction.atomic():
                if repeated:
                    self._through_stage(some, places)
                else:
                    copy("iot_reading", _COLUMNS, _packed(some))
                    self.new[places] = True
        except psycopg2.errors.UniqueViolation:
            self._insert(start, stop, repeated=True)
        except (psycopg2.DataError, psycopg2.IntegrityError) as problem:
            if stop - start == 1:
                said = str(problem).splitlines()[0]
                self.refused[int(places[0])] = "store.refused", f"The database refuses it: {said}"
                return
            half = (start + stop) // 2
            self._insert(start, half, repeated=repeated)
            self._insert(half, stop, repeated=repeated)

    def _through_stage(self, some: Readings, places: Ints) -> None:
        """Insert what is new; what was there is a duplicate, or a correction when its value differs."""
        copy("iot_reading_stage", _STAGED, _packed(some, places))
        with connection.cursor() as cursor:
            cursor.execute(_MOVE)
            self.new[[position for (position,) in cursor.fetchall()]] = True
            cursor.execute(_DIFFERING)
            for position, value in cursor.fetchall():
                self.differs[position], self.standing[position] = True, value
            cursor.execute("delete from iot_reading_stage")


def _packed(some: Readings, positions: Ints | None = None) -> NDArray[np.void] | bytes:
    """Readings in the binary format of COPY."""
    columns: dict[str, Column] = {} if positions is None else {"position": positions.astype(np.int32)}
    columns |= {
        "t": some.t, "value": some.value, "received": some.received, "parameter": some.parameter, "seq": some.seq,
        "flags": some.flags,
    }  # fmt: skip
    if some.lot is None and some.serial is None:
        return rows({**columns, "lot": None, "serial": None}, len(some))
    table = rows(columns, len(some))
    table["fields"] += 2
    raw, wide, none = table.tobytes(), table.itemsize, [None] * len(some)
    texts = zip(none if some.lot is None else some.lot, none if some.serial is None else some.serial, strict=True)
    return b"".join(
        raw[at * wide : (at + 1) * wide] + _text(lot) + _text(serial) for at, (lot, serial) in enumerate(texts)
    )


def _text(value: str | None) -> bytes:
    if value is None:
        return b"\xff\xff\xff\xff"
    data = value.encode()
    return struct.pack(">i", len(data)) + data
