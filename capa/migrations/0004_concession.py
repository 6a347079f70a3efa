"""The customer's approval of pieces that are not as specified: kind, who, when, and what it is bound to."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Approvals there are stay concessions."""

    dependencies: ClassVar = [("capa", "0003_cause_tree")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="nonconformity",
            name="concession_by",
            field=models.CharField(blank=True, max_length=120, verbose_name="approved by, at the customer"),
        ),
        migrations.AddField(
            model_name="nonconformity",
            name="concession_kind",
            field=models.CharField(
                choices=[
                    ("concession", "Concession (after the pieces were made)"),
                    ("deviation", "Deviation permit (before they were made)"),
                ],
                default="concession",
                max_length=10,
                verbose_name="customer's approval",
            ),
        ),
        migrations.AddField(
            model_name="nonconformity",
            name="concession_lot",
            field=models.CharField(blank=True, max_length=80, verbose_name="for the lot"),
        ),
        migrations.AddField(
            model_name="nonconformity",
            name="concession_on",
            field=models.DateField(blank=True, null=True, verbose_name="approved on"),
        ),
        migrations.AddField(
            model_name="nonconformity",
            name="concession_quantity",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="for at most so many pieces"),
        ),
        migrations.AddField(
            model_name="nonconformity",
            name="concession_until",
            field=models.DateField(blank=True, null=True, verbose_name="last day"),
        ),
        migrations.AlterField(
            model_name="nonconformity",
            name="concession_number",
            field=models.CharField(blank=True, max_length=60, verbose_name="number of the approval"),
        ),
        migrations.AlterField(
            model_name="nonconformity",
            name="concession_required",
            field=models.BooleanField(default=False, verbose_name="contract asks for the customer's approval"),
        ),
    ]
