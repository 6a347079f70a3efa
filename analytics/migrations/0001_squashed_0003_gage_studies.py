"""Answers of the workbench and gage studies, kept in the trail."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from qms.core.schema import CreateModels
from qms.core.trail import Regulate


class Migration(migrations.Migration):
    """Tables and their triggers."""

    initial = True
    replaces = [("analytics", "0001_initial"), ("analytics", "0002_trail"), ("analytics", "0003_gage_studies")]
    dependencies = [
        ("core", "0001_squashed_0007_sorted_by_index"),
        ("governance", "0001_squashed_0007_gages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Analysis",
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
                        ("question", models.TextField(blank=True)),
                        ("study", models.CharField(editable=False, max_length=20)),
                        (
                            "source",
                            models.CharField(
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
                        (
                            "source_detail",
                            models.CharField(blank=True, editable=False, max_length=300, verbose_name="taken from"),
                        ),
                        (
                            "first",
                            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="data from"),
                        ),
                        ("last", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="data to")),
                        (
                            "data",
                            models.JSONField(
                                default=list,
                                editable=False,
                                help_text="Columns: name, unit and values, null where one is missing.",
                            ),
                        ),
                        ("size", models.PositiveIntegerField(default=0, editable=False, verbose_name="values")),
                        (
                            "roles",
                            models.JSONField(
                                blank=True, default=dict, editable=False, help_text="Role in the study: column names."
                            ),
                        ),
                        ("options", models.JSONField(blank=True, default=dict, editable=False)),
                        ("result", models.JSONField(default=dict, editable=False)),
                        ("headline", models.CharField(editable=False, max_length=400, verbose_name="answer")),
                        ("drawing", models.TextField(blank=True, editable=False)),
                        ("method_version", models.CharField(editable=False, max_length=20)),
                        ("digest", models.CharField(blank=True, editable=False, max_length=64)),
                    ],
                    options={
                        "verbose_name_plural": "analyses",
                    },
                    bases=("core.record",),
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
                        (
                            "labels",
                            models.JSONField(default=list, editable=False, help_text="What the parts are called."),
                        ),
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
                            models.JSONField(
                                blank=True, default=list, editable=False, help_text="The ratings to choose from."
                            ),
                        ),
                        ("tolerance", models.FloatField(blank=True, editable=False, null=True)),
                        (
                            "seed",
                            models.PositiveBigIntegerField(
                                editable=False, help_text="The run order comes out of it again."
                            ),
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
                            models.CharField(
                                blank=True, default="", editable=False, max_length=400, verbose_name="found"
                            ),
                        ),
                        (
                            "share",
                            models.FloatField(
                                blank=True, editable=False, null=True, verbose_name="gage R&R, % of the spread"
                            ),
                        ),
                        (
                            "ndc",
                            models.PositiveIntegerField(
                                blank=True, editable=False, null=True, verbose_name="distinct categories"
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True, default="", editable=False, max_length=400, verbose_name="judged by"
                            ),
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
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(help_text="In the order of this operator, from 1.")),
                        ("part", models.CharField(max_length=40)),
                        ("trial", models.PositiveSmallIntegerField()),
                        ("value", models.FloatField(blank=True, null=True)),
                        ("rating", models.CharField(blank=True, default="", max_length=40)),
                        ("entered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "operator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "study",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="analytics.gagestudy",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("operator_id", "place"),
                        "constraints": [
                            models.UniqueConstraint(fields=("study", "operator", "place"), name="study_run_place_once"),
                            models.UniqueConstraint(
                                fields=("study", "operator", "part", "trial"), name="study_run_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StudyCorrection",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrections",
                                to="analytics.studyrun",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ("at", "id"),
                    },
                ),
            ]
        ),
        Regulate("analysis"),
        Regulate("gagestudy"),
        # not in the history of the study: who still measures must not see what others read
        Regulate("studyrun", record="-"),
        Regulate("studycorrection", record="-"),
    ]
