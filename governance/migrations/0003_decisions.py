"""What a person decides about an unknown topic is kept in the trail; what is heard on it is not."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from qms.core.trail import Regulate


class Migration(migrations.Migration):
    """The trail of the queue's decisions."""

    dependencies: ClassVar = [("governance", "0002_trail")]
    operations: ClassVar = [Regulate("unmappedtopic", hide=("samples",), record="-", only=("state",))]
