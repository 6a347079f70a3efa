"""The same key again: the same answer, one effect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from capa.models import Nonconformity
from qms.core.models import IdempotencyKey, SigningAttempt
from qms.core.trail import reading

pytestmark = pytest.mark.usefixtures("doors")
THINGS = "/api/v1/things/"


@pytest.fixture
def post(api, site):
    return lambda title, key, client=api: client.post(THINGS, {"title": title}, HTTP_IDEMPOTENCY_KEY=key)


def opened(actor) -> int:
    with reading(actor):
        return Nonconformity.objects.count()


def test_the_stored_answer_is_given_again(post, engineer):
    first, second = post("NC 00017", '"k-1"'), post("NC 00017", '"k-1"')
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second["ETag"] == first["ETag"]
    assert second["Idempotency-Replayed"] == "true"
    assert opened(engineer) == 1


def test_a_bare_key_is_the_same_as_a_quoted_one(post, engineer):
    assert post("a", '"k-1"').json()["id"] == post("a", "k-1").json()["id"]


def test_another_body_under_the_same_key_is_422(post):
    post("NC 00017", '"k-1"')
    assert post("other", '"k-1"').status_code == 422


def test_keys_of_different_callers_never_meet(post, api_of, engineer, site):
    post("a", '"k-1"')
    assert post("b", '"k-1"', api_of(engineer)).status_code == 201


def test_a_refused_request_leaves_its_key_free(post, engineer):
    assert post("", '"k-1"').status_code == 400
    assert post("a", '"k-1"').status_code == 201


def test_a_key_that_is_no_key_is_400(post):
    assert post("a", '"').status_code == 400


def test_an_answer_is_kept_48_hours(post):
    post("a", '"k-1"')
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=47))
    assert post("b", '"k-1"').status_code == 422
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=49))
    assert post("b", '"k-1"').status_code == 201


def test_a_change_is_repeatable_too(api, post):
    thing = post("a", '"k-1"').json()
    send = lambda: api.patch(  # noqa: E731
        f"{THINGS}{thing['id']}/", {"title": "b"}, HTTP_IF_MATCH=thing["etag"], HTTP_IDEMPOTENCY_KEY='"k-2"'
    )
    assert (send().status_code, send().status_code) == (200, 200)


def test_a_wrong_password_under_a_key_stays_on_record(manager, browser_of, site):
    browser = browser_of(manager)
    thing = browser.post(THINGS, {"title": "a"}, content_type="application/json").json()
    answer = browser.post(
        f"{THINGS}{thing['id']}/advance/",
        {"step": "void", "reason": "twice", "password": "wrong"},
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY='"k-3"',
    )
    assert answer.status_code == 403
    assert SigningAttempt.objects.filter(ok=False).count() == 1
