"""Clocks: due times on a site's working calendar, and work that comes back every so often."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from qms.core.flow import Within
from qms.core.models import Site

logger = logging.getLogger(__name__)


def due_after(site: Site, start: datetime, within: Within) -> datetime:
    """When a clock started at `start` ends: hours run on, days are calendar days, working days skip the site's rest.

    A working-day clock ends at the same local time of the n-th working day after the start.
    """
    local = start.astimezone(ZoneInfo(site.timezone)) + timedelta(days=within.days)
    if within.workdays:
        rest = set(site.holidays.filter(day__gte=local.date()).values_list("day", flat=True))
        left = within.workdays
        while left:
            local += timedelta(days=1)
            left -= works(site, local.date(), rest)
    return (local.astimezone(ZoneInfo("UTC"))) + timedelta(hours=within.hours)


def due_in(site: Site, *, hours: int = 0, workdays: int = 0, days: int = 0) -> datetime:
    """When a clock started now ends at a site."""
    return due_after(site, timezone.now(), Within(hours=hours, workdays=workdays, days=days))


def works(site: Site, day: date, rest: set[date]) -> bool:
    """Whether a site works on a day: a working weekday that is no holiday."""
    return day.weekday() in site.workdays and day not in rest


Chore = Callable[[], object]
CHORES: dict[str, tuple[int, Chore]] = {}  # by "room.name": every how many seconds, what

_TURN = """
insert into core_heartbeat as h (name, at, data) values (%s, clock_timestamp(), '{}')
on conflict (name) do update set at = excluded.at where h.at <= clock_timestamp() - make_interval(secs => %s)
returning name
"""


def every(seconds: int) -> Callable[[Chore], Chore]:
    """Register a function of tasks.py to run every so many seconds, once however many schedulers there are."""

    def register(function: Chore) -> Chore:
        CHORES[f"{function.__module__.rpartition('.')[0]}.{function.__name__}"] = (seconds, function)
        return function

    return register


def pulse() -> list[str]:
    """Run every chore whose turn has come; one that fails is logged and does not hold up the others."""
    ran = []
    for name, (seconds, chore) in CHORES.items():
        if not _turn(f"clock:{name}", seconds):
            continue
        try:
            chore()
            ran.append(name)
        except Exception:
            logger.exception("%s failed and runs again in %d s", name, seconds)
    return ran


def _turn(name: str, seconds: int) -> bool:
    """Whether it is this process that runs the chore now: the row is the only judge."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [name, seconds])
        return cursor.fetchone() is not None
