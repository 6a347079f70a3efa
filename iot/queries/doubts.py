"""Readings that a gage took while it could not be trusted."""

from __future__ import annotations

from datetime import date, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db import connection
from django.urls import reverse

from governance.models import Characteristic
from governance.queries import Doubt
from iot.queries.lists import see
from qms.core.actor import Actor

MOST = 100_000  # counted; beyond it the page says "more than"

_COUNT = """
select count(*) from (select 1 from iot_stored(%s, %s, 'infinity') limit %s) as found
"""


def doubt_of(characteristic: Characteristic, since: date | None, actor: Actor) -> Doubt:
    """How many readings were taken since the end of a day at the site, and the page that lists their points.

    Of no day: all there are. Raises Denied where the actor may not see the characteristic.
    """
    see(characteristic, actor)
    zone = ZoneInfo(characteristic.site.timezone)
    start = None if since is None else datetime.combine(since, time.max, zone)
    moment = start or datetime(1970, 1, 1, tzinfo=zone)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [characteristic.parameter_id, moment, MOST + 1])
        (count,) = cursor.fetchone()
    url = reverse("iot:points", args=[characteristic.pk])
    query = f"?{urlencode({'since': start.isoformat(timespec='seconds')})}" if start else ""
    return Doubt(characteristic, start, min(count, MOST), count > MOST, f"{url}{query}")
