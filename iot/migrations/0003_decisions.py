"""Who sent a quarantined payload through the door again or let it go is kept in the trail; the payload is not."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from qms.core.trail import Regulate


class Migration(migrations.Migration):
    """The trail of the quarantine's decisions."""

    dependencies: ClassVar = [("iot", "0002_readings")]
    operations: ClassVar = [Regulate("quarantine", hide=("payload",), record="-", only=("state",))]
