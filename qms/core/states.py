"""The states of every flow as rows, so that the database refuses a state no flow knows."""

from __future__ import annotations

from typing import Any

from django.db import connection

from qms.core.records import KINDS


def write_flow_states(**_: Any) -> None:
    """Fill core_flowstate from the registered kinds; runs after each migrate, as the owner."""
    rows = [(kind, state.name) for kind, model in sorted(KINDS.items()) for state in model.flow.states]
    with connection.cursor() as cursor:
        cursor.executemany("insert into core_flowstate (kind, state) values (%s, %s) on conflict do nothing", rows)
