"""Long answers: given out in steps under ASGI, read in one scoped transaction, ended with their reader."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from qms.core.actor import system
from qms.core.errors import Busy
from qms.core.streaming import IDLE, PIECE, Chunks, Seats, Streamed, StreamingMiddleware, stepwise

BY = system("tests")


async def _first(stream, wanted: int) -> list[bytes]:
    found = []
    async for piece in stream:
        found.append(piece)
        if len(found) == wanted:
            break
    await stream.aclose()
    return found


def test_pieces_come_in_order_and_are_put_together_to_a_size() -> None:
    found = asyncio.run(_first(stepwise(iter([b"a" * PIECE, b"b", b"c"]), lambda: None), 9))
    assert found == [b"a" * PIECE, b"bc"]


def test_every_piece_is_made_in_one_thread_that_is_not_the_loop() -> None:
    threads = []

    def made():
        for _ in range(3):
            threads.append(threading.get_ident())
            yield b"x" * PIECE

    asyncio.run(_first(stepwise(made(), lambda: None), 9))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_a_reader_who_leaves_ends_the_making() -> None:
    ended = threading.Event()

    def endless():
        while True:
            yield b"x" * PIECE

    assert len(asyncio.run(_first(stepwise(endless(), ended.set), 2))) == 2
    assert ended.wait(30)


def test_under_asgi_a_stream_is_turned_round() -> None:
    answer = StreamingMiddleware(lambda _: StreamingHttpResponse([b"x"]))(AsyncRequestFactory().get("/"))
    assert answer.is_async


def test_elsewhere_a_stream_and_a_plain_answer_stay_as_they_are() -> None:
    request = RequestFactory().get("/")
    assert not StreamingMiddleware(lambda _: StreamingHttpResponse([b"x"]))(request).is_async
    assert StreamingMiddleware(lambda _: HttpResponse("x"))(AsyncRequestFactory().get("/")).content == b"x"


def test_more_streams_than_may_run_are_refused_until_one_ends() -> None:
    seats = Seats(2)
    first, _ = seats.take(), seats.take()
    with pytest.raises(Busy, match="try again"):
        seats.take()
    seats.leave(first)
    seats.take()


def test_a_reader_who_stops_reading_loses_the_seat() -> None:
    seconds = [0.0]
    seats = Seats(1, clock=lambda: seconds[0])
    seats.take()
    seconds[0] += IDLE
    seats.take()


@pytest.mark.django_db
def test_what_breaks_midway_says_so_in_its_last_line() -> None:
    def broken():
        yield b"one\r\n"
        raise OSError("gone")

    assert Streamed(Chunks(broken(), BY, broken=b"# incomplete")).getvalue() == b"one\r\n# incomplete"


@pytest.mark.django_db
def test_the_database_ends_a_stream_nobody_reads() -> None:
    def limit():
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('idle_in_transaction_session_timeout')")
            yield cursor.fetchone()[0].encode()

    assert Streamed(Chunks(limit(), BY)).getvalue() == b"1min"


@pytest.mark.django_db
def test_what_is_streamed_is_read_in_the_scope_of_its_reader() -> None:
    def scope():
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('qms.sites'), current_setting('transaction_read_only')")
            yield " ".join(cursor.fetchone()).encode()

    assert Streamed(Chunks(scope(), BY)).getvalue() == b"* on"
