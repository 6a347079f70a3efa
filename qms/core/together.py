"""Small reads that belong together, as one statement: one way to the database instead of six."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

Read = tuple[str, Sequence[Any]]  # a select and its parameters


def together(**reads: Read) -> dict[str, list[dict[str, Any]]]:
    """The rows of each select by its name, as dicts in the order the select gives; times are ISO text."""
    columns = ", ".join(f"(select coalesce(json_agg(x), '[]') from ({sql}) x)" for sql, _ in reads.values())
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns}", [value for _, values in reads.values() for value in values])
        return dict(zip(reads, cursor.fetchone(), strict=True))
