"""A stand-in web application: answers with the number of rows it finds."""

from __future__ import annotations

import os
from typing import Any

import psycopg2

if os.environ.get("PLANT_BREAKS") == "web":
    raise SystemExit("the web application cannot go on: broken on purpose")


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """One plain answer to everything."""
    if scope["type"] != "http":
        return
    try:
        with psycopg2.connect(os.environ["DATABASE_URL"]) as database, database.cursor() as cursor:
            cursor.execute("select count(*) from ticks")
            body, status = str((cursor.fetchone() or [0])[0]).encode(), 200
    except psycopg2.Error as refusal:
        body, status = str(refusal).encode(), 503
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})
