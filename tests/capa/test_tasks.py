"""Repeated work: every running window is judged, whoever looks or not."""

from __future__ import annotations

import pytest

from capa.models import Verdict
from capa.tasks import judge_running

pytestmark = pytest.mark.django_db


def test_running_windows_are_judged_by_the_system(to_capa):
    capa = to_capa("effectiveness")
    assert judge_running() == 1
    verdict = Verdict.objects.get(capa=capa)
    assert (verdict.outcome, verdict.computed_by) == ("insufficient", None)
