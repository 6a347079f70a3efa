"""Counts the queries of pages from inside: reads {"cookies", "paths"} as JSON, prints queries and milliseconds.

Started by the bench of the pages with the environment of the running home; the requests go through every middleware.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from typing import Any

import django

REPEATS = 5


def main() -> None:
    """One line of JSON: path -> {"queries", "sql", "all", "cpu"}; `cpu` is this process alone, whatever else runs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qms.settings")
    django.setup()
    asked = json.load(sys.stdin)
    print(json.dumps({path: _measure(path, asked) for path in asked["paths"]}))


def _measure(path: str, asked: dict[str, Any]) -> dict[str, float]:
    from django.db import connection
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1", **asked.get("headers", {})})
    client.cookies.load(asked["cookies"])
    taken: list[tuple[int, float, float, float]] = []
    for _ in range(REPEATS + 1):
        watch = Watch()
        with connection.execute_wrapper(watch):
            began, used = time.perf_counter(), time.process_time()
            answer = client.get(path)
            b"".join(answer.streaming_content) if answer.streaming else answer.content
            whole, cpu = (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000
            taken.append((watch.queries, watch.seconds * 1000, whole, cpu))
    queries, sql, whole, cpu = zip(*taken[1:], strict=True)
    return {"queries": max(queries), "sql": statistics.median(sql), "all": statistics.median(whole), "cpu": min(cpu)}


class Watch:
    """Counts statements and their time."""

    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Run the statement."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - began


if __name__ == "__main__":
    main()
