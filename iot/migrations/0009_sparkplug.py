"""Edge nodes that speak Sparkplug B, and readings that are known to be missing."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_job_parts"),
        ("governance", "0004_memory_charts"),
        ("iot", "0008_rules_of_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="SequenceMark",
            fields=[
                (
                    "parameter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="governance.parameter",
                    ),
                ),
                ("boot", models.CharField(max_length=80)),
                ("seq", models.BigIntegerField()),
                ("t", models.DateTimeField(help_text="Measured time of that reading.")),
            ],
        ),
        migrations.CreateModel(
            name="EdgeNode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("unknown", "Not born"), ("online", "Online"), ("offline", "Offline")],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                (
                    "bd_seq",
                    models.SmallIntegerField(blank=True, help_text="Number of the session, from its birth.", null=True),
                ),
                (
                    "seq",
                    models.SmallIntegerField(blank=True, help_text="Sequence number of its newest message.", null=True),
                ),
                ("digest", models.BigIntegerField(default=0)),
                ("doubtful", models.BooleanField(default=False, help_text="Messages were missed since the birth.")),
                ("errors", models.PositiveIntegerField(default=0, help_text="Messages out of sequence.")),
                (
                    "rebirths",
                    models.PositiveIntegerField(default=0, help_text="How often it was asked for its births."),
                ),
                ("born_at", models.DateTimeField(blank=True, null=True)),
                ("died_at", models.DateTimeField(blank=True, null=True)),
                ("heard_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("asked_before", models.DateTimeField(blank=True, null=True)),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.site",
                    ),
                ),
            ],
            options={
                "ordering": ("group", "name"),
            },
        ),
        migrations.CreateModel(
            name="NodeBirth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("device", models.CharField(blank=True, default="", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("unknown", "Not born"), ("online", "Online"), ("offline", "Offline")],
                        default="unknown",
                        max_length=10,
                    ),
                ),
                ("born_at", models.DateTimeField(blank=True, null=True)),
                ("metrics", models.JSONField(default=dict, help_text="Name -> data type, unit, alias.")),
                ("lot", models.CharField(blank=True, max_length=80, null=True)),
                ("serial", models.CharField(blank=True, max_length=80, null=True)),
                (
                    "parameters",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        blank=True,
                        default=list,
                        help_text="Those its metrics feed.",
                        size=None,
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="births", to="iot.edgenode"
                    ),
                ),
            ],
            options={
                "ordering": ("node", "device"),
            },
        ),
        migrations.CreateModel(
            name="ReadingGap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("lost", "Not received"), ("empty", "No value")], default="lost", max_length=10
                    ),
                ),
                ("since", models.DateTimeField(help_text="Measured time of the reading before.")),
                ("until", models.DateTimeField(help_text="Measured time of the reading after.")),
                (
                    "boot",
                    models.CharField(
                        blank=True, default="", help_text="Which start of the device counted.", max_length=80
                    ),
                ),
                ("first_seq", models.BigIntegerField(blank=True, help_text="First number that is missing.", null=True)),
                ("last_seq", models.BigIntegerField(blank=True, help_text="Last number that is missing.", null=True)),
                ("missing", models.PositiveIntegerField(default=1, help_text="How many readings are still missing.")),
                ("seen_at", models.DateTimeField()),
                (
                    "asked_at",
                    models.DateTimeField(
                        blank=True, help_text="When the device was asked to send them again.", null=True
                    ),
                ),
                ("asks", models.PositiveSmallIntegerField(default=0, help_text="How often it was asked.")),
                ("filled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="gaps",
                        to="iot.device",
                    ),
                ),
                (
                    "parameter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="gaps", to="governance.parameter"
                    ),
                ),
            ],
            options={
                "ordering": ("-since", "-id"),
            },
        ),
        migrations.AddConstraint(
            model_name="edgenode",
            constraint=models.UniqueConstraint(fields=("group", "name"), name="edge_node_once"),
        ),
        migrations.AddConstraint(
            model_name="nodebirth",
            constraint=models.UniqueConstraint(fields=("node", "device"), name="node_birth_once"),
        ),
        migrations.AddIndex(
            model_name="readinggap",
            index=models.Index(
                condition=models.Q(("filled_at", None)), fields=["device", "-since"], name="reading_gap_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="readinggap",
            constraint=models.UniqueConstraint(fields=("parameter", "kind", "since", "boot"), name="reading_gap_once"),
        ),
    ]
