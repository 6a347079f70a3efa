"""Answers too long to hold: given out piece by piece, made in one thread of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from django.db import connections
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation

from qms.core.actor import Actor
from qms.core.trail import reading

PIECE = 64 * 1024  # bytes handed over at a time


class Chunks:
    """What a generator makes, read inside one scoped transaction from the first piece to the last.

    It has no `close`, because Django would call that from another thread than the one that holds the transaction.
    """

    def __init__(self, made: Iterator[bytes], actor: Actor) -> None:
        self._made = _read(made, actor, timezone.get_current_timezone_name(), translation.get_language())

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._made)

    def end(self) -> None:
        """Stop early; in the thread that read."""
        self._made.close()


def _read(made: Iterator[bytes], actor: Actor, zone: str, language: str | None) -> Generator[bytes, None, None]:
    with timezone.override(zone), translation.override(language), reading(actor):
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
