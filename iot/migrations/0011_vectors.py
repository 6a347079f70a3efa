"""Vectors of characteristics judged together, and what did not become whole of them."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0008_multivariate"),
        ("iot", "0001_squashed_0010_profiles"),
    ]

    operations = [
        migrations.CreateModel(
            name="VectorPoint",
            fields=[
                (
                    "point",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="vector",
                        serialize=False,
                        to="iot.subgroup",
                    ),
                ),
                ("serial", models.CharField(blank=True, default="", max_length=80)),
                (
                    "smooth",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(),
                        default=list,
                        help_text="Deviations as a MEWMA has smoothed them.",
                        size=None,
                    ),
                ),
                ("smoothed", models.PositiveIntegerField(default=0, help_text="Points in that average.")),
                (
                    "contributions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(),
                        default=list,
                        help_text="The part of T squared that vanishes without the variable.",
                        size=None,
                    ),
                ),
                (
                    "deviations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(),
                        default=list,
                        help_text="Distance of each from its mean, in sigmas.",
                        size=None,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VectorGap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_t", models.DateTimeField(help_text="Measured time of its first reading.")),
                ("until", models.DateTimeField(help_text="When it was given up, in measured time.")),
                ("serial", models.CharField(blank=True, default="", max_length=80)),
                (
                    "have",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="Characteristics whose reading was there.",
                        size=None,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "characteristic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vector_gaps",
                        to="governance.characteristic",
                    ),
                ),
            ],
            options={
                "ordering": ("-first_t",),
                "indexes": [models.Index(fields=["characteristic", "-first_t"], name="vector_gap_by_time")],
            },
        ),
        migrations.CreateModel(
            name="VectorNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(help_text="Measured time of the earliest of them.")),
                (
                    "characteristic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="governance.characteristic"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["characteristic"], name="vector_note_by_chart")],
            },
        ),
    ]
