"""A credential is kept in the forms that brokers read; a topic prefix belongs to one device."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

from django.core.management.base import CommandError
from django.core.validators import RegexValidator
from django.db import migrations, models

from qms.core.trail import Regulate

LEVELS = "Levels of letters, digits, dots, - and _ with a slash between, such as nv1/assembly/l2."
TAKEN = "Another device publishes below this prefix already: choose a deeper one, or retire the other device first."


def refuse_shared_prefixes(apps: Any, schema_editor: Any) -> None:
    """Say which devices share a prefix before the constraint fails on them without a word; people choose between them."""
    users: dict[str, list[str]] = defaultdict(list)
    devices = apps.get_model("iot", "device").objects.using(schema_editor.connection.alias).exclude(state="retired")
    for prefix, code in devices.order_by("topic_prefix", "code").values_list("topic_prefix", "code"):
        users[prefix].append(code)
    if shared := [f"{prefix}: {', '.join(codes)}" for prefix, codes in users.items() if len(codes) > 1]:
        raise CommandError(
            "From this version on a topic prefix belongs to one device, but some share theirs. Nothing was changed. Start "
            "the version you had, give each a prefix of its own or retire what is not in use, then update again. "
            f"They are ({'; '.join(shared)})."
        )


class Migration(migrations.Migration):
    """Nothing of a credential enters the trail, so the hidden columns are named anew."""

    dependencies: ClassVar = [("iot", "0003_decisions")]
    operations: ClassVar = [
        migrations.RunPython(refuse_shared_prefixes, migrations.RunPython.noop),
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
        Regulate("device", hide=("credential_hash", "credential_bcrypt"), record="-", was=("credential_hash",)),
    ]
