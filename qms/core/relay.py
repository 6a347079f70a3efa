"""The relay: hands each event to its handlers, in order per key, each once in effect."""

from __future__ import annotations

import json
import logging
import select
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from qms.core.actor import system
from qms.core.events import HANDLERS, LEAVING, revive
from qms.core.health import beat
from qms.core.trail import acting

logger = logging.getLogger(__name__)

RELAY = system("relay")
BATCH, NAP, LEASE = 32, 1.0, timedelta(minutes=2)
KEEP, STEP = timedelta(days=7), 1000

# the oldest open delivery of each (handler, key); whoever else drains skips what is locked here
_HEADS = """
select d.id, d.handler, d.tries, e.uid, e.type, e.data::text from core_delivery d join core_event e on e.id = d.event_id
where d.done is null and d.due <= clock_timestamp() and d.handler = any(%s) and not exists (
  select from core_delivery b
  where b.handler = d.handler and b.key = d.key and b.event_id < d.event_id and b.done is null)
order by d.event_id limit %s for update of d skip locked
"""
_DONE = "update core_delivery set done = clock_timestamp(), error = '' where id = any(%s)"
_LATER = "clock_timestamp() + least(power(2, least(tries, 12)), 3600) * interval '1 second'"
_FAILED = f"update core_delivery set tries = tries + 1, error = %s, due = {_LATER} where id = %s"
_LEASED = "update core_delivery set tries = tries + 1, due = clock_timestamp() + %s where id = %s"
_LEFT = "update core_delivery set done = clock_timestamp(), error = '' where id = %s and tries = %s and done is null"
_STAYED = f"update core_delivery set error = %s, due = {_LATER} where id = %s and tries = %s and done is null"
_OLD = "delete from core_delivery where id in (select id from core_delivery where done < %s order by id limit %s)"


@dataclass(frozen=True)
class Head:
    """A delivery whose turn it is."""

    id: int
    handler: str
    tries: int
    uid: str
    type: str
    data: str


def drain(limit: int = BATCH) -> int:
    """Deliver what is due to the handlers that write here; their effect commits with the mark. Returns how many ran."""
    with transaction.atomic():
        heads = _heads(set(HANDLERS) - LEAVING, limit)
        done = []
        for head in heads:
            if error := _deliver(head):
                _run(_FAILED, [error, head.id])
            else:
                done.append(head.id)
        if done:
            _run(_DONE, [done])
    return len(heads)


def drain_leaving() -> int:
    """Deliver one due event to a handler whose effect is outside: run without a transaction, under a lease."""
    with transaction.atomic():
        heads = _heads(LEAVING, 1)
        for head in heads:
            _run(_LEASED, [LEASE, head.id])
    for head in heads:
        try:
            HANDLERS[head.handler](revive(head.type, _json(head.data)), RELAY)
        except Exception as problem:  # noqa: BLE001 - one failing handler must not stop the relay
            logger.warning("%s failed on %s, try %d: %s", head.handler, head.uid, head.tries + 1, problem)
            _run(_STAYED, [_text(problem), head.id, head.tries + 1])
        else:
            _run(_LEFT, [head.id, head.tries + 1])
    return len(heads)


def forget_delivered(keep: timedelta = KEEP) -> int:
    """Remove one small step of the deliveries done long ago; returns how many left. The events stay."""
    return _run(_OLD, [timezone.now() - keep, STEP])


def run(drain: Callable[[], int], stop: threading.Event, *, name: str) -> None:
    """Drain for good: at every wake-up, at least once a second, and again after the database came back."""
    pause = 0.2
    while not stop.is_set():
        try:
            _listen()
            pause = 0.2
            while not stop.is_set():
                beat(name)
                _round(drain)
        except (OperationalError, InterfaceError) as problem:
            logger.warning("%s lost the database, next try in %.1f s: %s", name, pause, str(problem).strip())
            connection.close()
            stop.wait(pause)
            pause = min(pause * 2, 5.0)
    connection.close()


def _round(drain: Callable[[], int]) -> None:
    """Drain once; when nothing was due, sleep until somebody wakes us."""
    raw: Any = connection.connection
    raw.notifies.clear()
    if drain() or raw.notifies:  # a note read during the drain must not be slept over
        return
    with connection.wrap_database_errors:
        select.select([raw], [], [], NAP)
        raw.poll()


def _listen() -> None:
    with connection.cursor() as cursor:
        cursor.execute("listen outbox")


def _heads(handlers: Collection[str], limit: int) -> list[Head]:
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [sorted(handlers), limit])
        return [Head(*row) for row in cursor.fetchall()]


def _deliver(head: Head) -> str:
    """Run one handler as one act; returns why it failed, or an empty text."""
    try:
        with acting(RELAY, reason=f"{head.type} {head.uid}", source=head.handler, own=False):
            HANDLERS[head.handler](revive(head.type, _json(head.data)), RELAY)
            # deferred checks now, so that a broken reference costs this delivery and not the whole batch
            connection.check_constraints()
    except Exception as problem:
        if connection.needs_rollback or not connection.connection or connection.connection.closed:
            raise
        logger.warning("%s failed on %s, try %d: %s", head.handler, head.uid, head.tries + 1, problem)
        return _text(problem)
    return ""


def _run(statement: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _json(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    return data


def _text(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"[:2000]
