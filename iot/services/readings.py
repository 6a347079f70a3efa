"""Take readings by another door than the broker, and make room for those to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db import connection

from iot.ingest.catalogue import load
from iot.ingest.flush import flush
from iot.ingest.intake import Message
from qms.core.actor import Actor
from qms.core.trail import acting


def take_readings(messages: Sequence[Message], *, by: Actor) -> Counter[str]:
    """Take messages in wire format v1, as if the broker had brought them; outcome -> number of readings.

    Raises Denied when a topic is of a site where `by` may add none; a topic of no site goes into quarantine.
    """
    by.require("reading.add")
    with acting(by, source="api"):
        catalogue = load()
        for message in messages:
            if (site := catalogue.site_of(message.topic)) is not None:
                by.require("reading.add", site)
        return flush(messages, catalogue, by=by).outcomes


def make_partitions(*, since: date, until: date) -> int:
    """Make the monthly partitions of a span that are missing; returns how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("select iot_make_partitions(%s, %s)", [since, until])
        (made,) = cursor.fetchone()
    return int(made)
