"""Each request has a thread of its own, so Django would connect anew each time; here a closed connection is lent again.

A new connection costs its password proof, a server process and that process's empty catalogue; a kept one costs a ping.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from datetime import datetime
from typing import Any

import psycopg2
from django.conf import settings
from django.db.backends.postgresql import base, operations
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from qms.core.errors import Invalid
from qms.core.storable import OUTSIDE, plausible

IDLE = 60.0  # seconds after which a kept connection is let go


class Pool:
    """Idle connections of one process: the one given back last is lent first; of too many the oldest ends."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._idle: deque[tuple[float, Any]] = deque()

    def take(self, wanted: dict[str, Any]) -> Any:
        """A living idle connection that was made with these parameters, or None."""
        while (link := self._pop(wanted)) is not None:
            try:
                with link.cursor() as cursor:
                    cursor.execute("select 1")
            except psycopg2.Error:
                link.close()
            else:
                return link
        return None

    def _pop(self, wanted: dict[str, Any]) -> Any:
        with self._lock:
            self._expire()
            at = next((i for i in reversed(range(len(self._idle))) if self._idle[i][1].made_with == wanted), None)
            if at is None:
                return None
            link = self._idle[at][1]
            del self._idle[at]
            return link

    def _expire(self) -> None:
        while self._idle and time.monotonic() - self._idle[0][0] > IDLE:
            self._idle.popleft()[1].close()

    def give(self, link: Any) -> None:
        """Keep a connection that is whole and in no transaction; close any other."""
        try:
            if not link.closed and link.get_transaction_status() != TRANSACTION_STATUS_IDLE:
                link.rollback()
            link.autocommit = True
        except psycopg2.Error:
            link.close()
        if link.closed:
            return
        with self._lock:
            self._expire()
            self._idle.append((time.monotonic(), link))
            while len(self._idle) > self.most:
                self._idle.popleft()[1].close()

    def forget(self) -> None:
        """In a forked child: the connections are the parent's, so they are neither used nor closed here."""
        _of_parent.extend(self._idle)
        self._lock, self._idle = threading.Lock(), deque()


class Link(psycopg2.extensions.connection):
    """A connection that knows what it was made with."""

    made_with: dict[str, Any]


_of_parent: list[Any] = []
POOL = Pool(most=settings.DATABASE_POOL)
os.register_at_fork(after_in_child=POOL.forget)


class DatabaseOperations(operations.DatabaseOperations):
    """What Django's own engine does with values, but none goes in that does not come out again."""

    def adapt_datetimefield_value(self, value: Any) -> Any:
        """A moment as the driver takes it; Invalid for one whose row nobody could read any more."""
        if isinstance(value, datetime) and not plausible(value):
            raise Invalid({"time": [OUTSIDE]})
        return super().adapt_datetimefield_value(value)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own engine, but what it closes is kept and lent again."""

    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A kept connection, or a new one."""
        kept = POOL.take(conn_params)
        if kept is not None:
            self.isolation_level = IsolationLevel.READ_COMMITTED
            return kept
        link = super().get_new_connection({**conn_params, "connection_factory": Link})
        link.made_with = conn_params
        return link

    def _close(self) -> None:
        # a main thread keeps its connection itself for as long as it needs one; the threads of requests come and go
        if self.connection is None or threading.current_thread() is threading.main_thread():
            super()._close()  # type: ignore[misc]  # the stubs leave it out
        else:
            POOL.give(self.connection)
