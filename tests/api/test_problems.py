"""Every error below /api/ is a problem, never a page."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from qms.core.errors import Busy
from tests.api import doors

pytestmark = pytest.mark.usefixtures("doors")
THINGS = "/api/v1/things/"
MEMBERS = {"type", "title", "status", "detail", "instance"}


def is_problem(answer, status: int) -> bool:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json().keys() >= MEMBERS
    assert answer.json()["status"] == status
    return True


def test_an_unknown_address_is_a_problem(api):
    assert is_problem(api.get("/api/v1/nothing-here/"), 404)


def test_nobody_signed_in_is_401_with_the_scheme(client):
    answer = client.get(THINGS)
    assert is_problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db
def test_an_unknown_key_is_401(client):
    assert is_problem(client.get(THINGS, HTTP_AUTHORIZATION="Bearer qms_aaaaaaaa_" + "x" * 32), 401)


def test_malformed_json_is_400(api, site):
    assert is_problem(api.post(THINGS, "{oops", content_type="application/json"), 400)


def test_another_content_type_is_415(api, site):
    assert is_problem(api.post(THINGS, "<a/>", content_type="application/xml"), 415)


def test_an_answer_in_another_form_is_406(api):
    assert is_problem(api.get(THINGS, HTTP_ACCEPT="image/png"), 406)


def test_a_method_the_address_does_not_take_is_405(api):
    assert is_problem(api.delete(THINGS), 405)


def test_field_errors_point_into_what_was_sent(api, site):
    answer = api.post(THINGS, {"title": "", "due": "soon"})
    assert is_problem(answer, 400)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/title", "#/due"]


def test_a_list_where_an_object_belongs_is_400(api, site):
    assert is_problem(api.post(THINGS, ["title"]), 400)


def test_a_title_with_a_zero_byte_is_400(api, site):
    assert is_problem(api.post(THINGS, {"title": "a\0b"}), 400)


def test_an_id_beyond_the_database_is_404(api):
    assert is_problem(api.get(f"{THINGS}99999999999999999999/"), 404)


def test_a_right_the_roles_lack_is_403_and_named(api_of, auditor):
    answer = api_of(auditor).post(THINGS, {"title": "Burr"})
    assert is_problem(answer, 403)
    assert "nonconformity.open" in answer.json()["detail"]


def test_a_failure_of_ours_is_500_with_its_number_in_the_log(api, site, monkeypatch, caplog):
    monkeypatch.setattr(doors.ThingViewSet, "open", lambda self, data: 1 / 0)
    answer = api.post(THINGS, {"title": "Burr"})
    assert is_problem(answer, 500)
    assert answer.json()["instance"] in caplog.text


def test_a_database_that_is_away_is_503_with_retry_after(api, site, monkeypatch):
    def away(self, data):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(doors.ThingViewSet, "open", away)
    answer = api.post(THINGS, {"title": "Burr"})
    assert is_problem(answer, 503)
    assert answer["Retry-After"] == "5"


def test_what_is_busy_is_503_and_says_when_to_ask_again(api, site, monkeypatch):
    def busy(self, data):
        raise Busy("Four are at work. Wait.", seconds=30)

    monkeypatch.setattr(doors.ThingViewSet, "open", busy)
    answer = api.post(THINGS, {"title": "Burr"})
    assert is_problem(answer, 503)
    assert answer["Retry-After"] == "30"


def test_a_host_we_do_not_answer_for_gets_no_page(api):
    assert is_problem(api.get(THINGS, HTTP_HOST="evil.example"), 400)


@pytest.mark.parametrize("query", ["limit=0", "limit=many", "ordering=due", "cursor=abc", "opened_after=then"])
def test_query_parameters_nobody_can_use_are_400(api, query):
    assert is_problem(api.get(f"{THINGS}?{query}"), 400)


DEEP = '{"a":' * 40 + "1" + "}" * 40


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("[" * 20_000, "deeper"),
        (DEEP, "deeper"),
        ('{"title": "a", "title": "b"}', "stands twice"),
        ('{"title": "a", "weight": 1e999}', "no finite number"),
        ('{"reason": "\\u0000"}', "no text"),
        ('{"reason": "\\ud800"}', "no text"),
        (b'{"title": "\xff"}', "UTF-8"),
    ],
)
def test_json_that_could_not_be_kept_is_400_and_says_why(api, site, sent, said):
    answer = api.post(THINGS, sent, content_type="application/json", HTTP_IDEMPOTENCY_KEY='"k-1"')
    assert is_problem(answer, 400)
    assert said in answer.json()["detail"]


def test_a_due_date_of_the_year_one_names_its_field(api, site):
    answer = api.post(THINGS, {"title": "Burr", "due": "0001-01-01T00:00:00Z"})
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0]["pointer"] == "#/due"
