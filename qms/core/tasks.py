"""What the worker does for the kernel: jobs, clocks, tidying up."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from qms.core import clock, deadlines, health, jobs, relay, watching
from qms.core.clock import every
from qms.core.jobs import Effect, Running, work
from qms.core.models import IdempotencyKey
from qms.core.seal import checking, review

KEPT = timedelta(hours=48)


@shared_task  # type: ignore[untyped-decorator]  # Celery ships no types
def run_job(job: int) -> str:
    """Do one job by its id."""
    return jobs.run(job)


@shared_task  # type: ignore[untyped-decorator]  # Celery ships no types
def pulse() -> list[str]:
    """Run what is due by the clock; the scheduler sends this every few seconds."""
    health.beat("worker")
    return clock.pulse()


@work(review.JOB)
def verify_trail(job: Running) -> Effect:
    """Check the whole trail; the report is the job's result."""
    report = checking.check(files=bool(job.args.get("files")), tell=job.at)
    return report.data


@every(30)
def tick() -> None:
    """Warn, remind and escalate."""
    deadlines.tick()


@every(30)
def resend_jobs() -> None:
    """Send the jobs again that wait or whose worker is silent."""
    for job in jobs.overdue():
        jobs.send(job)


@every(60)
def watch_signatures() -> None:
    """Void what no longer holds."""
    watching.watch_signatures()


@every(3600)
def forget_answers() -> None:
    """Remove the answers kept for repeated requests after two days."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


@every(600)
def forget_deliveries() -> None:
    """Remove deliveries done long ago, in small steps."""
    while relay.forget_delivered() == relay.STEP:
        pass
