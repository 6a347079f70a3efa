"""The containers' health check: `web`, or `heard NAME` (its heartbeat in the database)."""

from __future__ import annotations

import http.client
import os
import sys
from pathlib import Path

import psycopg2

SILENCE = 60.0


def web() -> bool:
    """Whether the web process answers."""
    link = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("GRANIAN_PORT", "8000")), timeout=4)
    link.request("GET", "/health/", headers={"Host": "localhost"})
    return link.getresponse().status == http.client.OK


def heard(name: str) -> bool:
    """Whether the process said within the last minute that it is at work."""
    address = Path(os.environ["DATABASE_URL_FILE"]).read_text().strip()
    age = "select extract(epoch from clock_timestamp() - max(at)) from core_heartbeat where name = %s or name like %s"
    with psycopg2.connect(address, connect_timeout=3) as database, database.cursor() as cursor:
        cursor.execute(age, [name, f"{name}-%"])  # ingest workers beat under the name of their slot
        row = cursor.fetchone()
    return row is not None and row[0] is not None and row[0] < SILENCE


if __name__ == "__main__":
    check = {"web": web, "heard": heard}[sys.argv[1]]
    try:
        healthy = check(*sys.argv[2:])
    except (OSError, psycopg2.Error) as problem:
        sys.exit(f"unhealthy: {problem}")
    sys.exit(0 if healthy else "unhealthy")
