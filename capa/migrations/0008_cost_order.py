"""Lists follow an index where they are sorted by cost."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies: ClassVar = [("capa", "0007_actions_move")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="costtotal",
            index=models.Index(models.F("currency"), models.F("amount"), models.F("record"), name="cost_total_order"),
        ),
    ]
