"""Signatures are watched: what was signed and then changed past the product's own doors makes them void too."""

from __future__ import annotations

import logging

from django.db import connection
from django.utils import timezone

from qms.core.actor import system
from qms.core.models import Heartbeat, Record
from qms.core.notify import tell
from qms.core.records import locked, url_of
from qms.core.signing import recheck
from qms.core.trail import acting

logger = logging.getLogger(__name__)

WATCH = system("watch")
NAME = "signatures"
OVERLAP, LATEST = 10_000, 300  # trail rows, and seconds of them, looked at again: an older one may be committed later
WHY = "the signed content was changed outside its forms"

_NEWEST = "select coalesce(max(id), 0) from core_trail"
_TOUCHED = """
select distinct t.record from core_trail t
where t.id > %(last)s - %(overlap)s and t.id <= %(newest)s
and (t.id > %(last)s or t.at > %(at)s - make_interval(secs => %(latest)s)) and exists (
  select from core_signature s where s.record_id = t.record
  and not exists (select from core_signaturevoid v where v.signature_id = s.id))
"""
_LAST = """
insert into core_heartbeat as h (name, at, data) values (%s, clock_timestamp(), jsonb_build_object('trail', %s))
on conflict (name) do update set at = excluded.at,
  data = jsonb_build_object('trail', greatest((h.data->>'trail')::bigint, (excluded.data->>'trail')::bigint))
"""


def watch_signatures() -> int:
    """Check the signatures of every record changed since the last look, whoever changed it and how.

    Services check at once; this finds what raw SQL and scripts did, by the trail that the database keeps. Whoever
    signed is told. Returns how many signatures became void.
    """
    newest, touched = _touched()
    voided = 0
    for pk in touched:
        try:
            voided += _recheck(pk)
        except Exception:
            logger.exception("The signatures of record %d could not be checked", pk)
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [NAME, newest])
    return voided


def _touched() -> tuple[int, list[int]]:
    kept = Heartbeat.objects.filter(name=NAME).first()
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        newest: int = cursor.fetchone()[0]
        last = int(kept.data.get("trail", newest)) if kept else newest
        cursor.execute(
            _TOUCHED,
            {
                "last": min(last, newest), "newest": newest, "overlap": OVERLAP, "latest": LATEST,
                "at": kept.at if kept else timezone.now(),
            },
        )  # fmt: skip
        return newest, [pk for (pk,) in cursor.fetchall()]


def _recheck(pk: int) -> int:
    with acting(WATCH, reason=WHY, source="watch"):
        record = locked(Record, pk)
        voided = recheck(record, by=WATCH.name, reason=WHY)
        for signature in voided:
            text = f"Your signature “{signature.meaning}” on {record.number} is void: {WHY}"
            tell(signature.signer_id, "signature", text, url_of(record), record, key=f"void:{signature.pk}")
    return len(voided)
