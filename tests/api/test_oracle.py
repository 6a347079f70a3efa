"""The policy table row by row: every role at real doors, real steps and real services, with planted markers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory

from analytics.models import GageStudy
from capa.models import Nonconformity
from governance.models import Characteristic
from governance.services import (
    add_characteristic,
    add_equipment,
    add_gage,
    add_parameter,
    add_part,
    add_process,
    set_number_rule,
)
from iot.models import ControlLimits
from iot.services import add_device
from qms.core import metrics
from qms.core.actor import system
from qms.core.errors import Denied, Refused
from qms.core.models import Record, User
from qms.core.policy import POLICY, ROLES
from qms.core.records import KINDS, change_record, open_record
from qms.core.stepping import advance
from qms.core.tokens import issue_token
from qms.core.trail import acting
from tests.api.routes import Door, doors
from tests.conftest import PASSWORD

ACTIONS = tuple(dict.fromkeys(rule.action for rule in POLICY))
PLACES = re.compile(r"<([^>]+)>")
HERE, THERE = "HERE-7c2d", "THERE-7c2d"
TESTS = system("tests")


def some(*quick: str) -> list[Any]:
    """Every role, those not named here among the slow tests."""
    return [role if role in quick else pytest.param(role, marks=pytest.mark.slow) for role in ROLES]


def expected(action: str, role: str) -> bool:
    """What the rows of an action say about a role, read without the code that enforces them."""
    return any(role in rule.roles for rule in POLICY if rule.action == action)


def door_of(action: str) -> Door | None:
    """A door that asks for an action: of the API where it has one, else of a page."""
    asking = [
        door for door in doors() if door.wanted == action and not set(PLACES.findall(door.path)) - {"pk", "int:pk"}
    ]
    return next((door for door in asking if door.path.startswith("/api/")), asking[0] if asking else None)


DOORS = {action: door for action in ACTIONS if (door := door_of(action))}
STEPS = [(kind, step) for kind, model in KINDS.items() for step in model.flow.steps]
LISTS = [door for door in doors("/api/v1/") if door.method == "GET" and "<pk>" not in door.path]


def plant(mark: str, site: Any) -> None:
    """One row of each kind of master data and a record, all under a mark."""
    line = add_equipment(site=site, level="line", code="L1", name=mark, by=TESTS)
    station = add_equipment(site=site, level="station", code="S1", name=mark, parent=line, by=TESTS)
    path = f"{site.code.lower()}/a/l1/s1/force"
    add_parameter(site=site, path=path, station=station, name=mark, by=TESTS)
    add_part(site=site, number=f"P{site.pk}", name=mark, by=TESTS)
    add_process(site=site, code="PRS", name=mark, by=TESTS)
    set_number_rule(site=site, target="part", pattern=".*", explanation=mark, by=TESTS)
    add_device(site=site, code=f"gw-{site.pk}", name=mark, topic_prefix=site.code.lower(), by=TESTS)
    open_record(Nonconformity, title=mark, site=site, severity="minor", by=TESTS)


@pytest.mark.parametrize("role", some("operator", "admin"))
def test_every_door_lets_in_the_roles_of_its_row_and_nobody_else(role, make_actor, browser_of, site):
    browser: Client = browser_of(make_actor("Rae Role", role, site=site))
    browser.raise_request_exception = False
    wrong = {}
    for action, door in DOORS.items():
        answer = browser.generic(door.method, door.path.replace("<pk>", "0").replace("<int:pk>", "0"), "{}",
                                 "application/json")  # fmt: skip
        if (answer.status_code != 403) != expected(action, role) or answer.status_code >= 500:
            wrong[f"{action} at {door}"] = answer.status_code
    assert not wrong


@pytest.mark.parametrize("role", some("operator", "manager"))
def test_every_step_is_taken_by_the_roles_of_its_row_and_nobody_else(role, make_actor, site, records):
    actor = make_actor("Rae Role", role, site=site)
    wrong = []
    for kind, step in STEPS:
        with acting(TESTS):
            Record._base_manager.filter(pk=records[kind].pk).update(state=step.source[0], owner=None)
        try:
            advance(records[kind], step.name, by=actor, reason="to see", password=PASSWORD)
            taken = True
        except Denied:
            taken = False
        except Refused:  # a guard: the right was there
            taken = True
        if taken != expected(step.permission, role):
            wrong.append((kind, step.name, step.permission))
    assert not wrong


def with_key(actor) -> dict[str, str]:
    """The header that an API key of this person puts into a request."""
    user = User.objects.get(pk=actor.id)
    _, key = issue_token(user=user, name="Prometheus", by=TESTS)
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
def records(site) -> dict[str, Record]:
    """One record of each kind."""
    with acting(TESTS):
        line = add_equipment(site=site, level="line", code="L1", by=TESTS)
        station = add_equipment(site=site, level="station", code="S1", parent=line, by=TESTS)
        parameter = add_parameter(site=site, path="nv1/a/l1/s1/force", station=station, by=TESTS)
    return {kind: _record(kind, site, parameter) for kind in KINDS}


def _record(kind: str, site: Any, parameter: Any) -> Record:
    fields: dict[str, Any] = {"severity": "minor"}
    if KINDS[kind] is ControlLimits:
        charted = add_characteristic(parameter=parameter, code="C1", name="Force", by=TESTS)
        fields = {
            "characteristic": charted, "revision": 1, "chart": "i-mr", "sigma_estimator": "given", "size": 1,
            "center": 8.6, "ucl": 8.9, "lcl": 8.3, "sigma": 0.1, "sigma_within": 0.1, "n_points": 30, "reason": "test",
        }  # fmt: skip
    if KINDS[kind] is GageStudy:
        measured = Characteristic.objects.filter(site=site).first() or add_characteristic(
            parameter=parameter, code="C1", name="Force", by=TESTS
        )
        gage = add_gage(site=site, code="G1", name="Load cell", by=TESTS)
        fields = {
            "gage": gage, "characteristic": measured, "method": "crossed", "parts": 2, "repeats": 2, "seed": 1,
            "labels": ["1", "2"],
        }  # fmt: skip
    return open_record(KINDS[kind], title="To be stepped", site=site, by=TESTS, **fields)


@pytest.mark.parametrize("role", some("auditor"))
def test_rights_that_have_no_door_are_asked_by_their_service(role, make_actor, site, records):
    actor = make_actor("Rae Role", role, site=site)
    asked = {
        "limits.edit": lambda: change_record(records[ControlLimits.KIND], title="Renamed", by=actor),
        "metrics.view": lambda: metrics.asking(RequestFactory().get("/metrics", headers=with_key(actor))),
    }
    assert set(asked) == set(ACTIONS) - set(DOORS) - {step.permission for _, step in STEPS}
    for action, ask in asked.items():
        try:
            ask()
            done = True
        except Denied:
            done = False
        assert done == expected(action, role), action


@pytest.mark.parametrize("role", some("engineer"))
def test_no_list_shows_a_row_of_another_site(role, make_actor, browser_of, site, elsewhere):
    plant(HERE, site)
    plant(THERE, elsewhere)
    browser, seen = browser_of(make_actor("Rae Role", role, site=site)), 0
    for door in LISTS:
        text = browser.get(door.path, {"q": "7c2d"} if door.path.endswith("/search/") else {}).content.decode()
        assert THERE not in text, door
        seen += HERE in text
    assert seen >= 8
