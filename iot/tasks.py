"""Repeated work of the floor: room for readings to come, readings that were kept for a topic known by now."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from governance.models import UnmappedState, UnmappedTopic
from iot.ingest.late import judge_owed
from iot.models import Quarantine
from iot.multivariate.judge import judge_noted, waiting
from iot.rollups.blocks import fold_points
from iot.rollups.folding import fold
from iot.services import drop_expired, make_partitions, replay, write_broker_access
from iot.storage.closing import close_days
from iot.storage.dropping import drop_empty_parts
from qms.core.actor import system
from qms.core.clock import every
from qms.core.jobs import Effect, Running, enqueue, work

_AHEAD = timedelta(days=62)
NIGHT = range(1, 5)  # hours, UTC
_WAITED = timedelta(seconds=30)  # a batch under way may still be older than the mapping


@every(6 * 3600)
def make_room() -> int:
    """Make the partitions of the next two months; returns how many were made."""
    today = timezone.now().date()
    return make_partitions(since=today, until=today + _AHEAD)


@every(900)
def ask_for_the_night() -> int:
    """Ask for the nightly run once it is night at UTC; returns the number of its job, 0 before."""
    now = timezone.now()
    if now.hour not in NIGHT:
        return 0
    key = f"storage:{now.date().isoformat()}"
    return enqueue("storage", {}, by=system("storage"), key=key, title="Pack and drop readings of closed days").pk


@work("storage")
def keep_storage(job: Running) -> Effect:
    """Let go of what the retention classes say, then pack the days that are over."""
    dropped = drop_expired(by=system("storage"), told=lambda stage, share: job.at(stage, share / 4))
    packed = close_days(timezone.now(), told=lambda stage, share: job.at(stage, 0.25 + 0.75 * share))
    drop_empty_parts(timezone.now())
    words = f"{packed.readings} readings of {packed.days} days packed"
    if packed.refused:
        words += f", {packed.refused} days stay rows"
    if dropped:
        words += f"; {dropped.readings} readings of {dropped.days} days dropped, {dropped.held_back} days held back"
    return lambda: {"words": words}


@every(20)
def fold_rollups() -> int:
    """Make the roll-ups of hours that late or corrected readings touched, and of days that are over."""
    return fold() + fold_points()


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


@every(20)
def judge_late() -> int:
    """Judge what readings changed that came too late to do it as they were stored; returns how many charts."""
    return judge_owed(now=timezone.now(), by=system("late readings"))


@every(60)
def refresh_broker_access() -> int:
    """Write those files of the broker anew that are not as they should be; returns how many that were.

    At the start, after a restore, and when a new site changes how topics are read.
    """
    return len(write_broker_access(by=system("broker access")))
