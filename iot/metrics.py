"""What the floor tells a monitoring system."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.db.models import Sum
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from iot import queries
from iot.models import IngestCount
from qms.core.actor import Actor
from qms.core.health import silence

_MARKS = "select width, count(*) from iot_rollupmark group by 1 order by 1"


def floor_metrics(actor: Actor) -> Iterator[Metric]:
    """Accounts of devices and of the whole door, ages of sources and workers, work that waits."""
    sources = CounterMetricFamily(
        "plumbline_source_readings", "Readings of a device by what became of them.", labels=["device", "outcome"]
    )
    for device, account in queries.accounts_of(actor).items():
        for outcome, number in account.items():
            sources.add_metric([device, outcome], number)
    yield sources
    yield from _ages(actor)
    door = CounterMetricFamily("plumbline_ingest_readings", "Readings by outcome, all devices.", labels=["outcome"])
    for outcome, number in IngestCount.objects.order_by().values_list("outcome").annotate(n=Sum("count")):
        door.add_metric([outcome], number)
    yield door
    waiting = GaugeMetricFamily("plumbline_rollup_marks", "Buckets that wait to be rolled up.", labels=["seconds"])
    with connection.cursor() as cursor:
        cursor.execute(_MARKS)
        for width, number in cursor.fetchall():
            waiting.add_metric([str(width)], number)
    yield waiting


def _ages(actor: Actor) -> Iterator[Metric]:
    heard = GaugeMetricFamily("plumbline_source_heard_timestamp_seconds", "Last heard.", labels=["device"])
    lag = GaugeMetricFamily("plumbline_source_lag_seconds", "Age of its newest reading on arrival.", labels=["device"])
    for row in queries.sources_visible_to(actor):
        seen = getattr(getattr(row, "activity", None), "last_seen", None)
        if seen:
            heard.add_metric([row.code], seen.timestamp())
        if (late := getattr(row, "lag", None)) is not None:
            lag.add_metric([row.code], late / 1000)
    yield heard
    yield lag
    workers = GaugeMetricFamily("plumbline_ingest_silence_seconds", "Since a worker was last heard.", labels=["slot"])
    for slot in range(16):
        if (seconds := silence(f"ingest-{slot}")) is not None:
            workers.add_metric([str(slot)], seconds)
    yield workers
