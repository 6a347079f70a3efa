"""Master data is kept in the trail, and every change of it wakes who caches it."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from qms.core.trail import Regulate

# transactional: the note arrives with the commit, so a listener that reloads then sees what changed
CHANGED = """
create function reference_changed() returns trigger language plpgsql as $$
begin perform pg_notify('reference', tg_table_name); return null; end $$;
"""
WATCHED = ("core_site", "governance_equipment", "governance_parameter", "governance_characteristic")


class Migration(migrations.Migration):
    """Triggers the ORM cannot say."""

    dependencies: ClassVar = [("governance", "0001_initial"), ("core", "0002_trail")]
    operations: ClassVar = [
        migrations.RunSQL(CHANGED, "drop function reference_changed() cascade"),
        *(
            migrations.RunSQL(
                f"create trigger reference_changed after insert or update or delete on {table} "
                "for each statement execute function reference_changed()",
                f"drop trigger if exists reference_changed on {table}",
            )
            for table in WATCHED
        ),
        # rows of master data belong to no record: the named column does not exist, so the trail's record stays empty
        *(
            Regulate(model, record="-")
            for model in ("equipment", "part", "process", "numberrule", "parameter", "characteristic")
        ),
    ]
