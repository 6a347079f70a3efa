"""The span of time an address asks for: a shift, a day, a year, all there is, or from a moment to another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from governance.models import Characteristic
from iot.queries.rollups import ends_of
from iot.queries.strata import shifts_of

SPANS: Mapping[str, tuple[str, timedelta | None]] = {
    "shift": ("Shift", None),
    "24h": ("Day", timedelta(hours=24)),
    "7d": ("Week", timedelta(days=7)),
    "30d": ("Month", timedelta(days=30)),
    "365d": ("Year", timedelta(days=365)),
    "all": ("All", None),
}
_MORE = {"8h": timedelta(hours=8), "5d": timedelta(days=5)}  # asked for by addresses of before
Asked = tuple[datetime | None, datetime | None]


def span_asked(characteristic: Characteristic, params: Mapping[str, str]) -> Asked:
    """Since and until of `range=shift|8h|24h|5d|7d|30d|365d|all`, or of `from` and `to` in the plant's zone.

    Both None when nothing (or nothing known) is asked for.
    """
    now, name = timezone.now(), params.get("range", "")
    known = _MORE | {key: length for key, (_, length) in SPANS.items() if length}
    if name in known:
        return now - known[name], None
    if name == "shift":
        return shift_began(characteristic, now), None
    if name == "all":
        ends = ends_of(characteristic.parameter_id)
        return (ends[0] if ends else now - timedelta(days=3650)), None
    since, until = (_moment(characteristic, params.get(key, "")) for key in ("from", "to"))
    return since, until


def shift_began(characteristic: Characteristic, now: datetime) -> datetime:
    """When the shift under way began by the site's clock; eight hours ago where there are no shifts."""
    zone = ZoneInfo(characteristic.site.timezone)
    local = now.astimezone(zone)
    starts = [
        datetime.combine(local.date() - timedelta(days=back), time.fromisoformat(start), zone)
        for start, _ in shifts_of(characteristic.site)
        for back in (0, 1)
    ]
    return max((start for start in starts if start <= local), default=now - timedelta(hours=8))


def _moment(characteristic: Characteristic, text: str) -> datetime | None:
    """A time as somebody wrote it; without a zone it is the plant's."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(characteristic.site.timezone)) if found and found.tzinfo is None else found
