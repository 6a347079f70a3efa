"""No door without a declared right; no way in for those who have none."""

from __future__ import annotations

import pytest
from django.test import Client

from capa.models import Capa, Nonconformity
from qms.core.actor import Actor
from qms.core.models import Record, Site
from qms.core.policy import known
from qms.core.records import open_record
from qms.core.rest.records import RecordReadViewSet
from tests.api.routes import Door, doors

REST = doors("/api/v1/")
MARK = "LEAK-5e1f"
OPEN_TO_ALL = {"signed-in", "public"}


def each(found: list[Door]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("door", found, ids=str)


def test_every_door_has_a_right_the_policy_knows():
    assert not [f"{door}: {door.wanted}" for door in doors() if not door.wanted or not known(door.wanted)]


def test_the_api_is_there():
    assert {door.path for door in REST} >= {"/api/v1/", "/api/v1/schema/", "/api/v1/events/", "/api/v1/sites/"}


@each([door for door in REST if door.wanted != "public"])
def test_nobody_gets_in_without_saying_who_they_are(door, db):
    answer = Client(raise_request_exception=False).generic(door.method, door.at(1), "{}", "application/json")
    assert answer.status_code == 401


@each([door for door in REST if door.wanted not in OPEN_TO_ALL])
def test_somebody_without_a_role_gets_nowhere(door, make_actor, api_of):
    nobody = api_of(make_actor("Nora Body"))
    assert nobody.generic(door.method, door.at(1), "{}", "application/json").status_code == 403


@each([door for door in REST if door.wanted not in OPEN_TO_ALL])
def test_a_key_without_a_scope_gets_nowhere(door, manager, api_of):
    assert api_of(manager, scopes=()).generic(door.method, door.at(1), "{}", "application/json").status_code == 403


@each([door for door in REST if issubclass(door.view, RecordReadViewSet) and "<pk>" in door.path])
def test_a_record_of_another_site_is_not_there(door, stranger: Actor, engineer: Actor, site, api_of):
    model = door.view.model
    record = _any_record(model, site, engineer)
    answer = api_of(stranger).generic(
        door.method, door.at(record.pk), "{}", "application/json", HTTP_IF_MATCH=record.etag
    )
    assert answer.status_code == (404 if stranger.can(door.wanted or "") else 403)
    assert MARK not in answer.content.decode()


@each([door for door in REST if door.method == "GET" and "<pk>" not in door.path])
def test_no_list_leaks_another_site(door, stranger: Actor, engineer: Actor, site, api_of):
    for model in (Nonconformity, Capa):
        _any_record(model, site, engineer)
    answer = api_of(stranger).get(door.path, {"count": "exact", "q": MARK})
    assert MARK not in answer.content.decode().replace(f"q={MARK}", "")


def _any_record(model: type[Record], site: Site, by: Actor) -> Record:
    """A record of the kind, or of another where one needs more than a title: no kind may be told from none."""
    kind = model if model in (Nonconformity, Capa) else Nonconformity
    return open_record(kind, title=f"{MARK} burr", site=site, by=by, severity="minor")
