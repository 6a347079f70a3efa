"""The kernel's own resources."""

from __future__ import annotations

import pytest

from capa.models import Nonconformity
from qms.core import inbox
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
