"""An action of a released plan may go to another person or day; what was agreed stays."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """No action there is has moved."""

    dependencies: ClassVar = [
        ("capa", "0006_deviation_permits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="action",
            name="agreed_due",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="action",
            name="agreed_owner",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="action",
            name="moved",
            field=models.PositiveSmallIntegerField(
                default=0,
                editable=False,
                help_text="How often it went to another person or day after the plan was released.",
            ),
        ),
    ]
