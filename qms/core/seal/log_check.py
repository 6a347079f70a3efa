"""The log against its signatures: every row against its leaf, every checkpoint against the tree, inside and outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from qms.core.models import Checkpoint
from qms.core.seal import entries, merkle, notes, shelf
from qms.core.seal.findings import Report, Tell, row_words
from qms.core.seal.keys import Verifier

CHUNK = 10_000
_LEAVES = "select idx, trail, hash from core_trailleaf where idx >= %s and idx < %s order by idx"
_NEAR = (
    f"select {entries.FIELDS} from core_trail t where t.id >= %s and t.id <= %s"  # sealed together, written together
)
_FAR = f"select {entries.FIELDS} from core_trail t where t.id = any (%s)"
_NODES = "select level, idx, hash from core_trailnode where (idx + 1) << level > %s and (idx + 1) << level <= %s"
_LATE = """
select l.idx, l.trail from core_trailleaf l
where l.idx >= %s and not exists (select from core_checkpoint c where c.size > l.idx) order by l.idx limit 20
"""
_OUTSIDE = """
select t.id from core_trail t where t.id <= %s and not exists (select from core_trailleaf l where l.trail = t.id)
order by t.id limit 20
"""


@dataclass
class LogCheck:
    """One walk along the log, in constant memory."""

    verifier: Verifier
    report: Report
    tell: Tell
    _log: merkle.Frontier = field(default_factory=merkle.Frontier)
    _next: int = 0  # the entry that comes next
    _good: int = 0  # the size up to which a checkpoint agreed
    _torn: bool = False  # no root can agree any more
    _number: int = 0
    _outside: Iterator[tuple[str, str]] = field(default_factory=lambda: iter(()))
    _held: tuple[str, str, notes.Checkpoint] | None = None

    def run(self) -> None:
        """Walk it all."""
        self._outside = shelf.notes_in()
        self._pull()
        newest, size = _newest(), 0
        while newest is not None and newest.size > size:
            for start in range(size, newest.size, CHUNK):
                end = min(start + CHUNK, newest.size)
                self._chunk(start, end)
                self.tell("entries of the log", end / newest.size)
            size = newest.size
            if self._held is not None:  # sealed while this went on, or cut off: what the database has by now tells
                newest = _newest()
        self._end(newest)
        self.report.size, self.report.root = self._log.size, self._log.root().hex()

    # ---- entries
    def _chunk(self, start: int, end: int) -> None:
        stamps = {stamp.size: stamp for stamp in Checkpoint.objects.filter(size__gt=start, size__lte=end)}
        with connection.cursor() as cursor:
            cursor.execute(_NODES, [start, end])
            nodes = {(level, index): bytes(digest) for level, index, digest in cursor.fetchall()}
            cursor.execute(_LEAVES, [start, end])
            leaves = cursor.fetchall()
        rows = _rows([trail for _, trail, _ in leaves])
        self.report.count("entries", len(leaves))
        for place, trail, kept in leaves:
            self._entry(place, trail, bytes(kept), rows.get(trail))
            for level, index, digest in self._log.push(bytes(kept)):
                self._node(nodes.get((level, index)), digest, level, index)
            self._meet(stamps)
        if self._next < end:
            self._gap(end)
            self._meet(stamps)

    def _entry(self, index: int, trail: int, digest: bytes, row: tuple[Any, ...] | None) -> None:
        if index != self._next:
            self._gap(index)
        self._next = index + 1
        if row is None:
            text = f"Trail row {trail:,}, entry {index:,} of the log, has been removed from the trail"
            self.report.add("row removed", text, trail)
        elif merkle.leaf_hash(entries.leaf_bytes(row)) != digest:
            self.report.add(
                "row changed", f"{_capital(row_words(trail))} is not what was sealed as entry {index:,}", trail
            )

    def _gap(self, index: int) -> None:
        span = f"entry {self._next:,}" if index == self._next + 1 else f"entries {self._next:,} to {index - 1:,}"
        self.report.add("entry removed", f"The log misses {span}, which had been sealed")
        self._log.size, self._next, self._torn = index, index, True
        self._log.peaks = [merkle.EMPTY] * index.bit_count()  # the shape goes on, the roots cannot agree

    def _node(self, kept: bytes | None, digest: bytes, level: int, index: int) -> None:
        if kept != digest and not self._torn:
            first = index << level
            text = f"The tree's node over the entries {first:,} to {first + (1 << level) - 1:,} is not what they give"
            self.report.add("tree changed", text)

    # ---- checkpoints
    def _meet(self, stamps: dict[int, Checkpoint]) -> None:
        stamp = stamps.pop(self._log.size, None)
        here = self._held is not None and self._held[2].size <= self._log.size
        if stamp is None and not here:
            return
        root = self._log.root()
        if stamp is not None:
            self._stamp(stamp, root)
        while self._held is not None and self._held[2].size <= self._log.size:
            self._shelved(*self._held, root, stamp)
            self._pull()

    def _stamp(self, stamp: Checkpoint, root: bytes) -> None:
        self.report.count("checkpoints")
        if stamp.number != self._number + 1:
            missing = f"{self._number + 1:,}" if stamp.number == self._number + 2 else f"before {stamp.number:,}"
            self.report.add("checkpoint removed", f"Checkpoint {missing} has been removed from the database")
        self._number = stamp.number
        expected = notes.Checkpoint(self.verifier.name, stamp.size, root, stamp.at).text()
        name = f"Checkpoint {stamp.number:,} of {stamp.at:%Y-%m-%d %H:%M:%S} UTC"
        if not notes.is_signed(stamp.note, self.verifier):
            self.report.add("checkpoint forged", f"{name} does not carry the signature of this trail's key")
        elif notes.text_of(stamp.note) == expected and bytes(stamp.root) == root:
            self._good = stamp.size
            return
        elif notes.read(stamp.note).root == root:
            self.report.add("checkpoint changed", f"{name} in the database is not what its own signature says")
            self._good = stamp.size
            return
        self._disagree(stamp.size, name)

    def _disagree(self, size: int, name: str) -> None:
        if not self._torn:
            rows = _trail_rows(self._good, size)
            self.report.add("log changed", f"{name} does not agree with the log: {rows} are not as they were sealed")
        self._torn = True

    def _shelved(self, where: str, note: str, said: notes.Checkpoint, root: bytes, stamp: Checkpoint | None) -> None:
        self.report.count("checkpoints outside")
        if stamp is not None and stamp.note == note:
            return
        if not notes.is_signed(note, self.verifier):
            self.report.add(
                "file changed", f"The checkpoint at {where} does not carry the signature of this trail's key"
            )
        elif said.size < self._log.size or said.origin != self.verifier.name:
            self.report.add("file changed", f"The checkpoint at {where} is out of its order")
        elif said.root != root:
            self._disagree(said.size, f"The checkpoint kept outside at {where}")
        elif stamp is None:
            self.report.add("checkpoint removed", f"The checkpoint at {where} has been removed from the database")

    def _pull(self) -> None:
        """The next readable checkpoint from outside."""
        self._held = None
        for where, note in self._outside:
            try:
                self._held = (where, note, notes.read(note))
            except ValueError:
                self.report.add("file changed", f"What stands at {where} is no checkpoint")
                continue
            return

    # ---- beyond the last checkpoint
    def _end(self, newest: Checkpoint | None) -> None:
        if self._held is not None:
            self._cut_off(*self._held)
        with connection.cursor() as cursor:
            cursor.execute(_LATE, [self._log.size])
            for index, trail in cursor.fetchall():
                self.report.add("entry added", f"Entry {index:,} of the log was added without a checkpoint", trail)
            cursor.execute(_OUTSIDE, [newest.low if newest else 0])
            for (trail,) in cursor.fetchall():
                self.report.add("row added", f"{_capital(row_words(trail))} was added behind the log", trail)

    def _cut_off(self, where: str, _note: str, first: notes.Checkpoint) -> None:
        """Checkpoints outside that are over more than the log has: the last one tells how much is missing."""
        last = first
        while self._held is not None:
            where, last = self._held[0], self._held[2]
            self._pull()
        text = (
            f"The log ends at entry {self._log.size:,}, but the checkpoint kept outside at {where} is over"
            f" {last.size:,}: the newest {last.size - self._log.size:,} entries are missing (those sealed from"
            f" {first.at:%Y-%m-%d %H:%M:%S} UTC on)"
        )
        self.report.add("log cut off", text)


def _rows(ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """The trail rows of some leaves, by id; those that are gone are not in it."""
    with connection.cursor() as cursor:
        if ids and max(ids) - min(ids) < 4 * CHUNK:
            cursor.execute(_NEAR, [min(ids), max(ids)])
        else:
            cursor.execute(_FAR, [ids])
        return {row[0]: row for row in cursor.fetchall()}


def _newest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def _trail_rows(low: int, high: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select min(trail), max(trail) from core_trailleaf where idx >= %s and idx < %s", [low, high])
        first, last = cursor.fetchone()
    span = f"trail row {first:,}" if first == last and first else f"trail rows {first or 0:,} to {last or 0:,}"
    return f"entries {low:,} to {high - 1:,} ({span})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
