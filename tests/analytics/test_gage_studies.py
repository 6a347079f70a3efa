"""Gage studies: the plan, the readings one at a time, the verdict, the pages and the API."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.models import GageStudy, StudyCorrection, StudyRun
from analytics.queries import is_blind, next_run_of, studies_behind
from analytics.services import Plan, correct_reading, enter_reading, judge_study, plan_study
from governance.models import Characteristic, Gage
from governance.queries import behind_characteristic
from governance.services import add_calibration, add_characteristic, add_equipment, add_gage, add_parameter
from qms.core.actor import Actor, actor_of
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Record, Task, Trail, User
from qms.core.relay import drain
from qms.core.stepping import advance
from qms.core.trail import acting

pytestmark = pytest.mark.django_db
API = "/api/v1/gage-studies/"
CROSSED = Plan(method="crossed", parts=5, repeats=2)


@pytest.fixture
def bore(site, engineer) -> Characteristic:
    area = add_equipment(site=site, level="area", code="ASM", by=engineer)
    line = add_equipment(site=site, level="line", code="L2", parent=area, by=engineer)
    station = add_equipment(site=site, level="station", code="S30", name="Gauge", parent=line, by=engineer)
    parameter = add_parameter(site=site, path="nv1/asm/l2/s30/bore", station=station, unit="mm", by=engineer)
    return add_characteristic(parameter=parameter, code="C1", name="Bore", by=engineer, lsl=9.0, usl=11.0)


@pytest.fixture
def gage(site, engineer, bore) -> Gage:
    row = add_gage(site=site, code="G-1", name="Bore gage", by=engineer, characteristics=[bore], unit="mm")
    add_calibration(row, on=timezone.localdate(), result="pass", by=engineer)
    row.refresh_from_db()
    return row


@pytest.fixture
def people(operator, engineer) -> list[User]:
    return list(User.objects.filter(pk__in=[operator.id, engineer.id]).order_by("pk"))


@pytest.fixture
def planned(gage, bore, people, engineer) -> GageStudy:
    return plan_study(gage=gage, characteristic=bore, plan=CROSSED, operators=people, by=engineer, seed=5)


def measure(study: GageStudy, *, noise: float = 0.01, stop: int = 0, told: list[str] | None = None) -> GageStudy:
    """Take the readings of everybody in their own order: part n is n wide; `stop` leaves the last ones.

    What is read hangs on who reads which part for which time, never on the order drawn.
    """
    operators = StudyRun.objects.filter(study=study).values_list("operator_id", flat=True).distinct()
    for place, pk in enumerate(operators.order_by("operator_id")):
        by = actor_of(User.objects.get(pk=pk))
        while (run := next_run_of(study, by)) and run.place <= study.parts * study.repeats - stop:
            error = np.random.default_rng([place, int(run.part), run.trial]).normal(0, noise)
            text = told.pop(0) if told else f"{10 + int(run.part) / 10 + error:.4f}"
            enter_reading(run, text, by=by)
    study.refresh_from_db()
    return study


def test_a_plan_draws_an_order_for_each_operator_and_asks_them(planned, people):
    assert StudyRun.objects.filter(study=planned).count() == 20
    assert (planned.tolerance, planned.seed, planned.state) == (2.0, 5, "planned")
    assert set(Task.objects.filter(record=planned).values_list("owner", flat=True)) == {person.pk for person in people}


def test_the_same_seed_draws_the_same_order(planned, gage, bore, people, engineer):
    again = plan_study(gage=gage, characteristic=bore, plan=CROSSED, operators=people, by=engineer, seed=5)
    order = [list(StudyRun.objects.filter(study=one).values_list("part", "trial")) for one in (planned, again)]
    assert order[0] == order[1]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (Plan(method="crossed", parts=1, repeats=2), "parts"),
        (Plan(method="crossed", parts=5, repeats=1), "repeats"),
        (Plan(method="bias", parts=1, repeats=10), "references"),
        (Plan(method="linearity", parts=3, repeats=3, references=["1", "2"]), "references"),
        (Plan(method="crossed", parts=3, repeats=2, labels=["A", "A", "B"]), "labels"),
        (Plan(method="attribute", parts=3, repeats=2, categories=["OK"]), "categories"),
        (Plan(method="attribute", parts=2, repeats=2, references=["OK", "maybe"]), "references"),
        (Plan(method="magic", parts=3, repeats=2), "method"),
    ],
)
def test_a_plan_that_cannot_be_judged_is_refused_by_field(gage, bore, people, engineer, plan, field):
    with pytest.raises(Invalid) as refused:
        plan_study(gage=gage, characteristic=bore, plan=plan, operators=people, by=engineer)
    assert field in refused.value.errors


def test_a_good_gage_is_judged_acceptable_with_the_last_reading(planned, engineer):
    study = measure(planned)
    assert (study.state, study.verdict) == ("judged", "acceptable")
    assert study.share < 10
    assert study.answer.state == "saved"
    assert study.answer.source_detail.startswith(f"{study.number}, gage G-1 for C1")
    drain()
    assert not Task.objects.filter(record=study, done_at=None).exists()


def test_a_coarse_gage_is_judged_not_acceptable(planned):
    assert measure(planned, noise=0.5).verdict == "unacceptable"


def test_enough_complete_rounds_can_be_computed_early(gage, bore, people, engineer):
    plan = Plan(method="crossed", parts=5, repeats=3)
    study = measure(plan_study(gage=gage, characteristic=bore, plan=plan, operators=people, by=engineer), stop=2)
    assert study.state == "running"
    judged = judge_study(study, by=engineer)
    assert judged.verdict == "acceptable"
    assert "20 readings" in judged.answer.source_detail


def test_too_few_rounds_are_refused_with_what_is_missing(planned, engineer):
    study = measure(planned, stop=1)
    with pytest.raises(Refused, match="2 complete rounds are needed"):
        judge_study(study, by=engineer)


def test_readings_without_spread_are_not_acceptable(planned):
    study = measure(planned, told=["10"] * 20)
    assert (study.state, study.verdict) == ("judged", "unacceptable")


@pytest.mark.parametrize("text", ["", "ten", "1.2.3", "nan", "inf", "1e400", "10 mm"])
def test_what_is_no_number_is_refused_with_the_reason(planned, operator, text):
    with pytest.raises(Invalid) as refused:
        enter_reading(next_run_of(planned, operator), text, by=operator)
    assert "reading" in refused.value.errors


def test_a_decimal_comma_is_a_decimal_point(planned, operator):
    assert enter_reading(next_run_of(planned, operator), " 10,25 ", by=operator).value == 10.25


def test_a_run_is_entered_once_and_by_its_own_operator(planned, operator, engineer):
    run = next_run_of(planned, operator)
    with pytest.raises(Denied):
        enter_reading(run, "1", by=engineer)
    enter_reading(run, "1", by=operator)
    with pytest.raises(Refused, match="entered already"):
        enter_reading(run, "2", by=operator)


def test_a_correction_keeps_the_old_reading_and_the_reason(planned, operator):
    run = enter_reading(next_run_of(planned, operator), "1", by=operator)
    with pytest.raises(Invalid):
        correct_reading(run, "2", reason=" ", by=operator)
    correct_reading(run, "2", reason="misread", by=operator)
    one = StudyCorrection.objects.get()
    assert (one.old, one.new, one.reason) == ("1", "2", "misread")
    assert Trail.objects.filter(tbl="analytics_studyrun", reason="misread").exists()


def test_a_judged_study_stays_as_it_was_measured(planned, operator):
    measure(planned)
    with pytest.raises(Refused, match="judged"):
        correct_reading(StudyRun.objects.filter(operator_id=operator.id)[0], "2", reason="misread", by=operator)


def test_nested_parts_are_each_operators_own(gage, bore, people, engineer):
    plan = Plan(method="nested", parts=3, repeats=2)
    study = plan_study(gage=gage, characteristic=bore, plan=plan, operators=people, by=engineer)
    parts = [set(StudyRun.objects.filter(study=study, operator=one).values_list("part", flat=True)) for one in people]
    assert not parts[0] & parts[1]
    assert measure(study).state == "judged"


@pytest.mark.parametrize(
    "plan",
    [
        Plan(method="bias", parts=1, repeats=12, references=["10.1"]),
        Plan(method="linearity", parts=5, repeats=4, references=["10.1", "10.2", "10,3", "10.4", "10.5"]),
        Plan(method="stability", parts=20, repeats=2),
    ],
)
def test_a_master_read_right_is_acceptable(gage, bore, people, engineer, plan):
    study = plan_study(gage=gage, characteristic=bore, plan=plan, operators=people[:1], by=engineer)
    told = None
    if plan.method == "stability":
        told = [f"{10 + x:.4f}" for x in np.random.default_rng(3).normal(0, 0.01, 40)]
    assert measure(study, told=told).verdict == "acceptable"


def test_ratings_are_judged_by_the_least_kappa(gage, bore, people, engineer):
    plan = Plan(method="attribute", parts=6, repeats=2, references=["OK", "NOK"] * 3)
    study = plan_study(gage=gage, characteristic=bore, plan=plan, operators=people, by=engineer)
    for person in people:
        by = actor_of(person)
        while run := next_run_of(study, by):
            enter_reading(run, "ok" if int(run.part) % 2 else "nok", by=by)
    study.refresh_from_db()
    assert (study.verdict, study.words) == ("acceptable", "Acceptable: least kappa 1.00.")


def test_a_characteristic_names_the_study_behind_it_and_what_to_warn_of(planned, bore, gage, engineer):
    assert "No gage study" in behind_characteristic(bore, actor=engineer)[0].warnings[0]
    study = measure(planned)
    (one,) = behind_characteristic(bore, actor=engineer)
    assert (one.study.number, one.warnings) == (study.number, ())
    assert studies_behind([gage.pk])[0].verdict == "acceptable"


def test_a_study_older_than_it_holds_is_warned_of(planned, bore, engineer):
    study = measure(planned)
    with acting(engineer):
        Record._base_manager.filter(pk=study.pk).update(closed_at=study.closed_at - timedelta(days=400))
    assert "older than the 12 months" in behind_characteristic(bore, actor=engineer)[0].warnings[0]


def test_a_voided_study_stands_behind_nothing(planned, bore, gage, manager):
    advance(measure(planned), "void", reason="wrong parts", by=manager)
    assert studies_behind([gage.pk]) == []


def test_who_measures_sees_no_reading(browser_of, planned, operator, engineer, auditor):
    run = enter_reading(next_run_of(planned, operator), "7.77123", by=operator)
    assert is_blind(planned, operator)
    for actor, seen in ((operator, False), (auditor, True)):
        page = browser_of(actor).get(planned.get_absolute_url()).content.decode()
        assert ("7.77123" in page) is seen
    page = browser_of(operator).get(reverse("analytics:gage-study-measure", args=[planned.pk])).content.decode()
    assert "7.77123" not in page
    assert f'value="{run.pk}"' not in page


def test_an_operator_measures_on_the_page(browser_of, planned, operator):
    browser, url = browser_of(operator), reverse("analytics:gage-study-measure", args=[planned.pk])
    run = next_run_of(planned, operator)
    refused = browser.post(url, {"run": run.pk, "reading": "abc"})
    assert refused.status_code == 400
    assert "“abc” is no number" in refused.content.decode()
    assert browser.post(url, {"run": run.pk, "reading": "10.1"}).status_code == 302
    assert next_run_of(planned, operator).place == 2
    assert "1 of 10" in browser.get(url).content.decode()


def test_a_study_is_planned_on_the_page(browser_of, gage, bore, people, engineer):
    browser, url = browser_of(engineer), reverse("analytics:gage-study-new")
    assert "Bore gage" in browser.get(url, {"gage": gage.pk}).content.decode()
    fields = {"gage": gage.pk, "characteristic": bore.pk, "method": "linearity", "parts": 2, "repeats": 2,
              "operators": [people[0].pk], "references": "10,1; 10,2"}  # fmt: skip
    assert browser.post(url, {**fields, "parts": 3}).status_code == 400
    assert browser.post(url, fields).status_code == 302
    assert GageStudy.objects.get().references == [10.1, 10.2]


def test_the_list_and_the_judged_page_are_shown(browser_of, planned, engineer):
    measure(planned)
    browser = browser_of(engineer)
    assert planned.number in browser.get(reverse("analytics:gage-studies"), {"verdict": "acceptable"}).content.decode()
    page = browser.get(planned.get_absolute_url()).content.decode()
    assert "AIAG, Measurement Systems Analysis" in page
    rows = browser.get(reverse("analytics:gage-studies"), {"export": "csv"}).getvalue().decode().splitlines()
    assert len(rows) == 2


def client_of(actor: Actor) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    client.force_login(User.objects.get(pk=actor.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_api_plans_enters_and_judges(gage, bore, operator, engineer):
    client = client_of(engineer)
    sent = {"gage": gage.pk, "characteristic": bore.pk, "method": "bias", "operators": [operator.id], "parts": 1,
            "repeats": 3, "references": ["10"]}  # fmt: skip
    made = client.post(API, sent)
    assert made.status_code == 201
    one, mine = f"{API}{made.json()['id']}/", client_of(operator)
    for text in ("10.01", "9.99", "10.00"):
        run = mine.get(f"{one}next/").json()["run"]
        assert mine.post(f"{one}enter/", {"run": run, "reading": text}).status_code == 200
    found = mine.get(one).json()
    assert (found["state"], found["verdict"]) == ("judged", "acceptable")
    assert [row["reading"] for row in mine.get(f"{one}runs/").json()["results"]] == ["10.01", "9.99", "10"]


def test_the_api_hides_readings_from_who_measures(planned, operator, auditor):
    enter_reading(next_run_of(planned, operator), "1.5", by=operator)
    seen = [client_of(who).get(f"{API}{planned.pk}/runs/").json()["results"] for who in (operator, auditor)]
    assert [sum(row["reading"] is not None for row in rows) for rows in seen] == [0, 1]
