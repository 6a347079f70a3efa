"""Who watches a record: they are told of each new state and comment, as long as they may see it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from qms.core.actor import Actor
from qms.core.errors import Denied
from qms.core.models import Record, User, Watch
from qms.core.policy import rules_for
from qms.core.records import model_of
from qms.core.together import Read
from qms.core.trail import acting

_WATCHING = """
from core_user u join core_watch w on w.user_id = u.id where w.record_id = %s and u.is_active and exists (
  select from core_membership m where m.user_id = u.id and (m.site_id = %s or m.site_id is null) and m.role = any(%s))
"""


def watch(record: Record, *, by: Actor) -> bool:
    """Be told what becomes of a record; False when one watches it already. Raises Denied."""
    person = _person(record, by)
    with acting(by):
        return Watch.objects.get_or_create(record_id=record.pk, user_id=person)[1]


def unwatch(record: Record, *, by: Actor) -> bool:
    """Be told no more; False when one does not watch it. Raises Denied."""
    person = _person(record, by)
    with acting(by):
        return bool(Watch.objects.filter(record_id=record.pk, user_id=person).delete()[0])


def watchers(record: Record) -> QuerySet[User]:
    """Everybody active who watches a record and may still see it, by name."""
    found = RawSQL(f"select u.id {_WATCHING}", _of(record))  # noqa: S611 - a constant statement
    return User.objects.filter(pk__in=found).order_by("name", "pk")


def reading_watchers(record: Record) -> Read:
    """The select behind `watchers`, ids and names alone, for whoever reads more with it."""
    return f"select u.id as pk, u.name {_WATCHING} order by u.name, u.id", _of(record)


def _of(record: Record) -> list[Any]:
    rules = rules_for(f"{model_of(record.kind).NOUN}.view")
    roles = sorted({role for rule in rules if rule.scope == "site" for role in rule.roles})
    return [record.pk, record.site_id, roles]


def _person(record: Record, by: Actor) -> int:
    by.require("record.watch", record)
    by.require(f"{model_of(record.kind).NOUN}.view", record)
    if by.id is None:
        raise Denied("Only a person can watch a record.")
    return by.id
