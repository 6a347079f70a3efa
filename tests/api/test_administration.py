"""Sites, people, roles, notices, links and saved views by API."""

from __future__ import annotations

import pytest
from django.test import Client

from capa.models import Nonconformity
from qms.core import jobs
from qms.core.actor import system
from qms.core.links import link
from qms.core.models import Link, Membership, Notice, SavedView, Trail, User
from qms.core.notify import tell
from qms.core.records import open_record
from qms.core.trail import acting

PEOPLE, SITES = "/api/v1/people/", "/api/v1/sites/"
NEW = {"name": "Tom Berg", "email": "tom@example.org", "roles": [{"site": "NV1", "role": "operator"}]}


@pytest.fixture
def admin(make_actor, site):
    return make_actor("Ada Min", "admin", site=site)


@pytest.fixture
def page_of(browser_of):
    """JSON calls of a signed-in page."""

    def make(actor):
        browser = browser_of(actor)

        def call(verb: str, path: str, data=None, **headers: str):
            send = getattr(browser, verb)
            return send(path, data or {}, content_type="application/json", headers=headers)

        return call

    return make


def test_a_person_is_invited_with_roles_and_a_way_in(page_of, admin):
    made = page_of(admin)("post", PEOPLE, NEW)
    assert made.status_code == 201, made.content
    assert made.json()["roles"] == [{"site": "NV1", "role": "operator"}]
    assert Client().get(made.json()["welcome"].removeprefix("http://testserver")).status_code == 200


def test_a_repeated_invitation_makes_one_person_and_shows_the_way_in_once(page_of, admin):
    call = page_of(admin)
    first, second = (call("post", PEOPLE, NEW, **{"Idempotency-Key": "p-1"}).json() for _ in range(2))
    assert (first["id"], second["welcome"]) == (second["id"], None)
    assert User.objects.filter(email="tom@example.org").count() == 1


def test_a_key_makes_people_but_no_way_in(api_of, admin):
    client = api_of(admin)
    made = client.post(PEOPLE, NEW)
    assert (made.status_code, made.json()["welcome"]) == (201, None)
    assert client.post(f"{PEOPLE}{made.json()['id']}/invite/").status_code == 403


def test_nobody_invites_above_themselves(page_of, admin):
    wish = {**NEW, "roles": [{"site": None, "role": "owner"}]}
    assert page_of(admin)("post", PEOPLE, wish).status_code == 403
    assert not User.objects.filter(email="tom@example.org").exists()


def test_roles_are_granted_and_revoked_one_by_one(api_of, admin, operator):
    client, one = api_of(admin), f"{PEOPLE}{operator.id}/"
    role = {"site": "NV1", "role": "engineer"}
    assert role in client.post(f"{one}grant/", role).json()["roles"]
    assert role not in client.post(f"{one}revoke/", role).json()["roles"]
    assert client.post(f"{one}revoke/", role).status_code == 409
    assert Membership.objects.filter(user_id=operator.id, role="operator").exists()


def test_a_person_is_kept_out_only_as_seen(api_of, admin, operator):
    client, one = api_of(admin), f"{PEOPLE}{operator.id}/"
    seen = client.get(one)["ETag"]
    client.post(f"{one}grant/", {"site": "NV1", "role": "engineer"})
    sent = {"is_active": False, "reason": "left the company"}
    assert client.patch(one, sent, headers={"If-Match": seen}).status_code == 412
    assert client.patch(one, sent, headers={"If-Match": client.get(one)["ETag"]}).json()["is_active"] is False
    assert Trail.objects.filter(tbl="core_user", op="U", reason="left the company").exists()


def test_an_engineer_changes_nobody(api_of, engineer, operator):
    assert api_of(engineer).patch(f"{PEOPLE}{operator.id}/", {"name": "X"}).status_code == 403


