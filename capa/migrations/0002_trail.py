"""Keep a trail of every table of the room; a verdict is never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from qms.core.trail import Regulate


class Migration(migrations.Migration):
    """Triggers on every table, and verdicts that only the owner could touch."""

    dependencies: ClassVar = [("capa", "0001_initial")]
    operations: ClassVar = [
        Regulate("nonconformity"),
        Regulate("capa"),
        Regulate("defectcode"),
        Regulate("escalationrule"),
        Regulate("containment", record="record_id"),
        Regulate("disposition", record="nonconformity_id"),
        Regulate("costline", record="record_id"),
        Regulate("teammember", record="capa_id"),
        Regulate("cause", record="capa_id"),
        Regulate("action", record="capa_id"),
        Regulate("criterion", record="capa_id"),
        Regulate("verdict", record="capa_id"),
        Regulate("documentupdate", record="capa_id"),
        Regulate("readacross", record="capa_id"),
        migrations.RunSQL("revoke update, delete, truncate on capa_verdict from qms_app", migrations.RunSQL.noop),
    ]
