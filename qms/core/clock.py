"""Clocks: due times on a site's working calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from qms.core.flow import Within
from qms.core.models import Site


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


def works(site: Site, day: date, rest: set[date]) -> bool:
    """Whether a site works on a day: a working weekday that is no holiday."""
    return day.weekday() in site.workdays and day not in rest
