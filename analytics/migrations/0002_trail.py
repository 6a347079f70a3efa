"""Keep a trail of every change of an analysis."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from qms.core.trail import Regulate


class Migration(migrations.Migration):
    """Triggers on the room's table."""

    dependencies: ClassVar = [("analytics", "0001_initial")]
    operations: ClassVar = [Regulate("analysis")]
