"""Gapless numbers per (kind, site, year): one locked row a series, taken last."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from qms.core.models import Site

_TAKE = (
    "insert into core_series (name, last) values (%s, %s)"
    " on conflict (name) do update set last = core_series.last + excluded.last returning last"
)


def year_at(site: Site, at: datetime) -> int:
    """The year of a moment as the site's own calendar has it: its numbers begin anew at its midnight."""
    return at.astimezone(ZoneInfo(site.timezone)).year


def take(prefix: str, site: Site, year: int, count: int = 1) -> list[str]:
    """The next `count` numbers of a series, such as `NCR-2026-0001`.

    Call it as the last thing before the INSERT: the series stays locked until the act ends.
    """
    name = f"{prefix}:{site.pk}:{year}"
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [name, count])
        last: int = cursor.fetchone()[0]
    return [
        site.number_pattern.format(kind=prefix, site=site.code, year=year, n=n)
        for n in range(last - count + 1, last + 1)
    ]
