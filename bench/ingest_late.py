"""How long until a late reading is in every chart; a program with DJANGO_SETTINGS_MODULE set.

Its argument: the address of a broker at which an ingest worker listens. It sends single readings of hours ago, the
newest hour that has roll-ups, and asks for spans of every width until each counts them.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.db import connection  # noqa: E402 - models need the settings

from bench.ingest_line import Line, packet  # noqa: E402
from governance.models import Parameter  # noqa: E402
from iot.queries.rollups import Span, buckets_of, readings_in  # noqa: E402
from iot.services import make_partitions  # noqa: E402

TIMES = 20
PATIENCE = 30.0
WIDEST = (timedelta(hours=2), timedelta(days=4), timedelta(days=45), timedelta(days=400), timedelta(days=800))
_NEWEST = "select bucket from iot_rollup where parameter_id = %s and width = 3600 order by bucket desc limit 1"


def counts(spans: list[Span]) -> list[int]:
    """How many readings each span counts, the shortest also one by one."""
    single = readings_in(spans[0])
    found = [int(buckets_of(span, step=1.0).n.sum()) for span in spans]
    return found if single is None else [len(single[0]), *found]


def main(url: str) -> None:
    """Measure and print."""
    row = Parameter.objects.get(path="nv1/up/l1/s00/p00")
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [row.pk])
        found = cursor.fetchone()
    if found is None:
        raise SystemExit("no hour is rolled up: the stage upkeep goes first")
    hour = found[0]
    make_partitions(since=hour.date(), until=hour.date())
    spans = [Span(row.pk, hour - wide / 2, hour + wide / 2) for wide in WIDEST]
    line, took = Line(url, "bench-late"), list[float]()
    for number in range(TIMES):
        wanted = [count + 1 for count in counts(spans)]
        t = (hour + timedelta(seconds=30 * number + 7, microseconds=123)).isoformat().replace("+00:00", "Z")
        body = json.dumps({"v": 100.0, "t": t, "u": "kN"}).encode()
        began = time.perf_counter()
        line.publish([packet("acme/NV1/UP/L1/S00/p00", body, number)])
        while counts(spans) != wanted:
            if time.perf_counter() - began > PATIENCE:
                raise SystemExit(f"a late reading is not seen everywhere: {counts(spans)}, wanted {wanted}")
        took.append((time.perf_counter() - began) * 1e3)
    print(json.dumps({"longest": max(took), "median": statistics.median(took), "readings": TIMES}))


if __name__ == "__main__":
    main(sys.argv[1])
