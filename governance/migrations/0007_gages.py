"""Gages, what they measure, and their calibrations; every change is kept in the trail."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from qms.core.trail import Regulate


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_job_parts"),
        ("governance", "0006_own_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Gage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=160)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("length", "Length (calliper, micrometer, dial, bore)"),
                            ("optical", "Optical, camera, 3D"),
                            ("coordinate", "Coordinate measuring machine"),
                            ("roughness", "Form and roughness"),
                            ("force", "Force and load cell"),
                            ("torque", "Torque and angle"),
                            ("pressure", "Pressure, leak and flow"),
                            ("temperature", "Temperature"),
                            ("mass", "Scale and dosing"),
                            ("electrical", "Electrical"),
                            ("vibration", "Vibration and acceleration"),
                            ("chemical", "Concentration, pH, density"),
                            ("limit", "Go / no-go and inspection by eye"),
                            ("other", "Other"),
                        ],
                        default="length",
                        max_length=12,
                    ),
                ),
                ("serial", models.CharField(blank=True, default="", max_length=60, verbose_name="serial number")),
                ("unit", models.CharField(blank=True, default="", max_length=40)),
                ("resolution", models.FloatField(blank=True, null=True)),
                ("range_low", models.FloatField(blank=True, null=True, verbose_name="range from")),
                ("range_high", models.FloatField(blank=True, null=True, verbose_name="range to")),
                (
                    "interval_months",
                    models.PositiveSmallIntegerField(
                        default=12, validators=[django.core.validators.MaxValueValidator(240)]
                    ),
                ),
                (
                    "interval_days",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(3660)]
                    ),
                ),
                (
                    "warn_days",
                    models.PositiveSmallIntegerField(
                        default=30, validators=[django.core.validators.MaxValueValidator(3660)]
                    ),
                ),
                (
                    "study_months",
                    models.PositiveSmallIntegerField(
                        default=12,
                        validators=[django.core.validators.MaxValueValidator(240)],
                        verbose_name="a study holds for, months",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("in_use", "In use"), ("blocked", "Blocked"), ("retired", "Retired")],
                        default="in_use",
                        max_length=10,
                    ),
                ),
                ("status_reason", models.CharField(blank=True, default="", max_length=300)),
                ("last_on", models.DateField(blank=True, editable=False, null=True, verbose_name="last calibration")),
                (
                    "last_result",
                    models.CharField(
                        blank=True,
                        choices=[("pass", "Passed"), ("adjusted", "Adjusted, then passed"), ("fail", "Failed")],
                        default="",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "good_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="last good calibration"),
                ),
                ("next_due", models.DateField(blank=True, editable=False, null=True)),
                ("warn_from", models.DateField(blank=True, editable=False, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gages", to="core.site"
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gages",
                        to="governance.equipment",
                    ),
                ),
            ],
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="GageUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "characteristic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gage_uses",
                        to="governance.characteristic",
                    ),
                ),
                (
                    "gage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="governance.gage"
                    ),
                ),
            ],
            options={
                "ordering": ("characteristic__code",),
            },
        ),
        migrations.AddField(
            model_name="gage",
            name="characteristics",
            field=models.ManyToManyField(
                related_name="gages", through="governance.GageUse", to="governance.characteristic"
            ),
        ),
        migrations.CreateModel(
            name="Calibration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="calibrated on")),
                (
                    "result",
                    models.CharField(
                        choices=[("pass", "Passed"), ("adjusted", "Adjusted, then passed"), ("fail", "Failed")],
                        max_length=10,
                    ),
                ),
                (
                    "certificate",
                    models.CharField(blank=True, default="", max_length=80, verbose_name="certificate number"),
                ),
                ("lab", models.CharField(blank=True, default="", max_length=120, verbose_name="laboratory")),
                ("done_by", models.CharField(blank=True, default="", max_length=120, verbose_name="calibrated by")),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                (
                    "file_name",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=200, verbose_name="certificate file"
                    ),
                ),
                ("entered_by", models.CharField(editable=False, max_length=160)),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_reason", models.CharField(blank=True, default="", editable=False, max_length=300)),
                (
                    "blob",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.blob",
                    ),
                ),
                (
                    "gage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calibrations", to="governance.gage"
                    ),
                ),
            ],
            options={
                "ordering": ("-on", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("gage", "on", "certificate"),
                        name="calibration_once",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="gageuse",
            constraint=models.UniqueConstraint(fields=("gage", "characteristic"), name="gage_use_once"),
        ),
        migrations.AddConstraint(
            model_name="gage",
            constraint=models.UniqueConstraint(fields=("site", "code"), name="gage_code_once"),
        ),
        migrations.AddConstraint(
            model_name="gage",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval_months__gt", 0), ("interval_days__gt", 0), _connector="OR"),
                name="gage_has_an_interval",
            ),
        ),
        migrations.AddConstraint(
            model_name="gage",
            constraint=models.CheckConstraint(
                condition=models.Q(("resolution__isnull", True), ("resolution__gt", 0), _connector="OR"),
                name="gage_resolution_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="gage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("range_low__isnull", True),
                    ("range_high__isnull", True),
                    ("range_low__lt", models.F("range_high")),
                    _connector="OR",
                ),
                name="gage_range_ordered",
            ),
        ),
        *(Regulate(model, record="-") for model in ("gage", "gageuse", "calibration")),
    ]
