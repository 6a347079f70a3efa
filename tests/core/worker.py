"""A relay or a worker as a process of its own, so that tests can kill it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import timedelta

import django
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qms.settings")
if not apps.ready:
    django.setup()

from django.core.management import call_command

from qms.core import jobs
from qms.core.events import DomainEvent, handles
from tests.core.gauge import effect


@dataclass(frozen=True, kw_only=True)
class Counted(DomainEvent):
    """One count of one gauge."""

    gauge: int
    n: int


@handles(Counted)
def first(event: Counted, by) -> None:
    """Slow enough to be killed in the middle."""
    effect("first", event.gauge, event.n)
    time.sleep(0.002)


@handles(Counted)
def second(event: Counted, by) -> None:
    effect("second", event.gauge, event.n)


@jobs.work("slow")
def slow(job: jobs.Running):
    for step in range(5):
        job.at("working", step / 5)
        time.sleep(0.05)
    return lambda: effect("job", job.args["n"], job.attempt)


def work() -> None:
    """Take whatever waits, as two workers and a scheduler would."""
    jobs.LEASE = timedelta(seconds=0.5)
    while True:
        for job in jobs.overdue():
            jobs.run(job)
        time.sleep(0.05)


def main(what: str) -> None:
    """What the tests start."""
    call_command("relay") if what == "relay" else work()
