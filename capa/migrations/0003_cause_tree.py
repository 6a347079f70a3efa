"""Causes as a tree: why behind why, and which of them are chosen as root causes."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Every cause there is stays a root cause."""

    dependencies: ClassVar = [("capa", "0002_trail")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="cause",
            name="parent",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="whys", to="capa.cause"
            ),
        ),
        migrations.AddField(
            model_name="cause",
            name="root",
            field=models.BooleanField(default=True, verbose_name="chosen as root cause"),
        ),
    ]
