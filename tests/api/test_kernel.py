"""The kernel's own resources."""

from __future__ import annotations

import pytest
from django.test import Client

from capa.models import Nonconformity
from qms.core import inbox, jobs
from qms.core.models import IdempotencyKey
from qms.core.records import open_record


@pytest.fixture
def task(engineer, manager, site):
    return inbox.ask(key="k", title="Look at this", by=manager, site=site, owner=engineer.id)


def test_you_are_told_who_you_are(api_of, engineer, site):
    me = api_of(engineer, scopes=("*.view",)).get("/api/v1/me/").json()
    assert (me["kind"], me["scopes"]) == ("token", ["*.view"])
    assert me["roles"] == [{"site": "NV1", "roles": ["engineer"]}]


def test_the_index_names_every_collection(api):
    assert {"sites", "events", "schema"} <= api.get("/api/v1/").json().keys()


def test_only_your_sites_are_listed(api, site, elsewhere):
    assert [row["code"] for row in api.get("/api/v1/sites/").json()["results"]] == ["NV1"]


def test_only_people_of_your_sites_are_listed(api, stranger, manager):
    names = {row["name"] for row in api.get("/api/v1/people/").json()["results"]}
    assert "Ines Okafor" in names
    assert "Sam Stone" not in names


def test_a_task_is_ticked_off(api, task):
    assert [row["title"] for row in api.get("/api/v1/tasks/").json()["results"]] == ["Look at this"]
    done = api.post(f"/api/v1/tasks/{task.pk}/finish/")
    assert done.json()["done_by"] == "Elin Lindqvist (key MES)"
    assert api.get("/api/v1/tasks/").json()["results"] == []


def test_somebody_elses_task_is_404(api_of, manager, task):
    assert api_of(manager).post(f"/api/v1/tasks/{task.pk}/finish/").status_code == 404


def test_a_task_is_put_off_with_a_reason(api, task):
    later = {"until": "2099-01-01T00:00:00Z", "reason": "waits for the part"}
    assert api.post(f"/api/v1/tasks/{task.pk}/snooze/", later).status_code == 200
    assert api.get("/api/v1/tasks/").json()["results"] == []


def test_the_feed_hides_other_sites(api_of, engineer, stranger, site):
    open_record(Nonconformity, title="first", site=site, by=engineer, severity="minor")
    assert api_of(stranger).get("/api/v1/events/").json()["results"] == []


def test_a_position_that_is_none_is_400(api):
    assert api.get("/api/v1/events/?after=yesterday").status_code == 400


def test_a_key_is_made_on_the_page_and_its_text_never_stored(engineer, browser_of):
    browser = browser_of(engineer)
    make = lambda: browser.post(  # noqa: E731
        "/api/v1/tokens/", {"name": "ERP"}, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k"
    ).json()
    text, again = make()["key"], make()["key"]
    assert again is None
    assert Client().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {text}").json()["name"].endswith("(key ERP)")
    assert text not in IdempotencyKey.objects.get().body


def test_a_key_cannot_make_keys(api):
    assert api.post("/api/v1/tokens/", {"name": "ERP"}).status_code == 403


def test_a_revoked_key_is_out_at_once(api, engineer):
    token = api.get("/api/v1/tokens/").json()["results"][0]
    assert api.post(f"/api/v1/tokens/{token['id']}/revoke/").status_code == 200
    assert api.get("/api/v1/me/").status_code == 401


def test_keys_of_others_are_not_there(api_of, engineer, manager):
    api_of(engineer)
    assert [row["name"] for row in api_of(manager).get("/api/v1/tokens/").json()["results"]] == ["MES"]


def test_records_are_found_by_their_words(api, api_of, engineer, stranger, site):
    open_record(Nonconformity, title="Burr on edge", site=site, by=engineer, severity="minor")
    hits = api.get("/api/v1/search/", {"q": "burr"}).json()["results"]
    assert [hit["record"]["title"] for hit in hits] == ["Burr on edge"]
    assert api_of(stranger).get("/api/v1/search/", {"q": "burr"}).json()["results"] == []


def test_a_job_is_watched_and_stopped(api, api_of, engineer, manager, monkeypatch):
    monkeypatch.setattr(jobs, "send", lambda job: None)
    job = jobs.enqueue("export", {}, by=engineer, title="Export of everything")
    assert api.get("/api/v1/jobs/").json()["results"][0]["title"] == "Export of everything"
    assert api.post(f"/api/v1/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
