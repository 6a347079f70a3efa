"""The verdict: computed from readings, honest about noise and about too little data."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from capa import services
from capa.models import Capa, Criterion, Verdict
from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.trail import acting

pytestmark = pytest.mark.django_db
NOISE = np.random.default_rng(7).normal(0, 0.05, 1000)


@pytest.fixture
def waiting(capa, characteristic):
    """A CAPA put into its effectiveness window: change 25 days ago, 20 days of window, baseline 60 to 30 days ago."""
    now = timezone.now()
    with acting(system("tests")):
        Criterion.objects.create(
            capa=capa, characteristic=characteristic, metric="mean", direction="higher", target=8.5, window_days=20,
            baseline_from=now - timedelta(days=60), baseline_to=now - timedelta(days=30), minimum_exposure=50,
        )  # fmt: skip
        Capa.objects.filter(pk=capa.pk).update(implemented_at=now - timedelta(days=25), state="effectiveness")
    return Capa.objects.get(pk=capa.pk)


@pytest.fixture
def before_and_after(waiting, readings):
    def store(before: float, after: float, n: int = 200) -> None:
        now = timezone.now()
        readings(before + NOISE[:n], now - timedelta(days=50))
        readings(after + NOISE[500 : 500 + n], now - timedelta(days=24))

    return store


def test_a_real_improvement_is_effective(waiting, before_and_after, manager):
    before_and_after(8.4, 8.6)
    verdict = services.judge(waiting, by=manager)[0]
    assert (verdict.outcome, verdict.final, verdict.n_before, verdict.n_after) == ("effective", True, 200, 200)
    assert verdict.sentence.startswith("Effective: Mean of Press-in force went from 8.39")


def test_noise_is_not_shown(waiting, before_and_after, manager):
    before_and_after(8.5, 8.5)
    assert services.judge(waiting, by=manager)[0].outcome == "not_shown"


def test_a_missed_target_is_not_effective(waiting, before_and_after, manager):
    before_and_after(8.3, 8.35)
    assert services.judge(waiting, by=manager)[0].outcome == "not_effective"


def test_too_little_exposure_is_said_and_never_final(waiting, before_and_after, manager):
    before_and_after(8.4, 8.6, n=20)
    verdict = services.judge(waiting, by=manager)[0]
    assert (verdict.outcome, verdict.final) == ("insufficient", False)
    assert "20 of at least 50" in verdict.sentence


def test_a_running_window_gives_a_verdict_that_is_not_final(waiting, before_and_after, manager):
    before_and_after(8.4, 8.6)
    with acting(system("tests")):
        waiting.criteria.update(window_days=90)
    verdict = services.judge(waiting, by=manager)[0]
    assert (verdict.outcome, verdict.final) == ("effective", False)


def test_enough_units_end_the_window_early(waiting, before_and_after, manager):
    before_and_after(8.4, 8.6)
    with acting(system("tests")):
        waiting.criteria.update(window_days=90, window_units=150)
    assert services.judge(waiting, by=manager)[0].final


@pytest.mark.parametrize(("metric", "target"), [("out_of_limit", 0.05), ("spread", 0.2), ("signal_rate", 1.0)])
def test_every_metric_is_judged(waiting, before_and_after, manager, metric, target):
    before_and_after(8.3, 8.6)
    with acting(system("tests")):
        waiting.criteria.update(metric=metric, target=target, direction="lower")
    outcome = services.judge(waiting, by=manager)[0].outcome
    assert outcome == {"out_of_limit": "effective", "spread": "not_shown", "signal_rate": "insufficient"}[metric]


def test_judging_without_the_moment_of_change_is_refused(to_capa, manager):
    with pytest.raises(Refused, match="when the change took effect"):
        services.judge(to_capa("implementation"), by=manager)


def test_a_new_verdict_voids_the_confirmation_of_the_old(waiting, before_and_after, manager, crew, step):
    before_and_after(8.4, 8.6)
    services.judge(waiting, by=manager)
    step(waiting, "confirm_verdict", crew["verifier"])
    assert Capa.objects.get(pk=waiting.pk).signers("confirm_verdict")
    services.judge(waiting, by=manager)
    assert not Capa.objects.get(pk=waiting.pk).signers("confirm_verdict")


def test_a_confirmed_verdict_is_not_asked_for_again(waiting, before_and_after, manager, crew, step, browser_of):
    before_and_after(8.4, 8.6)
    services.judge(waiting, by=manager)
    step(waiting, "confirm_verdict", crew["verifier"])
    page = browser_of(crew["verifier"]).get(waiting.get_absolute_url()).content.decode()
    assert "Confirm verdict" not in page
    assert "“Close”" in page


def test_a_verdict_cannot_be_changed(waiting, before_and_after, manager):
    before_and_after(8.4, 8.6)
    verdict = services.judge(waiting, by=manager)[0]
    with pytest.raises(Exception, match="permission denied"), acting(system("tests")):
        Verdict.objects.filter(pk=verdict.pk).update(outcome="not_shown")
