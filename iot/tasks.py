"""Repeated work of the room."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from iot.services import make_partitions
from qms.core.clock import every

AHEAD = timedelta(days=92)


@every(6 * 3600)
def make_room() -> int:
    """Make the partitions of the months to come well before the first reading needs them."""
    today = timezone.now().date()
    return make_partitions(since=today, until=today + AHEAD)
