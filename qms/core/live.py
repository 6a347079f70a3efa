"""Live pages: tell every open page that something is new, once it is committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from django.db import connection, transaction

CHANNEL: Final = "live"
LIMIT: Final = 7900  # bytes; PostgreSQL takes less than 8000
# one text for all of them: the driver would put each element of an array in quotes by itself
_NOTIFY: Final = "select pg_notify(%s, note) from json_array_elements_text(%s::json) note"
ACCESS: Final = "access"  # the kind of a note that is for the streams themselves


def announce(topic: str, data: Mapping[str, Any] | None = None) -> None:
    """Send a small note to a topic such as `record:12`, after the commit; outside a transaction at once.

    Data that do not fit into a note are left out and `reload` is set: the page then asks again.
    """
    announce_all([(topic, data or {})])


def announce_all(notes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Send many notes, each as `announce` does, with one statement after the commit."""
    texts = [_text(topic, data) for topic, data in notes]

    def notify() -> None:  # Django names a failed one in its log, which a partial has no name for
        with connection.cursor() as cursor:
            cursor.execute(_NOTIFY, [CHANNEL, msgspec.json.encode(texts).decode()])

    if texts:
        transaction.on_commit(notify, robust=True)


def _text(topic: str, data: Mapping[str, Any]) -> str:
    text = msgspec.json.encode({"topic": topic, **data}, enc_hook=str)
    return (text if len(text) <= LIMIT else msgspec.json.encode({"topic": topic, "reload": True})).decode()


def ask_again(person: int) -> None:
    """Have every open stream of a person end, so that its page asks anew what it may hear."""
    announce(f"user:{person}", {"kind": ACCESS})
