"""A record's trail to take along: its rows, their proofs, and a script that checks them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import connection
from django.utils import timezone

from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.models import Checkpoint, Record, TrailLeaf, TrailNode
from qms.core.seal import entries, keys, merkle
from qms.core.trail import reading

SCRIPT = Path(__file__).with_name("standalone.py")
_ROWS = f"""
select l.idx, (select min(c.size) from core_checkpoint c where c.size > l.idx), {entries.FIELDS}
from core_trail t join core_trailleaf l on l.trail = t.id where t.record = %s and l.idx < %s order by t.id
"""
_OPEN = (
    "select count(*) from core_trail t where t.record = %s and not exists ("
    "select from core_trailleaf l where l.trail = t.id)"
)
README = """\
The trail of {number}, {title}
Exported {at} by {by}

rows.jsonl        {rows} rows of the trail, one a line: the row as it was sealed, its place in the log, its proof
checkpoint        the signed statement of the log's root over all its {size} entries
checkpoints.json  the earlier checkpoints under which the rows were sealed, with the proof that the log only grew
public-key        the key of this installation; compare it with the one you were given
verify.py         checks all of it; needs Python 3.9 or newer and nothing else:

    python3 verify.py

It prints the history, and says HOLDS when every row is, byte for byte, an entry of the signed log.
What it shows is that these rows are as they were sealed, and since when. That no row of this record was left out of the
bundle is shown on the installation itself, by `manage.py verify_trail`; ask for its report with this checkpoint.
{open}"""


@dataclass
class Tree:
    """The hashes of the log as proofs ask for them, read a tile at a time."""

    _tiles: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)

    def node(self, level: int, index: int) -> bytes:
        """The root of a perfect subtree."""
        base = level - level % merkle.TILE
        width = level - base
        tile, start = divmod(index << width, 1 << merkle.TILE)
        return merkle.root_of(self._tile(base, tile)[start : start + (1 << width)])

    def _tile(self, level: int, tile: int) -> list[bytes]:
        if (level, tile) not in self._tiles:
            span = {"idx__gte": tile << merkle.TILE, "idx__lt": (tile + 1) << merkle.TILE}
            rows: Any = TrailNode.objects.filter(level=level, **span) if level else TrailLeaf.objects.filter(**span)
            self._tiles[level, tile] = [bytes(row) for row in rows.order_by("idx").values_list("hash", flat=True)]
        return self._tiles[level, tile]


def export(record: Record, out: IO[bytes], *, by: Actor) -> dict[str, int]:
    """Write the bundle of a record into `out`; returns how many rows are in it and how many are not sealed yet.

    Raises Denied without the right to see trails there, Refused while nothing of the record is sealed.
    """
    by.require("trail.view", record)
    with reading(by):
        newest = Checkpoint.objects.order_by("-size").first()
        rows = _rows(record.pk, newest.size) if newest else []
        if newest is None or not rows:
            raise Refused("Nothing of this record is sealed yet. Its trail is sealed within seconds: try again.")
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, [record.pk])
            waiting = cursor.fetchone()[0]
        files = _files(rows, newest)
    files["README.txt"] = README.format(
        number=record.number,
        title=record.title,
        at=timezone.now().isoformat(timespec="seconds"),
        by=by.name,
        rows=len(rows),
        size=newest.size,
        open=f"\n{waiting} newer rows were not sealed yet and are not in it.\n" if waiting else "",
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in sorted(files.items()):
            bundle.writestr(name, text)
    return {"rows": len(rows), "waiting": waiting}


def _rows(record: int, size: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [record, size])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _files(rows: list[tuple[Any, ...]], newest: Checkpoint) -> dict[str, str]:
    tree, sizes = Tree(), sorted({row[1] for row in rows})
    earlier = [
        {"note": stamp.note, "consistency": _hex(merkle.consistency(stamp.size, newest.size, tree.node))}
        for stamp in Checkpoint.objects.filter(size__in=sizes).order_by("size")
    ]
    return {
        "rows.jsonl": "".join(_lines(rows, newest.size, sizes, tree)),
        "checkpoint": newest.note,
        "checkpoints.json": json.dumps(earlier, indent=1, ensure_ascii=False) + "\n",
        "public-key": keys.verifier().line() + "\n",
        "verify.py": SCRIPT.read_text(),
    }


def _lines(rows: list[tuple[Any, ...]], size: int, sizes: list[int], tree: Tree) -> Iterator[str]:
    for index, sealed, *row in rows:
        held = {
            "entry": index,
            "checkpoint": sizes.index(sealed),
            "leaf": entries.leaf_bytes(tuple(row)).decode(),
            "path": _hex(merkle.inclusion(index, size, tree.node)),
        }
        yield json.dumps(held, ensure_ascii=True) + "\n"


def _hex(hashes: list[bytes]) -> list[str]:
    return [digest.hex() for digest in hashes]
