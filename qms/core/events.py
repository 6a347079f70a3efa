"""Events: what happened, written with what happened; handlers get each once, in order, later."""

from __future__ import annotations

import builtins
import dataclasses
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from qms.core.actor import Actor
from qms.core.trail import current_act


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Base of every event; plain values only, so that it can be stored and sent."""

    type: ClassVar[str] = ""
    known: ClassVar[dict[str, builtins.type[DomainEvent]]] = {}  # `type` is the event's name here

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.type = f"{cls.__module__.rpartition('.')[0]}.{cls.__name__}"
        DomainEvent.known[cls.type] = cls


@dataclass(frozen=True, kw_only=True)
class RecordOpened(DomainEvent):
    """A record was opened."""

    record: int
    kind: str
    number: str
    site: int


@dataclass(frozen=True, kw_only=True)
class RecordChanged(DomainEvent):
    """Fields or rows of a record changed, without a step."""

    record: int
    kind: str
    number: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StepTaken(DomainEvent):
    """A record went from one state to another."""

    record: int
    kind: str
    number: str
    step: str
    source: str
    target: str
    signed: bool
    closed: bool
    version: int = 0  # of the record after it
    person: int | None = None  # who took it; none when the product did


@dataclass(frozen=True, kw_only=True)
class CommentAdded(DomainEvent):
    """Somebody said something about a record."""

    record: int
    kind: str
    number: str
    comment: int


E = TypeVar("E", bound=DomainEvent)
Handler = Callable[[Any, Actor], None]

HANDLERS: dict[str, Handler] = {}  # by "room.name"
SUBSCRIPTIONS: dict[str, list[str]] = {}  # event type to handler names
LEAVING: set[str] = set()  # handlers that leave the house: run outside the transaction, under a lease


def handles(
    event: type[E], *, leaves: bool = False
) -> Callable[[Callable[[E, Actor], None]], Callable[[E, Actor], None]]:
    """Subscribe a function of handlers.py to an event: at least once, in order per record, once in effect.

    `leaves=True` marks a handler whose effect is outside the database (mail, webhook): it runs outside the
    transaction and must tolerate a repeat.
    """

    def subscribe(function: Callable[[E, Actor], None]) -> Callable[[E, Actor], None]:
        name = f"{function.__module__.rpartition('.')[0]}.{function.__name__}"
        if name in HANDLERS:
            raise ValueError(f"Two handlers are called {name}.")
        HANDLERS[name] = function
        SUBSCRIPTIONS.setdefault(event.type, []).append(name)
        if leaves:
            LEAVING.add(name)
        return function

    return subscribe


_PUBLISH = """
with e as (
  insert into core_event (uid, at, type, record, key, act, actor, data, tx)
  values (%s, %s, %s, %s, %s, %s, current_setting('qms.actor', true), %s, pg_current_xact_id()) returning id, key, at)
insert into core_delivery (event_id, handler, key, due, tries, error)
select e.id, h, e.key, e.at, 0, '' from e, unnest(%s::text[]) h
"""


def publish(event: DomainEvent, *, record: int | None = None, key: str = "") -> None:
    """Write an event and one delivery per handler, in the act under way.

    Order is kept per record (or `key`), because whoever publishes about a record holds its lock.
    """
    act = current_act()
    data = json.dumps(dataclasses.asdict(event), cls=DjangoJSONEncoder)
    key = key or (f"record:{record}" if record else event.type)
    handlers = SUBSCRIPTIONS.get(event.type, [])
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISH, [str(uuid.uuid4()), timezone.now(), event.type, record, key, act, data, handlers])
    if handlers:
        transaction.on_commit(wake, robust=True)  # a lost wake-up costs one nap of the relay, never the answer


def wake() -> None:
    """Tell the relay; only ever after the commit, because NOTIFY inside it would serialise all commits."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('outbox', '')")


def revive(type_: str, data: dict[str, Any]) -> DomainEvent:
    """The event a stored row stands for; KeyError when no room knows the type any more."""
    return DomainEvent.known[type_](**data)
