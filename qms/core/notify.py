"""Notices: one message to one person, on the page at once and by mail soon after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from qms.core.actor import Actor
from qms.core.events import DomainEvent, publish
from qms.core.live import announce
from qms.core.models import Notice, Record, User
from qms.core.trail import acting


@dataclass(frozen=True, kw_only=True)
class NoticeGiven(DomainEvent):
    """Somebody was told something on the page; the mail goes out after it."""

    notice: int


def tell(
    user: User | int, kind: str, title: str, url: str = "", record: Record | int | None = None, *, key: str = ""
) -> Notice | None:
    """Give a person a notice; call it inside an act. None when this `key` was told before.

    `key` names the event, such as `task:12:late`; without one the notice stands for itself.
    """
    person = user if isinstance(user, int) else user.pk
    notice, new = Notice.objects.get_or_create(
        user_id=person,
        key=(key or uuid.uuid4().hex)[:160],
        defaults={
            "kind": kind[:30],
            "title": Truncator(title).chars(200),
            "url": url[:300],
            "record_id": record.pk if isinstance(record, Record) else record,
        },
    )
    if not new:
        return None
    publish(NoticeGiven(notice=notice.pk), key=f"user:{person}")
    announce(f"user:{person}", {"kind": "notice", "title": notice.title, "url": notice.url, "unread": unread(person)})
    return notice


def tell_all(
    users: Iterable[User], kind: str, title: str, url: str = "", record: Record | int | None = None, *, key: str
) -> int:
    """Give the same notice to several people; returns how many had not been told before."""
    return sum(tell(user, kind, title, url, record, key=key) is not None for user in users)


def holders(site: int, *roles: str, everywhere: bool = True) -> QuerySet[User]:
    """The active people who hold one of the roles at a site, or (with `everywhere`) at all sites."""
    where = Q(memberships__site=site) | Q(memberships__site=None) if everywhere else Q(memberships__site=site)
    return User.objects.filter(where, memberships__role__in=roles, is_active=True).distinct()


def notices(actor: Actor) -> QuerySet[Notice]:
    """The actor's own notices, newest first."""
    return Notice.objects.filter(user_id=actor.id) if actor.id else Notice.objects.none()


def unread(user: int) -> int:
    """How many notices a person has not read."""
    return Notice.objects.filter(user_id=user, read_at=None).count()


def read(by: Actor, *ids: int) -> int:
    """Mark the actor's own notices as read, all of them without ids; returns how many changed."""
    mine = notices(by).filter(read_at=None)
    with acting(by):
        changed = (mine.filter(pk__in=ids) if ids else mine).update(read_at=timezone.now())
        if changed:
            announce(f"user:{by.id}", {"kind": "read", "unread": unread(by.id or 0)})
    return changed
