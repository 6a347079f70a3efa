"""Answers too long to hold: given out piece by piece, made in one thread of their own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Lock
from typing import Any, cast

from django.db import connection, connections
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation

from qms.core.actor import Actor
from qms.core.errors import Busy
from qms.core.trail import reading

log = logging.getLogger(__name__)
PIECE = 64 * 1024  # bytes handed over at a time
MOST = 4  # streams of one process at a time: each holds a connection and a thread
IDLE = 60  # seconds a reader may take for a piece before the database ends the transaction


class Seats:
    """Who streams now; a reader who stopped reading loses the seat when the database ends the transaction."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock, self._numbers, self._lock = most, clock, count(1), Lock()
        self._seen: dict[int, float] = {}

    def take(self) -> int:
        """A seat, or Busy."""
        now = self._clock()
        with self._lock:
            self._seen = {seat: seen for seat, seen in self._seen.items() if now - seen < IDLE}
            if len(self._seen) >= self._most:
                text = f"{self._most} long exports are being sent at this moment. Wait half a minute, then try again."
                raise Busy(text, seconds=IDLE // 2)
            seat = next(self._numbers)
            self._seen[seat] = now
        return seat

    def keep(self, seat: int) -> None:
        """The reader took a piece."""
        with self._lock:
            if seat in self._seen:
                self._seen[seat] = self._clock()

    def leave(self, seat: int) -> None:
        """The stream is at its end."""
        with self._lock:
            self._seen.pop(seat, None)


SEATS = Seats(MOST)


class Chunks:
    """What a generator makes, read inside one scoped transaction from the first piece to the last.

    What breaks midway ends with the words of `broken`, so that nobody takes the part for the whole; without words the
    problem is raised. Busy when as many streams run as may.

    It has no `close`, because Django would call that from another thread than the one that holds the transaction.
    """

    def __init__(self, made: Iterator[bytes], actor: Actor, *, broken: bytes = b"") -> None:
        zone, language = timezone.get_current_timezone_name(), translation.get_language()
        self._made, self._seat = _whole(_read(made, actor, zone, language), broken), SEATS.take()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        SEATS.keep(self._seat)
        try:
            return next(self._made)
        except BaseException:
            SEATS.leave(self._seat)
            raise

    def end(self) -> None:
        """Stop early; in the thread that read."""
        SEATS.leave(self._seat)
        self._made.close()


def _whole(made: Generator[bytes, None, None], broken: bytes) -> Generator[bytes, None, None]:
    """The pieces, and behind what broke the words that say so."""
    try:
        yield from made
    except Exception:
        if not broken:
            raise
        log.exception("A stream broke off midway; its reader was told.")
        yield broken


def _read(made: Iterator[bytes], actor: Actor, zone: str, language: str | None) -> Generator[bytes, None, None]:
    with timezone.override(zone), translation.override(language), reading(actor):
        with connection.cursor() as cursor:
            cursor.execute(f"set local idle_in_transaction_session_timeout = '{IDLE}s'")
        yield from made


class Streamed(StreamingHttpResponse):
    """An answer made of chunks while it is sent."""

    def __init__(self, chunks: Chunks, **options: Any) -> None:
        self.end: Callable[[], None] = chunks.end
        super().__init__(chunks, **options)


async def stepwise(chunks: Iterator[bytes], end: Callable[[], None]) -> AsyncIterator[bytes]:
    """The chunks of a plain iterator, made in one thread, so that a transaction may stay open from first to last."""
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream")
    try:
        while piece := await loop.run_in_executor(thread, _piece, chunks):
            yield piece
    finally:  # also when the reader has gone
        thread.submit(_finish, end)
        thread.shutdown(wait=False)


def _piece(chunks: Iterator[bytes]) -> bytes:
    found, size = [], 0
    for chunk in chunks:
        found.append(chunk)
        size += len(chunk)
        if size >= PIECE:
            break
    return b"".join(found)


def _finish(end: Callable[[], None]) -> None:
    try:
        end()
    finally:
        connections.close_all()


class StreamingMiddleware:
    """Under ASGI a plain iterator would be read to its end before the first byte goes out; this hands it over in steps.

    It holds for files, assets and exports alike.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and turn the body of a stream round when the server is asynchronous."""
        response = self.get_response(request)
        if hasattr(request, "scope") and isinstance(response, StreamingHttpResponse) and not response.is_async:
            end = response.end if isinstance(response, Streamed) else _nothing
            response.streaming_content = stepwise(cast("Iterator[bytes]", response.streaming_content), end)
        return response


def _nothing() -> None:
    """Files are closed by the response itself."""
