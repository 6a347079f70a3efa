"""Records by API: open, read, change with the version seen, take steps."""

from __future__ import annotations

import pytest

from qms.core.trail import history, reading

pytestmark = pytest.mark.usefixtures("doors")
THINGS = "/api/v1/things/"


@pytest.fixture
def thing(api, site) -> dict:
    return api.post(THINGS, {"title": "Burr on edge"}).json()


def test_opening_answers_201_with_number_etag_and_location(api, site):
    answer = api.post(THINGS, {"title": "Burr on edge"})
    assert answer.status_code == 201, answer.content
    assert answer.json()["number"].startswith("NCR-")
    assert answer["ETag"] == answer.json()["etag"]
    assert answer["Location"] == f"{THINGS}{answer.json()['id']}/"


def test_a_record_of_another_site_is_404(api_of, stranger, thing):
    assert api_of(stranger).get(f"{THINGS}{thing['id']}/").status_code == 404


def test_the_current_etag_gives_304(api, thing):
    assert api.get(f"{THINGS}{thing['id']}/", HTTP_IF_NONE_MATCH=thing["etag"]).status_code == 304


def test_a_change_without_if_match_is_428(api, thing):
    assert api.patch(f"{THINGS}{thing['id']}/", {"title": "Burr"}).status_code == 428


def test_a_change_with_a_stale_etag_is_412(api, thing):
    address = f"{THINGS}{thing['id']}/"
    assert api.patch(address, {"title": "Burr"}, HTTP_IF_MATCH=thing["etag"]).status_code == 200
    assert api.patch(address, {"title": "Chip"}, HTTP_IF_MATCH=thing["etag"]).status_code == 412


def test_what_gathers_around_a_record_heeds_if_match_where_it_is_sent(api, thing):
    address = f"{THINGS}{thing['id']}/"
    api.patch(address, {"title": "Burr"}, HTTP_IF_MATCH=thing["etag"])
    assert api.post(f"{address}comments/", {"text": "Seen"}, HTTP_IF_MATCH=thing["etag"]).status_code == 412
    assert api.get(f"{address}comments/").json()["results"] == []
    fresh = api.get(address)["ETag"]
    assert api.post(f"{address}comments/", {"text": "Seen"}, HTTP_IF_MATCH=fresh).status_code == 201


def test_a_change_keeps_its_reason_in_the_history(api, engineer, thing):
    api.patch(f"{THINGS}{thing['id']}/", {"title": "Burr", "reason": "typing error"}, HTTP_IF_MATCH=thing["etag"])
    with reading(engineer):
        assert history(thing["id"])[-1].reason == "typing error"


def test_the_trail_says_it_came_by_api_and_by_which_key(api, engineer, thing):
    with reading(engineer):
        act = history(thing["id"])[0]
    assert act.source == "api"
    assert act.actor == "Elin Lindqvist (key MES)"


def test_a_step_that_is_not_possible_is_409_and_says_what_is(api, thing):
    answer = api.post(f"{THINGS}{thing['id']}/advance/", {"step": "close"})
    assert answer.status_code == 409
    assert "Possible now" in answer.json()["detail"]


def test_the_steps_say_what_refuses_them(api, thing):
    steps = api.get(f"{THINGS}{thing['id']}/steps/").json()["results"]
    assert steps
    assert all(step["ready"] is not bool(step["refusals"]) for step in steps)


def test_a_list_is_filtered_by_state(api, thing):
    assert api.get(THINGS, {"state": "closed"}).json()["results"] == []
    assert [row["id"] for row in api.get(THINGS, {"state": thing["state"]}).json()["results"]] == [thing["id"]]


def test_an_unknown_site_is_named_in_the_error(api, site):
    answer = api.post(THINGS, {"title": "Burr", "site": "NOPE"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/site"


def test_a_page_session_needs_the_csrf_token(engineer, browser_of, site):
    browser = browser_of(engineer)
    browser.handler.enforce_csrf_checks = True
    answer = browser.post(THINGS, {"title": "Burr"}, content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_a_page_session_may_use_the_api(engineer, browser_of, site):
    answer = browser_of(engineer).post(THINGS, {"title": "Burr"}, content_type="application/json")
    assert answer.status_code == 201