def test_a_site_is_changed_with_its_holidays(api_of, admin, site):
    client, one = api_of(admin), f"{SITES}{site.pk}/"
    seen = client.get(one)["ETag"]
    sent = {"timezone": "Europe/Oslo", "holidays": [{"day": "2026-12-25", "name": "Christmas"}]}
    changed = client.patch(one, sent, headers={"If-Match": seen})
    assert (changed.json()["timezone"], changed.json()["holidays"]) == ("Europe/Oslo", sent["holidays"])
    assert client.patch(one, {"name": "N"}, headers={"If-Match": seen}).status_code == 412


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("timezone", "Mars/Base"), ("workdays", [7]), ("shifts", [{"name": "N", "start": "25:00"}]),
     ("number_pattern", "NCR")],
)  # fmt: skip
def test_a_calendar_that_cannot_be_kept_is_a_problem(api_of, admin, site, field, wrong):
    answer = api_of(admin).patch(f"{SITES}{site.pk}/", {field: wrong})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["pointer"].startswith(f"#/{field}")


def test_a_site_is_made(api_of, make_actor):
    made = api_of(make_actor("Ola Own", "owner")).post(SITES, {"code": "nv2", "name": "Second"})
    assert (made.status_code, made.json()["code"]) == (201, "NV2")


def test_notices_are_listed_and_read(api_of, engineer, manager):
    with acting(engineer):
        first, _ = (tell(engineer.id, "task", title, key=title) for title in ("one", "two"))
        tell(manager.id, "task", "three", key="three")
    client = api_of(engineer)
    assert client.post(f"/api/v1/notices/{first.pk}/read/").json()["read_at"]
    assert [row["title"] for row in client.get("/api/v1/notices/", {"unread": "true"}).json()["results"]] == ["two"]
    assert client.post("/api/v1/notices/read/").json() == {"changed": 1}
    assert Notice.objects.filter(read_at=None).get().title == "three"


def test_a_link_is_taken_away_and_stays_in_the_trail(api_of, engineer, stranger, site):
    one, two = (open_record(Nonconformity, title=t, site=site, by=engineer, severity="minor") for t in ("one", "two"))
    made = link(one, two, by=engineer)
    url = f"/api/v1/links/{made.pk}/"
    assert api_of(stranger).delete(url).status_code == 404
    client = api_of(engineer)
    assert client.get(url).json()["target"]["title"] == "two"
    assert client.delete(url).status_code == 204
    assert not Link.objects.exists()
    assert Trail.objects.filter(tbl="core_link", op="D").exists()


def test_views_are_saved_shared_and_removed_by_their_owner(api_of, engineer, manager):
    mine, other = api_of(engineer), api_of(manager)
    sent = {"page": "parts", "name": "In use", "query": "active=true", "shared": True}
    view = mine.post("/api/v1/saved-views/", sent).json()
    assert other.get("/api/v1/saved-views/", {"page": "parts"}).json()["results"][0]["mine"] is False
    assert other.delete(f"/api/v1/saved-views/{view['id']}/").status_code == 403
    assert mine.delete(f"/api/v1/saved-views/{view['id']}/").status_code == 204
    assert not SavedView.objects.exists()


def test_a_view_key_stops_no_job_not_even_ones_own(api_of, engineer, monkeypatch):
    monkeypatch.setattr(jobs, "send", lambda job: None)
    job = jobs.enqueue("export", {}, by=engineer)
    assert api_of(engineer, scopes=("*.view",)).post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 403
    assert api_of(engineer).post(f"/api/v1/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"


def test_roles_at_other_sites_stand_in_no_answer(page_of, admin, make_actor, site, elsewhere):
    person = make_actor("Cara Both", "operator", site=site)
    with acting(system("tests")):
        Membership.objects.create(user_id=person.id, site=elsewhere, role="auditor")
    call, own = page_of(admin), [{"site": "NV1", "role": "operator"}]
    assert call("get", f"{PEOPLE}{person.id}/").json()["roles"] == own
    given = call("post", f"{PEOPLE}{person.id}/grant/", {"site": "NV1", "role": "engineer"}).json()["roles"]
    assert {row["site"] for row in given} == {"NV1"}
    left = call("post", f"{PEOPLE}{person.id}/revoke/", {"site": "NV1", "role": "engineer"}).json()["roles"]
    assert left == own


def test_a_name_with_a_hidden_sign_is_refused_with_its_place(page_of, admin):
    answer = page_of(admin)("post", PEOPLE, {**NEW, "name": "Tom\u2067Berg"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/name"
    assert answer.json()["errors"][0]["detail"].startswith("Character 4 is a mark")
