"""Long work: asked once, shown, stoppable, and its effect written once even when workers die."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qms.core import jobs
from qms.core.errors import Denied
from qms.core.jobs import Stopped, cancel, enqueue, overdue, run, work
from qms.core.models import Job, Notice, Site, Trail
from qms.core.trail import acting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(monkeypatch) -> None:
    monkeypatch.setattr(jobs, "WORK", {})


def silent(job: Job) -> None:
    """The worker of this job has not been heard for longer than its lease."""
    Job.objects.filter(pk=job.pk).update(lease=timezone.now() - timedelta(seconds=1))


def test_asking_twice_under_one_key_is_one_job(engineer) -> None:
    first, second = (enqueue("export", {"n": n}, by=engineer, key="export:7") for n in (1, 2))
    assert (first.pk, second.args) == (second.pk, {"n": 1})


def test_the_effect_and_the_end_are_written_together_under_the_askers_name(engineer, site) -> None:
    @work("rename")
    def rename(job):
        job.at("reading", 0.4)

        def effect():
            Site.objects.filter(pk=site.pk).update(name=job.args["name"])
            return {"renamed": 1}

        return effect

    job = enqueue("rename", {"name": "New"}, by=engineer)
    assert run(job.pk) == "done"
    job.refresh_from_db()
    assert (job.state, job.share, job.result, job.stage) == ("done", 1, {"renamed": 1}, "reading")
    assert Trail.objects.filter(tbl="core_site").latest("id").actor == "Elin Lindqvist"


def test_a_job_is_done_once(engineer) -> None:
    runs = []
    work("count")(lambda job: runs.append(job.attempt) or dict)
    job = enqueue("count", {}, by=engineer)
    assert [run(job.pk), run(job.pk)] == ["done", "not mine"]
    assert runs == [1]


def test_a_failed_job_says_why(engineer) -> None:
    @work("fail")
    def fail(job):
        raise ValueError("line 3 has no number")

    job = enqueue("fail", {}, by=engineer)
    with pytest.raises(ValueError, match="line 3"):
        run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "ValueError: line 3 has no number")


def test_a_waiting_job_is_cancelled_at_once(engineer) -> None:
    job = enqueue("export", {}, by=engineer)
    assert cancel(job.pk, by=engineer).state == "cancelled"
    assert run(job.pk) == "not mine"


def test_a_running_job_ends_at_its_next_step_without_an_effect(engineer) -> None:
    @work("long")
    def long(job):
        cancel(job.id, by=engineer)
        job.at("half", 0.5)
        raise AssertionError

    job = enqueue("long", {}, by=engineer)
    assert run(job.pk) == "stopped"
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_job_cancelled_in_its_last_step_writes_no_effect(engineer, site) -> None:
    @work("long")
    def long(job):
        cancel(job.id, by=engineer)
        return lambda: Site.objects.filter(pk=site.pk).update(name="Never")

    assert run(enqueue("long", {}, by=engineer).pk) == "stopped"
    assert Site.objects.get(pk=site.pk).name == "Plant NV1"


def test_a_job_of_a_silent_worker_is_taken_over_and_the_first_one_finds_out(engineer) -> None:
    seen = []

    @work("slow")
    def slow(job):
        seen.append(job.attempt)
        if job.attempt == 1:
            silent(Job.objects.get(pk=job.id))
            assert run(job.id) == "done"
            with pytest.raises(Stopped):
                job.at("late", 0.9)
        return lambda: {"attempt": job.attempt}

    job = enqueue("slow", {}, by=engineer)
    assert run(job.pk) == "stopped"
    job.refresh_from_db()
    assert (seen, job.state, job.result) == ([1, 2], "done", {"attempt": 2})


def test_what_waits_or_went_silent_is_sent_again_and_a_cancelled_one_is_not(engineer) -> None:
    waiting, running, lost = (enqueue("export", {}, by=engineer) for _ in range(3))
    Job.objects.filter(pk=running.pk).update(state="running", lease=timezone.now() + timedelta(minutes=1))
    Job.objects.filter(pk=lost.pk).update(state="running", cancel=True)
    assert overdue() == [waiting.pk]
    lost.refresh_from_db()
    assert lost.state == "cancelled"


def test_somebody_elses_job_is_cancelled_only_by_those_who_lead(engineer, operator, manager, site) -> None:
    job = enqueue("export", {}, by=engineer, site=site)
    with pytest.raises(Denied):
        cancel(job.pk, by=operator)
    assert cancel(job.pk, by=manager).state == "cancelled"


def test_an_effect_without_the_right_fails_as_its_asker_would(engineer, elsewhere) -> None:
    @work("rename")
    def rename(job):
        def effect():
            with acting(job.by):
                job.by.require("site.edit", elsewhere.pk)

        return effect

    job = enqueue("rename", {}, by=engineer)
    with pytest.raises(Denied):
        run(job.pk)


def test_a_part_is_written_once_whoever_goes_on_with_the_job(engineer, site) -> None:
    @work("parts")
    def parts(job):
        def part():
            Site.objects.filter(pk=site.pk).update(name=f"{Site.objects.get(pk=site.pk).name}+")
            return {"by": job.attempt}

        given = job.once("a", part)
        if job.attempt == 1:
            silent(Job.objects.get(pk=job.id))
            assert run(job.id) == "done"
            job.once("b", part)
        return lambda: {"a": given["by"]}

    job = enqueue("parts", {}, by=engineer, title="Parts")
    assert run(job.pk) == "stopped"
    job.refresh_from_db()
    assert (Site.objects.get(pk=site.pk).name, job.result) == ("Plant NV1+", {"a": 1})
    assert Trail.objects.filter(tbl="core_site").latest("id").reason == f"job {job.pk}: Parts"


def test_a_job_that_takes_every_worker_along_is_given_up(engineer) -> None:
    job = enqueue("heavy", {}, by=engineer, title="Heavy")
    Job.objects.filter(pk=job.pk).update(state="running", attempt=jobs.ATTEMPTS)
    silent(job)
    assert overdue() == []
    job.refresh_from_db()
    assert job.state == "failed"
    assert "ended 5 times" in job.error
    assert Notice.objects.get(user_id=engineer.id).title == "Heavy: failed"


def test_who_asked_is_told_how_it_ended(engineer) -> None:
    work("count")(lambda job: lambda: {"words": "3 counted"})
    work("fail")(lambda job: 1 / 0)
    run(enqueue("count", {}, by=engineer, title="Count").pk)
    failing = enqueue("fail", {}, by=engineer, title="Fail")
    with pytest.raises(ZeroDivisionError):
        run(failing.pk)
    told = Notice.objects.filter(user_id=engineer.id).order_by("id")
    assert [(row.title, row.url) for row in told][1] == ("Fail: failed", f"/jobs/{failing.pk}/")
    assert told[0].title == "Count: 3 counted"
