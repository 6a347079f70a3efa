"""The demo plant: plausible, whole, and judged by the same rules as daily work."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from capa.demo.eras import ERAS
from capa.demo.stories import stories
from capa.models import Capa, Nonconformity, Verdict
from capa.services import preview
from governance.models import Characteristic
from iot.charting.plans import plan_of
from iot.models import ControlLimits, Signal, Subgroup
from qms.core import inbox
from qms.core.actor import actor_of, system
from qms.core.models import Record, Signature, User
from qms.core.records import KINDS
from qms.core.signing import digest_of, manifest
from qms.core.trail import reading
from spc import rules
from tests.conftest import CHEAP

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]  # one plant for all
BY = system("tests")


@pytest.fixture(scope="module")
def home(worker_database, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """The demo plant, made once for this module and rolled back after it."""
    folder = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    patch.setattr("django.conf.settings.QMS_HOME", folder)
    patch.setattr("django.conf.settings.PASSWORD_HASHERS", [CHEAP])
    around = transaction.atomic()
    around._from_testcase = True  # as a test case does it, so that acts may be outermost inside
    with django_db_blocker.unblock(), around:
        call_command("demo", verbosity=0)
        yield folder
        transaction.set_rollback(True)
    patch.undo()


@pytest.fixture
def demo(home) -> Iterator[Path]:
    with reading(BY):
        yield home


def test_the_plant_has_eighteen_months_of_readings(demo) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct parameter_id), max(t) - min(t) from iot_reading")
        count, parameters, span = cursor.fetchone()
    assert 300_000 <= count <= 1_000_000
    assert parameters == 24
    assert span > timedelta(days=540)


def test_nonconformities_and_corrective_actions_stand_in_every_state(demo) -> None:
    for model, at_least in ((Nonconformity, 60), (Capa, 25)):
        states = Counter(model.objects.values_list("state", flat=True))
        assert set(states) == {state.name for state in model.flow.states}
        assert sum(states.values()) >= at_least


def test_every_record_meets_the_conditions_of_the_step_that_brought_it_there(demo) -> None:
    missing = {}
    for record in (*Nonconformity.objects.all(), *Capa.objects.all()):
        ways = [s for s in record.flow.steps if s.target == record.state and record.state not in s.source]
        refusals = [list(step.refusals(record)) for step in ways]
        if refusals and all(refusals):
            missing[record.number] = refusals
    assert not missing


def test_every_signature_that_stands_covers_what_the_record_says(demo) -> None:
    records = {(r.kind, r.pk): r for model in KINDS.values() for r in model.objects.all()}
    for signature in Signature.objects.filter(void=None).select_related("record"):
        record = records[signature.record.kind, signature.record_id]
        assert digest_of(manifest(record, signature.section)) == signature.digest, f"{record.number} {signature.step}"
        assert record.opened_at <= signature.at <= timezone.now()


def test_a_corrective_action_is_younger_than_what_it_comes_from(demo) -> None:
    for capa in Capa.objects.exclude(source_ncr=None).select_related("source_ncr"):
        assert capa.source_ncr.opened_at < capa.opened_at, capa.number


def test_numbers_rise_with_time_in_every_year(demo) -> None:
    for prefix in (model.PREFIX for model in KINDS.values()):
        rows = Record.objects.filter(number__startswith=prefix).order_by("opened_at").values_list("number", "opened_at")
        for year in (2025, 2026):
            numbers = [number for number, at in rows if at.year == year]
            assert numbers == sorted(numbers)


def test_the_verdict_on_the_leak_rejects_is_effective_and_waits_for_a_person(demo) -> None:
    capa = Capa.objects.get(title=stories()["leak"].title)
    verdict = capa.criterion_rows()[0].newest()
    again = preview(verdict.criterion, implemented_at=capa.implemented_at, by=BY)
    assert (capa.state, verdict.outcome, verdict.final) == ("effectiveness", "effective", True)
    assert (again.outcome, again.n_before, again.n_after) == ("effective", verdict.n_before, verdict.n_after)


def test_the_verdict_on_the_screw_angle_is_not_shown(demo) -> None:
    capa = Capa.objects.get(title=stories()["screws"].title)
    assert capa.criterion_rows()[0].newest().outcome == "not_shown"


def test_every_closed_corrective_action_was_judged_effective(demo) -> None:
    closed = Capa.objects.filter(state="closed")
    assert set(Verdict.objects.filter(capa__in=closed).values_list("outcome", flat=True)) == {"effective"}


@pytest.mark.parametrize("code", ["C201", "C303", "C208"])
def test_the_points_carry_what_the_batch_evaluator_finds(demo, code) -> None:
    characteristic = Characteristic.objects.select_related("parameter").get(code=code)
    plan, location = plan_of(characteristic), (1 << 12) - 1
    for limits in plan.limits:
        points = Subgroup.objects.filter(characteristic=characteristic, limits_id=limits.id).order_by("n")
        means, masks = zip(*points.values_list("mean", "mask"), strict=True)
        expected = rules.evaluate(np.array(means), limits.center, limits.sigma, characteristic.rules)
        assert [mask & location for mask in masks] == expected.tolist()


def test_every_chart_but_the_new_one_has_a_version_of_limits_for_each_era(demo) -> None:
    versions = Counter(ControlLimits.objects.values_list("characteristic__code", flat=True))
    assert versions == {code: len(eras) for code, eras in ERAS.items() if code != "C207"} | {"C309": 1}
    assert ControlLimits.objects.filter(state="in_force").count() == 24


def test_two_characteristics_of_the_reflow_oven_are_judged_as_one(demo) -> None:
    row = Characteristic.objects.get(code="C309")
    points = Subgroup.objects.filter(characteristic=row)
    assert points.count() == 1_000
    assert points.filter(limits=None).count() == 240
    words = list(Signal.objects.filter(characteristic=row, state="open").values_list("words", flat=True))
    assert words == ["T² above its upper limit, driven by Reflow peak (high)"]


def test_past_signals_have_a_cause_and_a_few_wait(demo) -> None:
    states = Counter(Signal.objects.values_list("state", flat=True))
    assert 1 <= states["open"] <= 4
    assert states["acknowledged"] > 150
    assert not Signal.objects.filter(state="acknowledged", cause="").exists()


def test_nonconformities_from_signals_keep_their_frozen_chart(demo) -> None:
    for record in Nonconformity.objects.exclude(signal=None):
        evidence = record.evidence.get()
        assert "<svg" in evidence.svg
        assert record.signal.record_id == record.pk


def test_people_find_work_in_their_inbox(demo) -> None:
    counts = {user.name: inbox.counts(actor_of(user)) for user in User.objects.all()}
    assert counts["Mikael Lund"]["all"] >= 10
    assert counts["Ingrid Solberg"]["signature"] >= 1


def test_the_sheet_names_everybody_and_is_readable_by_its_owner_alone(demo) -> None:
    file = demo / "demo.json"
    people = json.loads(file.read_text())["people"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(person["password"] and person["token"] for person in people)
    devices = json.loads(file.read_text())["devices"]
    assert len({device["topic"] for device in devices}) == len({device["secret"] for device in devices}) == 14
    assert {"owner", "manager", "engineer", "approver", "operator", "auditor", "executive"} <= {
        role for person in people for role in person["roles"]
    }


def test_a_second_run_changes_nothing(home, capsys) -> None:
    with reading(BY):
        before = Record.objects.count()
    call_command("demo")
    with reading(BY):
        assert Record.objects.count() == before
