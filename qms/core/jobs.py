"""Long work as rows: progress, cancel, takeover of what a killed worker left, the effect once."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from qms.core.actor import ALL, Actor, actor_of, system
from qms.core.errors import Denied
from qms.core.health import beat
from qms.core.live import announce
from qms.core.models import Job, JobPart, Site, User
from qms.core.notify import tell
from qms.core.trail import acting

logger = logging.getLogger(__name__)

LEASE, ATTEMPTS = timedelta(seconds=60), 5
Effect = Callable[[], Mapping[str, Any] | None]


class Stopped(Exception):
    """The job was cancelled, or another worker took it over; the work just ends."""


@dataclass
class Running:
    """A job at work: its arguments, who asked for it, and how far it is."""

    id: int
    kind: str
    title: str
    args: Mapping[str, Any]
    attempt: int
    by: Actor

    def at(self, stage: str, share: float) -> None:
        """Show progress (0 to 1) and stay alive; raises Stopped on cancel or takeover. Never inside a transaction."""
        row = _one(_PROGRESS, [stage[:80], min(max(share, 0.0), 1.0), LEASE, self.id, self.attempt])
        if row is None:
            raise Stopped
        beat("worker")  # which is at work on this, and hears no pulse meanwhile
        _announce(self.id, self.by.id, state="running", stage=stage, share=share)

    def once(self, key: str, part: Callable[[], Any]) -> Any:
        """Write a part of the effect, with a note of it in the same act: a takeover finds it done and goes on.

        Gives the plain values `part` gave, now or in an earlier attempt. Raises Stopped like `at`.
        """
        with acting(self.by, reason=f"job {self.id}: {self.title}", source=self.kind):
            if _one(_MINE, [self.id, self.attempt]) is None:
                raise Stopped
            noted = JobPart.objects.filter(job_id=self.id, key=key).first()
            if noted is None:
                noted = JobPart.objects.create(job_id=self.id, key=key, data=part())
            return noted.data


Work = Callable[[Running], Effect]
WORK: dict[str, Work] = {}

_CLAIM = """
update core_job set state = 'running', attempt = attempt + 1, lease = clock_timestamp() + %s, error = ''
where id = %s and state in ('waiting', 'running') and lease < clock_timestamp() and not cancel
returning kind, title, args::text, attempt, user_id
"""
_PROGRESS = """
update core_job set stage = %s, share = %s, lease = clock_timestamp() + %s
where id = %s and attempt = %s and state = 'running' and not cancel returning id
"""
_MINE = "select id from core_job where id = %s and attempt = %s and state = 'running' and not cancel for update"
_DONE = "update core_job set state = 'done', share = 1, result = %s, finished_at = clock_timestamp() where id = %s"
_CANCELLED = """
update core_job set state = 'cancelled', finished_at = clock_timestamp()
where id = %s and attempt = %s and cancel and state = 'running' returning id
"""
_FAILED = """
update core_job set state = 'failed', error = %s, finished_at = clock_timestamp()
where id = %s and attempt = %s and state = 'running' returning id
"""


def work(kind: str) -> Callable[[Work], Work]:
    """Register a function of tasks.py as the work of a kind of job.

    It does the long part outside any transaction, calling `job.at(stage, share)`, and returns a short function that
    writes the effect and gives the result: that one runs in the transaction that marks the job as done.
    """

    def register(function: Work) -> Work:
        if WORK.setdefault(kind, function) is not function:
            raise ValueError(f"Two functions claim the job {kind}.")
        return function

    return register


def enqueue(
    kind: str, args: Mapping[str, Any], *, by: Actor, key: str = "", title: str = "", site: Site | int | None = None
) -> Job:
    """Ask for long work; the same `key` gives the job that is there already (a double click, a repeated event)."""
    where = site.pk if isinstance(site, Site) else site
    by.require("job.run", where)
    with transaction.atomic():
        job, new = Job.objects.get_or_create(
            key=(key or f"{kind}:{uuid.uuid4().hex}")[:120],
            defaults={
                "kind": kind,
                "title": (title or kind)[:160],
                "args": json.loads(json.dumps(args, cls=DjangoJSONEncoder)),
                "lease": timezone.now() - LEASE,  # free at once, whatever the clocks of other machines say
                "site_id": where,
                "user_id": by.id,
            },
        )
        if new:
            transaction.on_commit(lambda: send(job.pk), robust=True)
    return job


def send(job: int) -> None:
    """Give the worker a hint; without one (no Valkey) the next tick sends it again."""
    worker = import_string(settings.WORKER_APP)
    try:
        cache.get("worker")  # fails at once without Valkey, where the worker's client would try again for seconds
        worker.send_task("qms.core.tasks.run_job", [job], retry=False)
    except Exception as problem:  # noqa: BLE001 - the row is the queue, the hint may be lost
        logger.warning("Job %d waits for the next tick, the worker could not be told: %s", job, problem)


def run(job: int) -> str:
    """Do a job if it is free: claim it, work, write the effect and the end together. Returns what became of it."""
    row = _one(_CLAIM, [LEASE, job])
    if row is None:
        return "not mine"
    kind, title, args, attempt, user = row
    running = Running(id=job, kind=kind, title=title, args=json.loads(args), attempt=attempt, by=_asker(user))
    try:
        if kind not in WORK:
            raise LookupError(f"No room does jobs of the kind {kind} any more.")  # noqa: TRY301 - ends as failed
        _finish(running, WORK[kind](running))
    except Stopped:
        _one(_CANCELLED, [job, attempt])
        _announce(job, user, state="cancelled")
        return "stopped"
    except Exception as problem:
        with acting(system("job"), reason=f"job {job}", source=kind):
            if _one(_FAILED, [f"{type(problem).__name__}: {problem}"[:2000], job, attempt]):
                _tell(job, user, f"{title}: failed")
        _announce(job, user, state="failed")
        raise
    _announce(job, user, state="done", share=1.0)
    return "done"


def _finish(job: Running, effect: Effect) -> None:
    """The effect and the mark commit together, and only for the attempt that still holds the job."""
    with acting(job.by, reason=f"job {job.id}: {job.title}", source=job.kind):
        if _one(_MINE, [job.id, job.attempt]) is None:
            raise Stopped
        result = effect() or {}
        with connection.cursor() as cursor:
            cursor.execute(_DONE, [json.dumps(result, cls=DjangoJSONEncoder), job.id])
        _tell(job.id, job.by.id, f"{job.title}: {result.get('words', 'done')}")


def cancel(job: int, *, by: Actor) -> Job:
    """Stop a job: at once when it waits, at its next step when it runs; a finished one stays as it is."""
    with transaction.atomic():
        found = Job.objects.select_for_update(no_key=True).get(pk=job)
        if not by.can("job.cancel", found):
            raise Denied("Only the person who asked for this job, a manager or an administrator can cancel it.")
        if found.state == "waiting":
            found.state, found.finished_at = "cancelled", timezone.now()
        found.cancel = found.state in {"running", "cancelled"}
        found.save(update_fields=["state", "cancel", "finished_at"])
        _announce(job, found.user_id, state=found.state)
    return found


def overdue() -> list[int]:
    """Jobs that wait or whose worker is silent; a cancelled one whose worker died is ended here, and one that kills."""
    Job.objects.filter(state="running", cancel=True, lease__lt=timezone.now()).update(
        state="cancelled", finished_at=timezone.now()
    )
    _give_up()
    waiting = Job.objects.filter(state__in=("waiting", "running"), cancel=False, lease__lt=timezone.now())
    return list(waiting.order_by("id").values_list("id", flat=True)[:500])


def _give_up() -> None:
    """End what took its worker along each time; tried for ever, it would take every worker along."""
    lost = Job.objects.filter(state="running", attempt__gte=ATTEMPTS, lease__lt=timezone.now())
    with acting(system("job"), reason="given up", source="jobs"):
        for job in lost.select_for_update(no_key=True, skip_locked=True):
            job.state, job.finished_at = "failed", timezone.now()
            job.error = f"The worker ended {job.attempt} times while it did this, so it is not tried again."
            job.save(update_fields=["state", "finished_at", "error"])
            _tell(job.pk, job.user_id, f"{job.title}: failed")


def visible_jobs(actor: Actor) -> QuerySet[Job]:
    """The jobs an actor asked for, and those of the sites where they may see all."""
    mine = Job.objects.filter(user_id=actor.id) if actor.id else Job.objects.none()
    sites = actor.sites("job.cancel")
    if sites is ALL:
        return Job.objects.all()
    return mine | Job.objects.filter(site_id__in=sites)


def _asker(user: int | None) -> Actor:
    return actor_of(User.objects.get(pk=user)) if user else system("job")


def _tell(job: int, user: int | None, title: str) -> None:
    """Whoever asked for it learns how it ended, wherever they are by now."""
    if user:
        tell(user, "job", title, reverse("web:job", args=[job]), key=f"job:{job}")


def _announce(job: int, user: int | None, **news: Any) -> None:
    announce(f"user:{user}" if user else f"job:{job}", {"kind": "job", "job": job, **news})


def _one(statement: str, values: list[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
