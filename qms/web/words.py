"""How numbers, times and ages are written on pages."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

MINUS = "\N{MINUS SIGN}"


_ONE = {"people": "person", "processes": "process", "pieces of equipment": "piece of equipment"}


def number(value: float | Decimal | None, decimals: int | None = None, *, sign: bool = False) -> str:
    """A number with thousands marks, a true minus sign and the given decimals; an empty text for None or NaN."""
    if value is None or value != value:  # noqa: PLR0124
        return ""
    digits = decimals if decimals is not None else (0 if isinstance(value, int) else 2)
    text = f"{value:{'+' if sign else ''},.{digits}f}"
    if text.lstrip("+-").strip("0.,") == "":
        text = text.lstrip("+-")
    return text.replace("-", MINUS)


def counted(count: int, plural: str) -> str:
    """How many of what: "1 process", "12 processes"; the plural is what lists are named by."""
    one = _ONE.get(plural) or plural.removesuffix("s")
    return f"{number(count)} {one if count == 1 else plural}"


def places(*values: float | Decimal | None, least: int = 0, digits: int = 2) -> int:
    """Decimals that show every value with so many significant digits, at most six: 0.006 needs four for two."""
    sizes = [abs(float(value)) for value in values if value is not None and value == value and value != 0]  # noqa: PLR0124
    needed = [digits - 1 - math.floor(math.log10(size)) for size in sizes]
    return min(6, max([least, *needed]))


def significant(value: float | Decimal | None, digits: int = 3) -> str:
    """A figure without decimals of its own: as many as its significant digits need, no trailing zeros."""
    if value is None or value != value:  # noqa: PLR0124
        return ""
    text = number(value, max(0, places(value, digits=digits)))
    return text.rstrip("0").rstrip(".") if "." in text else text


def age(delta: timedelta) -> str:
    """A length of time in at most two units: "4 s", "28 min", "2 h 8 min", "14 h", "3 d"."""
    seconds = max(0, round(delta.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    return f"{hours // 24} d"


def zone_of(name: str | tzinfo | None) -> tzinfo:
    """The zone of that name, or the person's active zone."""
    if isinstance(name, tzinfo):
        return name
    return ZoneInfo(name) if name else timezone.get_current_timezone()


def day(moment: datetime, zone: str | tzinfo | None = None, *, now: datetime | None = None) -> str:
    """Such as "Fri 20 Nov", with the year when it is not this year."""
    local = moment.astimezone(zone_of(zone))
    here = (now or timezone.now()).astimezone(zone_of(zone))
    return f"{local:%a} {local.day} {local:%b}" + ("" if local.year == here.year else f" {local.year}")


def date_of(on: date) -> str:
    """A day of the calendar as `day` writes moments."""
    here = timezone.localdate()
    return f"{on:%a} {on.day} {on:%b}" + ("" if on.year == here.year else f" {on.year}")


def stamp(moment: datetime, zone: str | tzinfo | None = None, *, seconds: bool = False, named: bool = True) -> str:
    """Such as "Fri 20 Nov 2026 14:32 CET": the full form for process data, signatures and print."""
    local = moment.astimezone(zone_of(zone))
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b %Y} {clock}" + (f" {local:%Z}" if named else "")


def short(moment: datetime, zone: str | tzinfo | None = None, *, now: datetime | None = None) -> str:
    """Such as "14:32" today, "Fri 20 Nov 14:32" otherwise."""
    local = moment.astimezone(zone_of(zone))
    here = (now or timezone.now()).astimezone(zone_of(zone))
    return f"{local:%H:%M}" if local.date() == here.date() else f"{day(moment, zone, now=now)} {local:%H:%M}"


def due(moment: datetime, *, now: datetime | None = None, zone: str | tzinfo | None = None) -> tuple[str, str, str]:
    """What a due time says: (relative words, absolute words, tone "sig", "wat" or "")."""
    here = now or timezone.now()
    left = moment - here
    local, today = moment.astimezone(zone_of(zone)), here.astimezone(zone_of(zone)).date()
    same_day = local.date() == today
    absolute = f"{local:%H:%M}" if same_day else day(moment, zone, now=here)
    if left < timedelta(0):
        return f"{age(-left)} late", f"today {local:%H:%M}" if same_day else absolute, "sig"
    return f"in {age(left)}", absolute, "wat" if left < timedelta(hours=1) else ""


def bucket(moment: datetime | None, *, now: datetime, zone: str | tzinfo | None = None) -> str:
    """The group of a task in an inbox: overdue, today, week or none."""
    if moment is None:
        return "none"
    if moment < now:
        return "overdue"
    today: date = now.astimezone(zone_of(zone)).date()
    return "today" if moment.astimezone(zone_of(zone)).date() == today else "week"


def who(actor: str) -> str:
    """Whoever did something, as the trail names them: a person, or the part of the platform."""
    part = actor.removeprefix("system:")
    return actor if part == actor else f"Plumbline ({part})"


def initials(name: str) -> str:
    """Two letters for a person: "Elin Lindqvist" gives "EL"."""
    parts = [part for part in name.replace("-", " ").split() if part[0].isalnum()]
    if not parts:
        return "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def size(count: int) -> str:
    """A file size: "840 B", "12 kB", "3.4 MB"."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"
