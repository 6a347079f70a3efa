"""No door without a declared right; no way in for those who have none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from capa.models import Capa, Nonconformity
from qms.core.actor import Actor
from qms.core.policy import known
from qms.core.records import open_record
from qms.core.rest.records import RecordReadViewSet
from tests.api.routes import Door, doors

REST = doors("/api/v1/")
MARK = "LEAK-5e1f"
OPEN_TO_ALL = {"signed-in", "public"}


def wrong(found: list[Door], client: Any, wanted: Callable[[Door], int], pk: int = 1, **headers: str) -> list[str]:
    """The doors that answer with another status than wanted."""
    seen = {}
    for door in found:
        answer = client.generic(door.method, door.at(pk), "{}", "application/json", **headers)
        if answer.status_code != wanted(door) or MARK in answer.content.decode():
            seen[str(door)] = answer.status_code
    return [f"{door}: {status}" for door, status in seen.items()]


def test_every_door_has_a_right_the_policy_knows():
    assert not [f"{door}: {door.wanted}" for door in doors() if not door.wanted or not known(door.wanted)]


def test_the_api_is_there():
    assert {door.path for door in REST} >= {"/api/v1/", "/api/v1/schema/", "/api/v1/events/", "/api/v1/sites/"}


def test_nobody_gets_in_without_saying_who_they_are(db):
    closed = [door for door in REST if door.wanted != "public"]
    assert not wrong(closed, Client(raise_request_exception=False), lambda _: 401)


def test_somebody_without_a_role_gets_nowhere(make_actor, api_of):
    closed = [door for door in REST if door.wanted not in OPEN_TO_ALL]
    assert not wrong(closed, api_of(make_actor("Nora Body")), lambda _: 403)


def test_a_key_without_a_scope_gets_nowhere(manager, api_of):
    closed = [door for door in REST if door.wanted not in OPEN_TO_ALL]
    assert not wrong(closed, api_of(manager, scopes=()), lambda _: 403)


@pytest.mark.parametrize("kind", [Nonconformity, Capa])
def test_a_record_of_another_site_is_not_there(kind, stranger: Actor, engineer: Actor, site, api_of):
    record = open_record(kind, title=f"{MARK} burr", site=site, by=engineer, severity="minor")
    of_records = [door for door in REST if issubclass(door.view, RecordReadViewSet) and "<pk>" in door.path]
    client = api_of(stranger)
    assert not wrong(
        of_records, client, lambda door: 404 if stranger.can(door.wanted) else 403, record.pk, HTTP_IF_MATCH="*"
    )


def test_no_list_leaks_another_site(stranger: Actor, engineer: Actor, site, api_of):
    for kind in (Nonconformity, Capa):
        open_record(kind, title=f"{MARK} burr", site=site, by=engineer, severity="minor")
    client = api_of(stranger)
    for door in REST:
        if door.method == "GET" and "<pk>" not in door.path:
            assert MARK not in client.get(door.path, {"count": "exact"}).content.decode()
