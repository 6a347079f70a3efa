"""Profiles that say how payloads of another make are read."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from qms.core.trail import Regulate

TELL = (
    "create trigger reference_changed after insert or update or delete on iot_deviceprofile "
    "for each statement execute function reference_changed()"
)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_job_parts"),
        ("iot", "0009_sparkplug"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeviceProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                (
                    "topic",
                    models.CharField(
                        help_text="Topic filter such as zigbee2mqtt/+; + is one level, # at the end all that follow.",
                        max_length=200,
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        help_text="Topic of the parameter: site/area/line/station/parameter. {2} is the second level of the topic, {$.name} what stands there in the payload.",
                        max_length=200,
                    ),
                ),
                (
                    "items",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Where a list of readings stands; empty: one reading.",
                        max_length=120,
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        default="$.value", help_text="Where the value stands, such as $.value.", max_length=120
                    ),
                ),
                (
                    "time",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Where the time stands; empty: the time of receipt.",
                        max_length=120,
                    ),
                ),
                (
                    "time_in",
                    models.CharField(
                        choices=[
                            ("iso", "ISO 8601 with a zone"),
                            ("s", "seconds since 1970"),
                            ("ms", "milliseconds since 1970"),
                            ("us", "microseconds since 1970"),
                        ],
                        default="iso",
                        max_length=4,
                    ),
                ),
                (
                    "unit_path",
                    models.CharField(blank=True, default="", help_text="Where the unit stands.", max_length=120),
                ),
                (
                    "unit",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Unit when the payload names none; empty: the parameter's own.",
                        max_length=40,
                    ),
                ),
                (
                    "quality",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Where the quality stands: a number of the OPC scale, or a word.",
                        max_length=120,
                    ),
                ),
                ("scale", models.FloatField(default=1.0, help_text="Each value is multiplied by this.")),
                ("offset", models.FloatField(default=0.0, help_text="And this is added.")),
                ("active", models.BooleanField(default=True)),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.site"),
                ),
            ],
            options={
                "ordering": ("site", "name"),
                "constraints": [models.UniqueConstraint(fields=("site", "name"), name="device_profile_once")],
            },
        ),
        migrations.RunSQL(TELL, "drop trigger if exists reference_changed on iot_deviceprofile"),
        Regulate("deviceprofile", record="-"),
    ]
