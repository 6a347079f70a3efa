"""A credential is kept in the forms that brokers read; a topic prefix belongs to one device."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import migrations, models

from qms.core.trail import Regulate

LEVELS = "Levels of letters, digits, dots, - and _ with a slash between, such as nv1/assembly/l2."
TAKEN = "Another device publishes below this prefix already: choose a deeper one, or retire the other device first."


class Migration(migrations.Migration):
    """Nothing of a credential enters the trail, so the hidden columns are named anew."""

    dependencies: ClassVar = [("iot", "0003_decisions")]
    operations: ClassVar = [
        migrations.AddField("device", "credential_bcrypt", models.CharField(blank=True, default="", max_length=80)),
        migrations.AlterField(
            "device",
            "topic_prefix",
            models.CharField(
                help_text="site/area/line[/station], lower case",
                max_length=200,
                validators=[RegexValidator(r"^[\w.-]+(/[\w.-]+)*\Z", LEVELS)],
            ),
        ),
        migrations.AddConstraint(
            "device",
            models.UniqueConstraint(
                condition=~models.Q(state="retired"),
                fields=("topic_prefix",),
                name="device_prefix_once",
                violation_error_message=TAKEN,
            ),
        ),
        Regulate("device", hide=("credential_hash", "credential_bcrypt"), record="-"),
    ]
