"""Kept connections: lent again to the next request, never when broken or made for another database."""

from __future__ import annotations

import os
import socket
import threading
import time

import psycopg2
import pytest
from django.db import connection, connections

from qms.core.pooled.base import IDLE, POOL, Link, Pool
from qms.settings import database


@pytest.fixture
def made(worker_database):
    """Make a connection as the engine does."""
    opened = []

    def make() -> Link:
        link = psycopg2.connect(worker_database, connection_factory=Link)
        link.made_with = {"dsn": worker_database}
        opened.append(link)
        return link

    yield make
    for link in opened:
        link.close()


def test_a_connection_given_back_is_lent_again(made) -> None:
    pool, link = Pool(most=2), made()
    pool.give(link)
    assert pool.take(link.made_with) is link
    assert pool.take(link.made_with) is None


def test_a_transaction_left_open_is_rolled_back(made) -> None:
    pool, link = Pool(most=2), made()
    link.cursor().execute("select set_config('qms.left', 'open', true)")
    pool.give(link)
    with pool.take(link.made_with).cursor() as cursor:
        cursor.execute("select current_setting('qms.left', true)")
        assert cursor.fetchone() == ("",)


def test_a_connection_whose_server_process_died_is_not_lent(made) -> None:
    pool, link, other = Pool(most=2), made(), made()
    pool.give(link)
    other.cursor().execute("select pg_terminate_backend(%s)", [link.info.backend_pid])
    assert pool.take(link.made_with) is None
    assert link.closed


def test_a_connection_to_another_database_is_not_lent(made) -> None:
    pool, link = Pool(most=2), made()
    pool.give(link)
    assert pool.take({"dsn": "another"}) is None


def test_of_too_many_the_oldest_is_closed(made) -> None:
    pool, links = Pool(most=1), [made(), made()]
    for link in links:
        pool.give(link)
    assert [bool(link.closed) for link in links] == [True, False]


def test_what_nobody_borrowed_for_long_is_closed_when_another_comes_back(made, monkeypatch) -> None:
    pool, old, fresh = Pool(most=2), made(), made()
    pool.give(old)
    later = time.monotonic() + IDLE + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    pool.give(fresh)
    assert (bool(old.closed), bool(fresh.closed)) == (True, False)


def test_a_cut_network_path_fails_in_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = database(f"postgresql://app:secret@127.0.0.1:{silent.getsockname()[1]}/plant")
        wanted = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"], "dbname": found["NAME"]}
        link = psycopg2.connect(**wanted, **found["OPTIONS"], async_=True)
        link.poll()
        with socket.socket(fileno=os.dup(link.fileno())) as line:
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 10
        link.close()


def test_a_socket_needs_no_watch_over_its_path_and_an_address_may_set_another() -> None:
    assert "tcp_user_timeout" not in database("postgresql://app@/plant?host=%2Frun")["OPTIONS"]
    assert database("postgresql://app@db/plant?tcp_user_timeout=30000")["OPTIONS"]["tcp_user_timeout"] == "30000"


def test_a_forked_child_forgets_what_its_parent_keeps(made) -> None:
    pool, link = Pool(most=1), made()
    pool.give(link)
    pool.forget()
    assert pool.take(link.made_with) is None
    assert not link.closed


@pytest.mark.usefixtures("fresh_database")
def test_the_threads_of_requests_share_connections(monkeypatch) -> None:
    monkeypatch.setattr(POOL, "most", 1)
    seen = []

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            seen.append(cursor.fetchone()[0])
        connections.close_all()

    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert seen[0] == seen[1]
    while link := POOL.take(connection.get_connection_params()):
        link.close()
