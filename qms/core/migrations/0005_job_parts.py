"""Parts of a job's effect are noted with it, so that a job taken over goes on where the other ended."""

from __future__ import annotations

from typing import ClassVar

import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies: ClassVar = [("core", "0004_fixed_due_and_languages")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="JobPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("data", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "job",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="core.job"),
                ),
            ],
            options={"ordering": ("id",)},
        ),
        migrations.AddConstraint("jobpart", models.UniqueConstraint(fields=("job", "key"), name="job_part_once")),
    ]
