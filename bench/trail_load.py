"""Fills a trail, seals and checks it, then writes at a steady rate beside the sealer; one line of JSON."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - models need the settings

from qms.core.actor import system  # noqa: E402
from qms.core.models import Site  # noqa: E402
from qms.core.seal import sealer  # noqa: E402
from qms.core.seal.checking import check  # noqa: E402
from qms.core.trail import acting  # noqa: E402

BY = system("bench")
SITES, CHANGES = 2000, 40
RATE, AT_ONCE, SECONDS = 500, 10, 20
_LAGS = """
select percentile_cont(array[0.5, 0.99, 1.0]) within group (order by extract(epoch from c.at - t.at)::float8)
from core_trail t join core_trailleaf l on l.trail = t.id
cross join lateral (select at from core_checkpoint where size > l.idx order by size limit 1) c where t.id > %s
"""


def main() -> None:
    """Measure."""
    with acting(BY):
        Site.objects.bulk_create(Site(code=f"S{n}", name=f"Site {n}", timezone="UTC") for n in range(SITES))
    for n in range(CHANGES):
        with acting(BY, reason=f"round {n} of a bench that changes every row of a table once a round"):
            Site.objects.update(name=f"Round {n}")
    rows, seconds = sealed()
    report = check()
    assert report.whole, report.verdict()
    lags = lagging()
    print(
        json.dumps(
            {
                "rows": rows,
                "seal": rows / seconds,
                "verify": report.counts["entries"] / report.seconds,
                "verified": {"rows": report.counts["entries"], "s": report.seconds},
                "lag": lags["p99"],
                "lags": lags,
            }
        )
    )


def sealed() -> tuple[int, float]:
    """Seal what is there; rows and seconds."""
    began, rows, at_work = time.perf_counter(), 0, sealer.Sealer(sealer.ready_signer())
    while done := at_work.seal():
        rows += done
    at_work.shelve()
    return rows, time.perf_counter() - began


def lagging() -> dict[str, Any]:
    """Write at a steady rate beside a sealer; how long rows waited for their checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute("select max(id) from core_trail")
        since = cursor.fetchone()[0]
    stop = threading.Event()
    thread = threading.Thread(target=sealer.run, args=(stop,))
    thread.start()
    began = time.perf_counter()
    for turn in range(RATE // AT_ONCE * SECONDS):
        ids = [1 + (turn * AT_ONCE + n) % SITES for n in range(AT_ONCE)]
        with acting(BY, reason="steady"):
            Site.objects.filter(pk__in=ids).update(name=f"Turn {turn}")
        time.sleep(max(began + (turn + 1) * AT_ONCE / RATE - time.perf_counter(), 0))
    took = time.perf_counter() - began
    time.sleep(3)
    stop.set()
    thread.join()
    with connection.cursor() as cursor:
        cursor.execute(_LAGS, [since])
        median, p99, most = cursor.fetchone()[0]
    return {"p50": median, "p99": p99, "most": most, "changes/s": RATE * SECONDS / took}


if __name__ == "__main__":
    main()
