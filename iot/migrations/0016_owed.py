"""A chart remembers from when it is owed another judging, because of readings that came very late."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("iot", "0015_storage")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="chartstate",
            name="owed_from",
            field=models.DateTimeField(help_text="The oldest reading so late that judging it waits.", null=True),
        ),
    ]
