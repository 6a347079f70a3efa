"""Lists follow an index where they are sorted by owner, and count by site without reading the rows."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models.expressions import OrderBy


class Migration(migrations.Migration):
    """Two indexes."""

    dependencies: ClassVar = [("core", "0006_watches")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="record", name="record_kind_site"),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                models.F("kind"),
                models.F("site"),
                OrderBy(models.F("opened_at"), descending=True),
                include=("id",),
                name="record_kind_site",
            ),
        ),
        migrations.AddIndex(model_name="user", index=models.Index(models.F("name"), name="user_name")),
    ]
