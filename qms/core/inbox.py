"""The inbox: what a person or a role is asked to do, in one list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from qms.core.actor import Actor
from qms.core.errors import Denied, Invalid, Refused, because
from qms.core.live import announce
from qms.core.models import Record, Site, Task, User
from qms.core.notify import tell
from qms.core.trail import acting


def ask(  # noqa: PLR0913 - a task is described by what it is
    *,
    key: str,
    title: str,
    by: Actor,
    kind: str = "task",
    record: Record | None = None,
    site: Site | int | None = None,
    owner: User | int | None = None,
    role: str = "",
    due: datetime | None = None,
    url: str = "",
    detail: str = "",
    priority: int = 2,
) -> Task:
    """Ask one person (`owner`) or everybody of a role at a site to do something; asking twice under a key asks once.

    The site falls to the record's. A person is told at once; a role finds it in the inbox.
    """
    where = record.site_id if site is None and record else site.pk if isinstance(site, Site) else site
    person = owner.pk if isinstance(owner, User) else owner
    if where is None or not (person or role):
        raise ValueError(f"The task {key} needs a site and either an owner or a role.")
    with acting(by):
        task, new = Task.objects.get_or_create(
            key=key[:120],
            defaults={
                "kind": kind,
                "title": title[:200],
                "detail": detail[:300],
                "record": record,
                "site_id": where,
                "owner_id": person,
                "role": role,
                "due": due,
                "url": url,
                "priority": priority,
            },
        )
        if new:
            _asked(task, by)
    return task


def _asked(task: Task, by: Actor) -> None:
    if task.owner_id and task.owner_id != by.id:
        tell(task.owner_id, task.kind, task.title, task.url, task.record_id, key=f"task:{task.key}")
    _announce(task)


def _announce(task: Task) -> None:
    topic = f"user:{task.owner_id}" if task.owner_id else f"inbox:{task.site_id}"
    announce(topic, {"kind": "inbox", "task": task.pk, "done": task.done_at is not None})


def done(key: str, by: Actor) -> bool:
    """Mark the task of this key as done because what it asked for has happened; False when none was open."""
    with acting(by):
        task = Task.objects.select_for_update(no_key=True, of=("self",)).filter(key=key, done_at=None).first()
        return task is not None and _finish(task, by)


def _finish(task: Task, by: Actor) -> bool:
    task.done_at, task.done_by, task.snoozed_until = timezone.now(), by.name, None
    task.save(update_fields=["done_at", "done_by", "snoozed_until"])
    _announce(task)
    return True


def reschedule(key: str, due: datetime | None, *, by: Actor) -> bool:
    """Move the due date of the open task of this key; its clock begins to warn anew. False when none is open."""
    with acting(by):
        return bool(Task.objects.filter(key=key, done_at=None).exclude(due=due).update(due=due, warned=0))


def finish(task: int, *, by: Actor) -> Task:
    """Tick a task off oneself. Raises Denied when it was not asked of this person."""
    with acting(by):
        found = _mine(task, by)
        _finish(found, by)
    return found


def snooze(task: int, *, until: datetime, reason: str, by: Actor) -> Task:
    """Put a task out of sight until a time, with a reason; its clock runs on."""
    if until <= timezone.now():
        raise Invalid({"until": ["Choose a time in the future."]})
    reason = because(reason, "Say why this can wait.")
    with acting(by, reason=reason):
        found = _mine(task, by)
        found.snoozed_until = until
        found.save(update_fields=["snoozed_until"])
        _announce(found)
    return found


def _mine(pk: int, by: Actor) -> Task:
    task = Task.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if task is None or not asked_of(task, by):
        raise Denied("This task was not asked of you. Its owner, or a person of the role it was asked of, can do this.")
    if task.done_at:
        raise Refused(f"{task.done_by} has done this already.")
    return task


def asked_of(task: Task, actor: Actor) -> bool:
    """Whether a task was asked of this person, by name or by role."""
    if task.owner_id:
        return task.owner_id == actor.id
    return task.role in (actor.roles.get(None, frozenset()) | actor.roles.get(task.site_id, frozenset()))


def open_for(actor: Actor, *, snoozed: bool = False) -> QuerySet[Task]:
    """The open tasks of a person: own ones and those of a role held at the site, the most urgent first."""
    asked = Q(owner_id=actor.id) if actor.id else Q(pk=None)
    for site, roles in actor.roles.items():
        here = Q(owner=None, role__in=sorted(roles))
        asked |= here if site is None else here & Q(site_id=site)
    tasks = Task.objects.filter(asked, done_at=None).select_related("site", "owner")
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=timezone.now())
    tasks = tasks.exclude(awake) if snoozed else tasks.filter(awake)
    return tasks.order_by("priority", F("due").asc(nulls_last=True), "id")


def counts(actor: Actor) -> Mapping[str, int]:
    """How many open tasks of each kind, with `all` and `late`."""
    past = Count("id", filter=Q(due__lt=timezone.now()))
    rows = open_for(actor).order_by().values_list("kind").annotate(n=Count("id"), past=past)
    by_kind: dict[str, Any] = {kind: n for kind, n, _ in rows}
    return {**by_kind, "all": sum(by_kind.values()), "late": sum(past for *_, past in rows)}
