"""The first number of a count is known beside the newest; gaps of one moment are told apart by their first number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds where a count began; of counts under way nothing before them is known to be missing."""

    dependencies: ClassVar = [("iot", "0013_lean_points")]

    operations: ClassVar = [
        migrations.AddField(
            "sequencemark",
            "first_seq",
            models.BigIntegerField(
                default=0, help_text="The lowest number heard; nothing before it is known to be missing."
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "sequencemark",
            "first_t",
            models.DateTimeField(default=datetime(2000, 1, 1, tzinfo=UTC), help_text="Measured time of that reading."),
            preserve_default=False,
        ),
        migrations.RemoveConstraint("readinggap", "reading_gap_once"),
        migrations.AddConstraint(
            "readinggap",
            models.UniqueConstraint(
                fields=("parameter", "kind", "since", "boot", "first_seq"),
                name="reading_gap_once",
                nulls_distinct=False,
            ),
        ),
    ]
