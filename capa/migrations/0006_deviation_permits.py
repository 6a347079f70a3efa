"""Deviation permits: agreed before the pieces are made, bounded, used piece by piece."""

from __future__ import annotations

from typing import ClassVar

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from qms.core.trail import Regulate


class Migration(migrations.Migration):
    """Two tables with their trail, and the permit a nonconformity was made under."""

    dependencies: ClassVar = [
        ("capa", "0005_cost_totals"),
        ("core", "0004_fixed_due_and_languages"),
        ("governance", "0003_decisions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Deviation",
            fields=[
                (
                    "record_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="core.record",
                    ),
                ),
                ("requirement", models.TextField(blank=True, verbose_name="what is required")),
                ("instead", models.TextField(blank=True, verbose_name="what is allowed instead")),
                ("justification", models.TextField(blank=True, verbose_name="why it is needed")),
                ("risk", models.TextField(blank=True, verbose_name="risk, and how it is watched")),
                ("begins_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="last day")),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="at most so many pieces",
                    ),
                ),
                ("lot", models.CharField(blank=True, max_length=80, verbose_name="for the lot")),
                (
                    "customer_required",
                    models.BooleanField(default=False, verbose_name="contract asks for the customer's approval"),
                ),
                (
                    "customer_number",
                    models.CharField(blank=True, max_length=60, verbose_name="number of the customer's approval"),
                ),
                (
                    "customer_by",
                    models.CharField(blank=True, max_length=120, verbose_name="approved by, at the customer"),
                ),
                ("customer_on", models.DateField(blank=True, null=True, verbose_name="approved on")),
                ("wanted_until", models.DateField(blank=True, null=True, verbose_name="new last day")),
                (
                    "wanted_quantity",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="new number of pieces"),
                ),
                ("change_request", models.CharField(blank=True, max_length=60, verbose_name="change request")),
                ("extended", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("returned_at", models.DateTimeField(editable=False, null=True)),
                (
                    "characteristic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.characteristic",
                    ),
                ),
                (
                    "part",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.part",
                    ),
                ),
                (
                    "process",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.process",
                    ),
                ),
            ],
            bases=("core.record",),
        ),
        migrations.AddField(
            model_name="nonconformity",
            name="permit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="nonconformities",
                to="capa.deviation",
                verbose_name="made under the deviation permit",
            ),
        ),
        migrations.CreateModel(
            name="PermitUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="pieces"
                    ),
                ),
                ("lot", models.CharField(blank=True, max_length=80)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deviation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="capa.deviation"
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="permit_use_of_something")
                ],
            },
        ),
        Regulate("deviation"),
        Regulate("permituse", record="deviation_id"),
    ]
