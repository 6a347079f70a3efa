"""Every table keeps a trail of every change, or says here why it does not."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from governance.models import UnmappedTopic
from iot.models import Quarantine
from qms.core.actor import system
from qms.core.models import Trail
from qms.core.trail import acting

pytestmark = pytest.mark.django_db
ROOMS = {"core", "web", "governance", "iot", "capa", "analytics"}
WHOLE = {"trail_insert_delete", "trail_update"}
EXEMPT = {
    "core.Trail": "the trail itself",
    "core.TrailLeaf": "the sealed log of the trail, append-only",
    "core.TrailNode": "the sealed log of the trail, append-only",
    "core.Checkpoint": "the sealed log of the trail, append-only",
    "core.Series": "numbers show on their records",
    "core.FlowState": "written by migrate from the flows",
    "core.SearchEntry": "words derived from the record",
    "core.Event": "append-only",
    "core.Delivery": "working state of the outbox",
    "core.Job": "working state",
    "core.JobPart": "working state; what the part wrote is in the trail under the job's name",
    "core.Heartbeat": "working state",
    "core.ClockMark": "derived from due dates; the notices are kept",
    "core.IdempotencyKey": "answers kept for two days",
    "core.Notice": "a copy for one person",
    "core.SavedView": "a person's own taste",
    "core.Watch": "a person's own wish to be told; nothing of the record",
    "core.SigningAttempt": "append-only",
    "core.Blob": "bytes under their own digest; attachments are regulated",
    "capa.CostTotal": "summed by the database from cost lines, which are regulated",
    "iot.Reading": "machine data, idempotent; another value is a correction, which is regulated",
    "iot.StoredReading": "a view of readings",
    "iot.RetentionMark": "how far a run came; the runs are kept",
    "iot.Subgroup": "computed from readings; exclusions are regulated",
    "iot.ChartState": "working state of the evaluation",
    "iot.Signal": "computed from points; decisions about it are regulated",
    "iot.VectorPoint": "computed from readings, with its point",
    "iot.VectorGap": "computed from readings that did not come",
    "iot.VectorNote": "working state",
    "iot.IngestCount": "counters",
    "iot.SourceCount": "counters",
    "iot.EdgeNode": "the session of an edge node, kept by the worker",
    "iot.NodeBirth": "what an edge node said of itself",
    "iot.ReadingGap": "noted by the worker; what fills it is a reading",
    "iot.SequenceMark": "working state",
    "iot.DeviceActivity": "when a device was last heard",
}
DECIDED = {
    "governance.UnmappedTopic": "counted by machines, decided by people",
    "iot.Quarantine": "kept by machines, decided by people",
}
TABLES = [model for model in apps.get_models() if model._meta.app_label in ROOMS]


def triggers(table: str) -> set[str]:
    """The trail's triggers of a table that are switched on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select tgname from pg_trigger where tgrelid = %s::regclass and tgenabled = 'O'
               and tgname in ('trail_insert_delete', 'trail_update')""",
            [table],
        )
        return {name for (name,) in cursor.fetchall()}


def wanted(model: type[models.Model]) -> set[str]:
    """The triggers a table has to carry."""
    if model._meta.label in EXEMPT:
        return set()
    return {"trail_update"} if model._meta.label in DECIDED else WHOLE


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_every_table_keeps_a_trail_or_says_why_not(model: type[models.Model]) -> None:
    assert triggers(model._meta.db_table) == wanted(model)


def test_every_exemption_is_of_a_table_that_exists() -> None:
    assert not (EXEMPT.keys() | DECIDED.keys()) - {model._meta.label for model in TABLES}


def test_letting_a_payload_go_is_kept_with_who_and_why() -> None:
    with acting(system("ingest")):
        row = Quarantine.objects.create(
            received_at=timezone.now(), topic="nv1/x", payload=b"?", size=1, reason="payload.json"
        )
    with acting(system("tests"), reason="not ours"):
        Quarantine.objects.filter(pk=row.pk).update(state=Quarantine.State.DISCARDED)
    kept = Trail.objects.filter(tbl="iot_quarantine").values_list("op", "actor", "reason")
    assert list(kept) == [("U", "system:tests", "not ours")]


def test_what_is_heard_on_an_unknown_topic_fills_no_trail() -> None:
    now = timezone.now()
    with acting(system("ingest")):
        row = UnmappedTopic.objects.create(topic="nv1/x/y", first_seen=now, last_seen=now)
        UnmappedTopic.objects.filter(pk=row.pk).update(count=7)
    assert not Trail.objects.filter(tbl="governance_unmappedtopic").exists()
