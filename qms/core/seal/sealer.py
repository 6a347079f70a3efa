"""The sealer: appends committed rows of the trail to the log and signs its root, each row once and none left out."""

from __future__ import annotations

import io
import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from qms.core.errors import Refused
from qms.core.health import beat
from qms.core.models import Checkpoint
from qms.core.seal import entries, keys, merkle, notes, shelf
from qms.core.seal.keys import Signer

logger = logging.getLogger(__name__)
BATCH, NAP = 5000, 1.0
_LOCK = 7_265_619  # one sealer at a time, whoever runs it

# who is still writing, and the newest row that shows: what begins later gets higher ids than that
_HORIZON = """
select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,
       (select coalesce(max(id), 0) from core_trail) from pg_current_snapshot() s
"""
_OPEN = f"""
select {entries.FIELDS} from core_trail t
where t.id > %s and not exists (select from core_trailleaf l where l.trail = t.id) order by t.id limit %s
"""


@dataclass(frozen=True)
class _Mark:
    """Once every transaction before `xmax` has ended, no row with an id up to `last` can still appear."""

    xmax: int
    last: int


@dataclass
class Sealer:
    """What one process remembers between two passes; what counts is in the database."""

    signer: Signer
    batch: int = BATCH
    _low: int = 0
    _mark: _Mark | None = field(default=None, repr=False)
    _shelved: int = -1

    def seal(self) -> int:
        """Seal what is committed and not sealed yet; returns how many rows."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return 0
            return self._seal(cursor)

    def _seal(self, cursor: Any) -> int:
        last = Checkpoint.objects.order_by("-number").first()
        self._low = max(self._low, last.low if last else 0)
        cursor.execute(_HORIZON)
        xmin, xmax, newest = cursor.fetchone()
        cursor.execute(_OPEN, [self._low, self.batch])
        rows = cursor.fetchall()
        self._low = self._safe(xmin, xmax, newest, rows)
        if rows:
            self._append(cursor, rows, last)
        return len(rows)

    def _safe(self, xmin: int, xmax: int, newest: int, rows: list[tuple[Any, ...]]) -> int:
        """The id up to which every row is sealed with this pass and none can come any more."""
        low = self._low
        if self._mark is not None and xmin >= self._mark.xmax:
            sealed = rows[-1][0] if len(rows) == self.batch else self._mark.last
            low, self._mark = max(low, min(self._mark.last, sealed)), None
        if self._mark is None:
            self._mark = _Mark(xmax, newest)
        return low

    def _append(self, cursor: Any, rows: list[tuple[Any, ...]], last: Checkpoint | None) -> None:
        log = merkle.frontier(last.size, bytes(last.peaks)) if last else merkle.Frontier()
        leaves, nodes = io.StringIO(), io.StringIO()
        for row in rows:
            leaf = merkle.leaf_hash(entries.leaf_bytes(row))
            leaves.write(f"{log.size}\t{row[0]}\t\\\\x{leaf.hex()}\n")
            for level, index, digest in log.push(leaf):
                nodes.write(f"{level}\t{index}\t\\\\x{digest.hex()}\n")
        for table, text in (
            ("core_trailleaf (idx, trail, hash)", leaves),
            ("core_trailnode (level, idx, hash)", nodes),
        ):
            text.seek(0)
            cursor.copy_expert(f"copy {table} from stdin", text)
        at = _after(timezone.now(), last)
        statement = notes.Checkpoint(self.signer.name, log.size, log.root(), at)
        Checkpoint.objects.create(
            number=last.number + 1 if last else 1,
            size=log.size,
            root=statement.root,
            peaks=log.dump(),
            low=self._low,
            at=at,
            note=notes.signed(statement, self.signer),
        )

    def shelve(self) -> int:
        """Put checkpoints that are not there yet into the folder outside the database; returns how many."""
        newest = Checkpoint.objects.order_by("-number").values_list("size", flat=True).first() or 0
        if newest == self._shelved:
            return 0
        with shelf.alone():
            there = shelf.last()
            wanted = Checkpoint.objects.filter(size__gt=there.size if there else 0).order_by("size")
            missing = list(wanted.values_list("note", flat=True)[:1000])
            shelf.append(missing)
        if len(missing) < 1000:
            self._shelved = newest
        return len(missing)


def _after(now: datetime, last: Checkpoint | None) -> datetime:
    """The time of a checkpoint never runs backwards, whatever the clock does."""
    return max(now, last.at) if last else now


def ready_signer() -> Signer:
    """The key, made if the log is still empty; a log that has checkpoints is never gone on with under a new key."""
    if Checkpoint.objects.exists():
        found = keys.signer()
        keys.publish(found.verifier())
        last = Checkpoint.objects.order_by("-number").values_list("note", flat=True)[0]
        if not notes.is_signed(last, found.verifier()):
            raise Refused("The key of the trail is another than the one that signed so far: put the right file back.")
        return found
    return keys.make_signer()


def run(stop: threading.Event) -> None:
    """Seal for good, a pass a second, and at once where a pass was full; again after the database came back."""
    sealer: Sealer | None = None
    while not stop.is_set():
        began = time.monotonic()
        try:
            sealer = sealer or Sealer(ready_signer())
            beat("sealer")
            full = sealer.seal() == sealer.batch
            shelved = sealer.shelve()
            stop.wait(0 if full or shelved == 1000 else max(NAP - (time.monotonic() - began), 0.05))
        except (OperationalError, InterfaceError, OSError, Refused) as problem:
            logger.warning("The trail is not sealed now, next try in 5 s: %s", str(problem).strip())
            connection.close()
            stop.wait(5.0)
    connection.close()
