"""Repeated work of the floor: room for readings to come, readings that were kept for a topic known by now."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from governance.models import UnmappedState, UnmappedTopic
from iot.models import Quarantine
from iot.multivariate.judge import judge_noted, waiting
from iot.services import make_partitions, replay, write_broker_access
from qms.core.actor import system
from qms.core.clock import every

_AHEAD = timedelta(days=62)
_WAITED = timedelta(seconds=30)  # a batch under way may still be older than the mapping


@every(6 * 3600)
def make_room() -> int:
    """Make the partitions of the next two months; returns how many were made."""
    today = timezone.now().date()
    return make_partitions(since=today, until=today + _AHEAD)


@every(60)
def replay_known() -> int:
    """Take again what arrived while its topic was being mapped; returns how many payloads that were."""
    mapped = UnmappedTopic.objects.filter(state=UnmappedState.MAPPED).values("topic")
    before = timezone.now() - _WAITED
    late = Quarantine.objects.filter(
        topic__in=mapped, reason="topic.unmapped", state=Quarantine.State.KEPT, received_at__lt=before
    )
    return sum(replay(late, by=system("replay")).values())


@every(60)
def judge_waiting() -> int:
    """Judge vectors whose readings were stored by a process that stopped before it could; returns how many charts."""
    return judge_noted(waiting(), now=timezone.now(), by=system("vectors"))


@every(60)
def refresh_broker_access() -> int:
    """Write those files of the broker anew that are not as they should be; returns how many that were.

    At the start, after a restore, and when a new site changes how topics are read.
    """
    return len(write_broker_access(by=system("broker access")))
