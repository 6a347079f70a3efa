"""What gathers around a record, read for its page: who watches, links, comments, files, frozen evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from qms.core.actor import Actor
from qms.core.links import Linked, ends_of, reading_links
from qms.core.models import Record
from qms.core.together import together
from qms.core.watchers import reading_watchers

_COMMENTS = """
select c.id as pk, u.name as author, c.text, c.created_at as at
from core_comment c join core_user u on u.id = c.author_id where c.record_id = %s order by c.created_at, c.id
"""
_FILES = """
select a.id as pk, a.name, b.size from core_attachment a join core_blob b on b.id = a.blob_id
where a.record_id = %s and a.withdrawn_at is null order by a.uploaded_at, a.id
"""
_EVIDENCE = """
select id as pk, kind, title, source_url, svg, digest, frozen_at, frozen_by from core_frozenevidence
where record_id = any(%s) order by frozen_at, id
"""


class Watcher(NamedTuple):
    """Somebody who is told what becomes of the record."""

    pk: int
    name: str


class Remark(NamedTuple):
    """One comment."""

    pk: int
    author: str
    text: str
    at: datetime


class File(NamedTuple):
    """One file; size in bytes."""

    pk: int
    name: str
    size: int


class Evidence(NamedTuple):
    """One frozen drawing with the digest of the data it shows."""

    pk: int
    kind: str
    title: str
    source_url: str
    svg: str
    digest: str
    frozen_at: datetime
    frozen_by: str


@dataclass(frozen=True)
class Surroundings:
    """Everything of one record, each in the order its page shows it."""

    watchers: list[Watcher]
    links: list[Linked]
    comments: list[Remark]
    files: list[File]
    evidence: list[Evidence]


def surroundings(record: Record, actor: Actor, *, evidence_of: Collection[int]) -> Surroundings:
    """What gathers around a record, as far as the actor may see it, by one statement.

    `evidence_of`: ids of the records whose frozen evidence is shown with this one.
    """
    found = together(
        watchers=reading_watchers(record),
        links=reading_links(record, actor),
        comments=(_COMMENTS, [record.pk]),
        files=(_FILES, [record.pk]),
        evidence=(_EVIDENCE, [list(evidence_of)]),
    )
    return Surroundings(
        [Watcher(**row) for row in found["watchers"]],
        ends_of(found["links"]),
        [Remark(**_timed(row, "at")) for row in found["comments"]],
        [File(**row) for row in found["files"]],
        [Evidence(**_timed(row, "frozen_at")) for row in found["evidence"]],
    )


def _timed(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {**row, name: datetime.fromisoformat(row[name])}
