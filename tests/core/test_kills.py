"""Relays and workers are killed at random; every effect still happens once and in order."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from qms.core import jobs
from qms.core.actor import system
from qms.core.events import publish
from qms.core.models import Delivery, Job
from qms.core.trail import acting
from tests.core import worker
from tests.core.gauge import effects

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("own_database")]


@pytest.fixture
def start(own_database) -> Iterator[Callable[[str], subprocess.Popen]]:
    """Start processes that end with the test."""
    running: list[subprocess.Popen] = []

    def begin(what: str) -> subprocess.Popen:
        code = f"from tests.core import worker; worker.main({what!r})"
        running.append(subprocess.Popen([sys.executable, "-c", code]))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()
    until(_alone)  # the database cannot be dropped while a killed client's session ends


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0] == 0)


def until(come: Callable[[], bool], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < end
        time.sleep(0.05)


def kill_until(come: Callable[[], bool], start: Callable[[str], subprocess.Popen], what: str, kills: int) -> None:
    """Two processes at work; one of them is killed every now and then until the kills are used up."""
    pair = [start(what), start(what)]
    until(_busy)
    for _ in range(kills):
        time.sleep(random.uniform(0.1, 0.4))
        place = random.randrange(2)
        pair[place].kill()
        pair[place] = start(what)
    until(come)


def _busy() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from core_delivery where done is not null)"
            " or exists (select from core_job where state <> 'waiting')"
        )
        return bool(cursor.fetchone()[0])


def test_relays_killed_at_work_deliver_everything_once_and_in_order(start) -> None:
    for n in range(700):
        with acting(system("tests")):
            publish(worker.Counted(gauge=n % 7, n=n), key=f"gauge:{n % 7}")
    kill_until(lambda: not Delivery.objects.filter(done=None).exists(), start, "relay", kills=6)
    for handler in ("first", "second"):
        left = effects(handler)
        assert len(left) == 700
        for gauge in range(7):
            assert [n for g, n in left if g == gauge] == list(range(gauge, 700, 7))


def test_a_relay_survives_that_the_database_throws_it_out(start) -> None:
    relay = start("relay")
    with acting(system("tests")):
        publish(worker.Counted(gauge=1, n=1), key="gauge:1")
    until(lambda: len(effects("second")) == 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    with acting(system("tests")):
        publish(worker.Counted(gauge=1, n=2), key="gauge:1")
    until(lambda: len(effects("second")) == 2)
    assert relay.poll() is None


def test_a_relay_told_to_stop_ends_by_itself(start) -> None:
    relay = start("relay")
    with acting(system("tests")):
        publish(worker.Counted(gauge=1, n=1), key="gauge:1")
    until(lambda: len(effects("second")) == 1)
    relay.terminate()
    assert relay.wait(30) == 0


def test_jobs_of_killed_workers_are_done_once(start, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "send", lambda job: None)
    for n in [*range(20), *range(20)]:  # each asked for twice
        jobs.enqueue("slow", {"n": n}, by=system("tests"), key=f"slow:{n}")
    cancelled = jobs.cancel(Job.objects.get(key="slow:19").pk, by=system("tests"))
    kill_until(lambda: not Job.objects.filter(state__in=("waiting", "running")).exists(), start, "jobs", kills=4)
    assert sorted(n for n, _ in effects("job")) == list(range(19))
    assert cancelled.state == "cancelled"
