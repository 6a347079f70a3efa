"""Who watches a record: they are told of each new state and comment, as long as they may see it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qms.core.actor import Actor
from qms.core.errors import Denied
from qms.core.models import Membership, Record, User, Watch
from qms.core.policy import rules_for
from qms.core.records import model_of
from qms.core.trail import acting


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
    rules = rules_for(f"{model_of(record.kind).NOUN}.view")
    roles = {role for rule in rules if rule.scope == "site" for role in rule.roles}
    held = Membership.objects.filter(Q(site=record.site_id) | Q(site=None), role__in=sorted(roles))
    people = User.objects.filter(watches__record=record.pk, is_active=True, pk__in=held.values("user_id"))
    return people.order_by("name", "pk")


def _person(record: Record, by: Actor) -> int:
    by.require("record.watch", record)
    by.require(f"{model_of(record.kind).NOUN}.view", record)
    if by.id is None:
        raise Denied("Only a person can watch a record.")
    return by.id
