"""Repeated work: every running window is judged, whoever looks or not."""

from __future__ import annotations

import pytest
from django.conf import settings

from capa import services, tasks
from capa.models import Capa, Verdict
from capa.tasks import judge_running
from qms.celery import app
from qms.core.actor import system
from qms.core.trail import acting

pytestmark = pytest.mark.django_db


def test_running_windows_are_judged_by_the_system(to_capa):
    capa = to_capa("effectiveness")
    assert judge_running() == 1
    verdict = Verdict.objects.get(capa=capa)
    assert (verdict.outcome, verdict.computed_by) == ("insufficient", None)


def test_one_that_cannot_be_judged_does_not_stop_the_others(to_capa, site, engineer, monkeypatch, caplog):
    capa = to_capa("effectiveness")
    with acting(system("tests")):
        broken = services.open_capa(title="Broken", site=site, by=engineer, severity="major")
        Capa.objects.filter(pk=broken.pk).update(state="effectiveness")
    judge = tasks.judge

    def judged(one, *, by):
        return judge(one, by=by) if one.pk == capa.pk else 1 / 0

    monkeypatch.setattr(tasks, "judge", judged)
    assert judge_running() == 1
    assert f"The verdict of {broken.number} could not be computed" in caplog.text


def test_every_task_of_the_schedule_is_known_to_the_worker():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
