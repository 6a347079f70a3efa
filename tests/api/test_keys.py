"""API keys: scoped, ended, revoked; none of them signs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qms.core.actor import system
from qms.core.models import Token, User
from qms.core.trail import acting

pytestmark = pytest.mark.usefixtures("doors")
THINGS = "/api/v1/things/"


def test_a_key_without_the_scope_may_not(api_of, engineer, site):
    reader = api_of(engineer, scopes=("*.view",))
    assert reader.get(THINGS).status_code == 200
    assert reader.post(THINGS, {"title": "Burr"}).status_code == 403


def test_a_key_without_scopes_may_nothing(api_of, engineer):
    assert api_of(engineer, scopes=()).get(THINGS).status_code == 403


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_an_ended_key_is_401(api_of, engineer, ended):
    assert api_of(engineer, **{ended: timezone.now() - timedelta(seconds=1)}).get(THINGS).status_code == 401


def test_the_key_of_somebody_who_left_is_401(api, engineer):
    with acting(system("tests")):
        User.objects.filter(pk=engineer.id).update(is_active=False)
    assert api.get(THINGS).status_code == 401


def test_a_wrong_secret_is_401(api, client):
    prefix = Token.objects.get().prefix
    assert client.get(THINGS, HTTP_AUTHORIZATION=f"Bearer qms_{prefix}_{'t' * 32}").status_code == 401


def test_a_use_is_noted_once_an_hour(api):
    api.get(THINGS)
    first = Token.objects.get().last_used_at
    api.get(THINGS)
    assert first is not None
    assert Token.objects.get().last_used_at == first


def test_a_key_cannot_sign(api_of, manager, site):
    boss = api_of(manager)
    thing = boss.post(THINGS, {"title": "Burr"}).json()
    answer = boss.post(f"{THINGS}{thing['id']}/advance/", {"step": "void", "reason": "twice", "password": "x"})
    assert answer.status_code == 409
    assert "Only a person can sign" in answer.json()["detail"]
