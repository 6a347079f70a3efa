"""Open pages hear what was committed, and nothing else."""

from __future__ import annotations

import json
import select

import pytest
from django.db import connection, transaction

from qms.core.actor import system
from qms.core.live import announce
from qms.core.trail import acting

pytestmark = pytest.mark.usefixtures("own_database")


def heard() -> list[dict]:
    raw = connection.connection
    select.select([raw], [], [], 0.2)
    raw.poll()
    notes, raw.notifies[:] = [json.loads(note.payload) for note in raw.notifies], []
    return notes


@pytest.fixture(autouse=True)
def listening(own_database) -> None:
    with connection.cursor() as cursor:
        cursor.execute("listen live")


def test_a_note_is_heard_after_the_commit(own_database) -> None:
    with acting(system("tests")):
        announce("record:7", {"kind": "comment"})
        assert heard() == []
    assert heard() == [{"topic": "record:7", "kind": "comment"}]


def test_what_was_rolled_back_is_never_heard(own_database) -> None:
    def broken() -> None:
        with acting(system("tests")):
            announce("record:7")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert heard() == []


def test_a_note_too_large_for_the_database_asks_the_page_to_reload(own_database) -> None:
    announce("record:7", {"text": "ü" * 9000})
    assert heard() == [{"topic": "record:7", "reload": True}]


def test_a_database_lost_right_after_the_commit_costs_the_note_alone(own_database, caplog) -> None:
    with acting(system("tests")):
        transaction.on_commit(connection.connection.close)
        announce("record:7")
    assert "announce_all.<locals>.notify" in caplog.text
    connection.close()
