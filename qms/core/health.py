"""Health: what lives, what is ready, what lags; the rooms add their own findings."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

LATE = 30.0  # seconds after which waiting work or a silent process is worth a warning


@dataclass(frozen=True)
class Finding:
    """What one check saw; only a `needed` one that failed takes the process out of service."""

    name: str
    ok: bool
    text: str
    needed: bool = False


Check = Callable[[], Finding]
CHECKS: list[Check] = []

_last: dict[str, float] = {}
_UNSEALED = """
select count(*), coalesce(extract(epoch from clock_timestamp() - min(t.at)), 0)::float8 from core_trail t
where t.id > coalesce((select low from core_checkpoint order by number desc limit 1), 0)
  and not exists (select from core_trailleaf l where l.trail = t.id)
"""
_BEAT = (
    "insert into core_heartbeat (name, at, data) values (%s, clock_timestamp(), %s)"
    " on conflict (name) do update set at = excluded.at, data = excluded.data"
)


def check(function: Check) -> Check:
    """Add a finding to the readiness answer."""
    CHECKS.append(function)
    return function


def beat(name: str, *, every: float = 5.0, **data: Any) -> None:
    """Say that a process is at work; writes at most once in `every` seconds, so loops can call it freely."""
    now = time.monotonic()
    if now - _last.get(name, -every) < every:
        return
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [name, json.dumps(data, cls=DjangoJSONEncoder)])
    _last[name] = now


def silence(name: str) -> float | None:
    """Seconds since a process last said that it is at work; None when it never did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select extract(epoch from clock_timestamp() - at)::float8 from core_heartbeat where name = %s", [name]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def heard(name: str, label: str, *, late: float = LATE) -> Finding:
    """The finding of a process that beats: when it was last heard."""
    seconds = silence(name)
    if seconds is None:
        return Finding(name, ok=False, text=f"The {label} has not started yet.")
    return Finding(name, ok=seconds <= late, text=f"The {label} was last heard {seconds:.0f} s ago.")


def report() -> list[Finding]:
    """Every finding, the database first; without it the others cannot be asked."""
    first = database()
    return [first, *(_safely(function) for function in CHECKS)] if first.ok else [first]


def database() -> Finding:
    """Whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Exception as problem:  # noqa: BLE001 - a check must never break the answer
        return Finding("database", ok=False, text=f"The database does not answer: {_line(problem)}", needed=True)
    return Finding("database", ok=True, text="The database answers.", needed=True)


@check
def store() -> Finding:
    """Whether Valkey answers; pages and signing work without it."""
    try:
        cache.set("health", "1", 10)
    except Exception as problem:  # noqa: BLE001 - a check must never break the answer
        return Finding("valkey", ok=False, text=f"Valkey does not answer, jobs wait as rows: {_line(problem)}")
    return Finding("valkey", ok=True, text="Valkey answers.")


@check
def outbox() -> Finding:
    """How long the oldest due delivery has waited for the relay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), coalesce(extract(epoch from clock_timestamp() - min(due)), 0)::float8"
            " from core_delivery where done is null and due <= clock_timestamp()"
        )
        waiting, lag = cursor.fetchone()
    return Finding("outbox", ok=lag <= LATE, text=f"{waiting} deliveries wait, the oldest for {lag:.0f} s.")


@check
def relay() -> Finding:
    """Whether the relay is at work."""
    return heard("relay", "relay")


def unsealed() -> tuple[int, float]:
    """How many committed rows of the trail are not sealed yet, and for how many seconds the oldest has waited."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        count, seconds = cursor.fetchone()
    return count, seconds


@check
def seal() -> Finding:
    """Whether the trail is sealed as it grows."""
    count, seconds = unsealed()
    return Finding(
        "seal", ok=seconds <= LATE, text=f"{count} trail rows wait to be sealed, the oldest {seconds:.0f} s."
    )


@check
def worker() -> Finding:
    """Whether the worker hears the pulse of the scheduler; without them no clock warns and no job runs."""
    return heard("worker", "worker")


def _safely(function: Check) -> Finding:
    try:
        return function()
    except Exception as problem:  # noqa: BLE001 - a check must never break the answer
        return Finding(function.__name__, ok=False, text=f"Could not be asked: {_line(problem)}")


def _line(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0]
