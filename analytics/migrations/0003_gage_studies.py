"""Gage studies with their runs and corrections; every change is kept in the trail."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from qms.core.trail import Regulate


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_trail"),
        ("core", "0005_job_parts"),
        ("governance", "0007_gages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="analysis",
            name="source",
            field=models.CharField(
                choices=[
                    ("text", "Pasted text"),
                    ("file", "File"),
                    ("characteristics", "Characteristics"),
                    ("api", "Sent by API"),
                    ("study", "Gage study"),
                ],
                editable=False,
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="GageStudy",
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
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("crossed", "Gage R&R, crossed"),
                            ("nested", "Gage R&R, nested"),
                            ("bias", "Bias"),
                            ("linearity", "Linearity"),
                            ("stability", "Stability"),
                            ("attribute", "Attribute agreement"),
                        ],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("parts", models.PositiveSmallIntegerField(editable=False)),
                ("repeats", models.PositiveSmallIntegerField(editable=False)),
                ("labels", models.JSONField(default=list, editable=False, help_text="What the parts are called.")),
                (
                    "references",
                    models.JSONField(
                        blank=True,
                        default=list,
                        editable=False,
                        help_text="Reference value or right rating of each part.",
                    ),
                ),
                (
                    "categories",
                    models.JSONField(blank=True, default=list, editable=False, help_text="The ratings to choose from."),
                ),
                ("tolerance", models.FloatField(blank=True, editable=False, null=True)),
                (
                    "seed",
                    models.PositiveBigIntegerField(editable=False, help_text="The run order comes out of it again."),
                ),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("acceptable", "Acceptable"),
                            ("conditional", "Conditional"),
                            ("unacceptable", "Not acceptable"),
                        ],
                        default="",
                        editable=False,
                        max_length=14,
                    ),
                ),
                (
                    "words",
                    models.CharField(blank=True, default="", editable=False, max_length=400, verbose_name="found"),
                ),
                (
                    "share",
                    models.FloatField(blank=True, editable=False, null=True, verbose_name="gage R&R, % of the spread"),
                ),
                (
                    "ndc",
                    models.PositiveIntegerField(
                        blank=True, editable=False, null=True, verbose_name="distinct categories"
                    ),
                ),
                (
                    "source",
                    models.CharField(blank=True, default="", editable=False, max_length=400, verbose_name="judged by"),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gage_studies",
                        to="analytics.analysis",
                    ),
                ),
                (
                    "characteristic",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gage_studies",
                        to="governance.characteristic",
                    ),
                ),
                (
                    "gage",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies",
                        to="governance.gage",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "gage studies",
            },
            bases=("core.record",),
        ),
        migrations.CreateModel(
            name="StudyRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(help_text="In the order of this operator, from 1.")),
                ("part", models.CharField(max_length=40)),
                ("trial", models.PositiveSmallIntegerField()),
                ("value", models.FloatField(blank=True, null=True)),
                ("rating", models.CharField(blank=True, default="", max_length=40)),
                ("entered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="analytics.gagestudy"
                    ),
                ),
            ],
            options={
                "ordering": ("operator_id", "place"),
            },
        ),
        migrations.CreateModel(
            name="StudyCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old", models.CharField(max_length=40)),
                ("new", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="analytics.studyrun"
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.AddConstraint(
            model_name="studyrun",
            constraint=models.UniqueConstraint(fields=("study", "operator", "place"), name="study_run_place_once"),
        ),
        migrations.AddConstraint(
            model_name="studyrun",
            constraint=models.UniqueConstraint(fields=("study", "operator", "part", "trial"), name="study_run_once"),
        ),
        Regulate("gagestudy"),
        # not in the history of the study: who still measures must not see what others read
        Regulate("studyrun", record="-"),
        Regulate("studycorrection", record="-"),
    ]
