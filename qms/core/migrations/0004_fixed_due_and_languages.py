"""A due date that a person set is marked; languages without a catalogue are no longer offered."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

import qms.core.models.people

# in the trail's own words, so that the change of a profile does not look like an unknown hand
ENGLISH = """
select set_config('qms.actor', 'system:migrate', true),
  set_config('qms.reason', 'only languages with a catalogue are offered', true), set_config('qms.source', 'migrate', true);
update core_site set language = 'en' where language <> 'en';
update core_user set language = 'en' where language <> 'en';
"""


class Migration(migrations.Migration):
    """One column, and the choices of two."""

    dependencies: ClassVar = [("core", "0003_clocks")]
    operations: ClassVar = [
        migrations.AddField(
            "record",
            "due_fixed",
            models.BooleanField(
                default=False,
                db_default=False,
                editable=False,
                help_text="A person set the due date: no step moves it.",
            ),
        ),
        migrations.RunSQL(ENGLISH, migrations.RunSQL.noop),
        *(
            migrations.AlterField(
                model,
                "language",
                models.CharField(max_length=8, default="en", choices=qms.core.models.people.languages),
            )
            for model in ("site", "user")
        ),
    ]
