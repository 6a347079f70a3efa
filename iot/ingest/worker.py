"""The ingest worker: takes what arrived, commits it, acknowledges it, and comes back from every failure."""

from __future__ import annotations

import gc
import logging
import math
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg2
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, connection

from iot.ingest.catalogue import Catalogue, load
from iot.ingest.flush import INGEST, Flushed, flush, put_aside
from iot.ingest.intake import Message
from iot.mqtt import MOST_TAKEOVERS, Delivery, Line
from qms.core import health
from qms.core.trail import reading

logger = logging.getLogger(__name__)
_SLOTS = 16
_RARELY = 200_000  # new objects between two collections: a batch makes as many and holds them until it is done
_PATIENCE = 30.0  # seconds until the server has noticed that the old connection is gone
_LOCK = 0x1A6E57  # the family of advisory locks that the slots live in
_LOST = (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError)
_REFUSED = (DataError, IntegrityError, psycopg2.DataError, psycopg2.IntegrityError)


@dataclass
class Worker:
    """One ingest worker with its slot; `stopping` turns true when it shall leave."""

    slot: int
    line: Line
    stopping: Callable[[], bool]
    most: int = 5_000
    silence: float = 60.0
    outcomes: Counter[str] = field(default_factory=Counter)
    catalogue: Catalogue | None = None
    probed: float = 0.0
    warned: float = -math.inf

    def run(self) -> None:
        """Work until told to stop. Messages not committed then stay with the broker."""
        gc.freeze()
        gc.set_threshold(_RARELY, 50, 100)
        self.line.start()
        try:
            while not self.stopping():
                self._watch()
                if taken := self.line.take(most=self.most, wait=0.25):
                    self._keep(taken)
        finally:
            self.line.stop()

    def _keep(self, taken: list[Delivery], *, again: bool = False) -> None:
        """Commit and acknowledge; a lost database is waited for, and the batch tried again as a repeated one.

        What cannot be committed together is committed in parts, down to the one message that is at fault.
        """
        pause, failed = 0.2, 0
        while not self.stopping():
            try:
                done = self._flush(taken, again=again)
            except _LOST as problem:
                logger.warning("the database is away (%s); %d messages wait", str(problem).splitlines()[0], len(taken))
                again = True
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
                self._reconnect()
            except Exception as problem:
                again, self.catalogue, failed = True, None, failed + 1
                logger.exception("a batch of %d messages is tried again", len(taken))
                if _lies_in_it(problem, failed):
                    self._part(taken, problem)
                    return
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self._settle(taken, done)
                return

    def _flush(self, taken: list[Delivery], *, again: bool) -> Flushed:
        catalogue = self._catalogue()
        messages = [Message(d.topic, d.payload, d.received, again or d.redelivered) for d in taken]
        return flush(messages, catalogue, worker=self.slot)

    def _settle(self, taken: list[Delivery], done: Flushed) -> None:
        """Everything is committed: acknowledge it, and say to devices what they are to be told."""
        self.outcomes.update(done.outcomes)
        self.line.acknowledge(taken)
        for one in done.commands:
            self.line.publish(one.topic, one.payload, qos=one.qos)

    def _part(self, taken: list[Delivery], problem: Exception) -> None:
        """Halves of a batch that cannot be committed; a message that fails alone goes into quarantine."""
        half = len(taken) // 2
        if half:
            self._keep(taken[:half], again=True)
            self._keep(taken[half:], again=True)
            return
        words = f"The platform cannot take it ({type(problem).__name__}: {problem})."
        alone = Message(taken[0].topic, taken[0].payload, taken[0].received, again=True)
        self._settle(taken, put_aside(alone, words, worker=self.slot))

    def _catalogue(self) -> Catalogue:
        """The reference data, read again after a note that it changed."""
        raw = connection.connection
        if raw is not None:
            raw.poll()
            if raw.notifies:
                raw.notifies.clear()
                self.catalogue = None
        if self.catalogue is None:
            listen()
            with reading(INGEST):
                self.catalogue = load()
        return self.catalogue

    def _reconnect(self) -> None:
        """Connect anew and take the slot again; if somebody else has it, leave the session to them."""
        connection.close()
        self.catalogue = None
        deadline = time.monotonic() + _PATIENCE
        while not self.stopping():
            try:
                if claim(self.slot):
                    return
            except _LOST:
                deadline = time.monotonic() + _PATIENCE
                connection.close()
            if time.monotonic() > deadline:
                raise SystemExit(f"Another process took ingest slot {self.slot}; nothing is lost, this one leaves.")
            time.sleep(0.5)

    def _watch(self) -> None:
        """Say that the worker is at work; ask a silent line for a sign of life, and cut one that stays silent."""
        try:
            health.beat(f"ingest-{self.slot}", outcomes=dict(self.outcomes), contested=self.line.contested)
        except (DatabaseError, *_LOST):
            self._reconnect()
        self._warn()
        silent = time.monotonic() - self.line.last_heard
        if silent > self.silence:
            self.line.last_heard = time.monotonic()
            logger.warning("nothing heard for %.0f s: connecting again", silent)
            self.line.drop()
        elif silent > self.silence / 3 and time.monotonic() - self.probed > self.silence / 6:
            self.probed = time.monotonic()
            self.line.probe()

    def _warn(self) -> None:
        """Say once in a while that two clients take the session from each other: both look alive, neither gets on."""
        if self.line.contested and time.monotonic() - self.warned > 60:
            self.warned = time.monotonic()
            logger.error(
                "the line was lost more than %d times in a minute: end the other client that uses the session of"
                " ingest slot %d, or see why the broker hangs up; nothing is lost",
                MOST_TAKEOVERS,
                self.slot,
            )


def _lies_in_it(problem: Exception, failed: int) -> bool:
    """Whether a batch failed for what it holds, and not for the state the database is in.

    Rows that are refused may race with new master data: then the same batch works the second time.
    """
    if isinstance(problem, (DatabaseError, psycopg2.Error)):
        return isinstance(problem, _REFUSED) and failed > 1
    return True


def listen() -> None:
    """Ask to be told when reference data changes; before reading it, so that no change falls in between."""
    with connection.cursor() as cursor:
        cursor.execute("listen reference")


def claim(slot: int) -> bool:
    """Take a slot for as long as this connection lives."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [_LOCK, slot])
        (got,) = cursor.fetchone()
    return bool(got)


def claim_any(*, shared: bool, stopping: Callable[[], bool]) -> int | None:
    """The first free slot: its number is part of the client id, so that a session outlives its worker.

    Without a shared subscription every session would get every message, so there is one slot and others stand by.
    """
    told = False
    while not stopping():
        try:
            for slot in range(_SLOTS if shared else 1):
                if claim(slot):
                    return slot
        except _LOST as problem:
            logger.warning("the database is away (%s)", str(problem).splitlines()[0])
            connection.close()
        if not told:
            logger.info("another worker is at work; process %d stands by", os.getpid())
            told = True
        time.sleep(1.0)
    return None
