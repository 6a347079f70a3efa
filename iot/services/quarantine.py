"""Send quarantined payloads through the door again, or let them go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils import timezone

from iot.ingest.catalogue import load
from iot.ingest.flush import flush
from iot.ingest.intake import Message
from iot.models import Quarantine
from qms.core.actor import ALL, Actor
from qms.core.errors import because
from qms.core.trail import acting

_BATCH = 500


def replay(rows: QuerySet[Quarantine], *, by: Actor) -> Counter[str]:
    """Take kept payloads again, oldest first; outcome -> number. What is refused again is kept again.

    A payload stored before is counted as a duplicate, so replaying twice does no harm.
    """
    rows = _decided_by(rows, by)
    outcomes: Counter[str] = Counter()
    ids = list(rows.filter(state=Quarantine.State.KEPT).order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), _BATCH):
        outcomes += _replay(ids[start : start + _BATCH], by)
    return outcomes


def _replay(ids: Sequence[int], by: Actor) -> Counter[str]:
    with acting(by, reason="replay"):
        rows = list(
            Quarantine.objects.filter(pk__in=ids, state=Quarantine.State.KEPT).select_for_update().order_by("id")
        )
        Quarantine.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Quarantine.State.REPLAYED, replayed_at=timezone.now()
        )
        once = {(row.topic, bytes(row.payload)): row for row in rows}  # a station message is kept once per bad entry
        messages = [Message(topic, payload, row.received_at, kept=True) for (topic, payload), row in once.items()]
        return flush(messages, load(), by=by).outcomes


def discard(rows: QuerySet[Quarantine], *, reason: str, by: Actor) -> int:
    """Let kept payloads go; they stay readable but are not offered for replay. Returns how many."""
    rows = _decided_by(rows, by)
    reason = because(reason, "Say why these payloads are let go.")
    with acting(by, reason=reason):
        return rows.filter(state=Quarantine.State.KEPT).update(state=Quarantine.State.DISCARDED)


def _decided_by(rows: QuerySet[Quarantine], by: Actor) -> QuerySet[Quarantine]:
    """Those of the sites where this person decides, and those of no known site; Denied for who decides nowhere."""
    by.require("quarantine.replay")
    sites = by.sites("quarantine.replay")
    return rows if sites is ALL else rows.filter(Q(site_id__in=sites) | Q(site=None))
