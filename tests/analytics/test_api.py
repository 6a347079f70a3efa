"""The API of analyses."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db
API = "/api/v1/spc/analyses/"
FORCE = {"name": "Force", "unit": "kN", "values": [8.6, 8.7, None, 8.5, 8.6, 8.4, 8.9, 8.6]}


@pytest.fixture
def call(browser_of):
    def make(actor, method, path="", data=None, **headers):
        return getattr(browser_of(actor), method)(
            f"{API}{path}", data, content_type="application/json", headers=headers
        )

    return make


def test_an_analysis_is_asked_and_kept(call, site, engineer):
    made = call(engineer, "post", data={"study": "readings", "columns": [FORCE], "title": "Force"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["number"], body["state"], body["size"]) == ("ANA-2026-0001", "saved", 8)
    assert body["result"]["figures"]["center"] == pytest.approx(8.614, abs=1e-3)
    assert body["digest"]


def test_the_list_leaves_the_data_out(call, analysis, engineer):
    row = call(engineer, "get").json()["results"][0]
    assert row["number"] == analysis.number
    assert "data" not in row
    assert call(engineer, "get", f"{analysis.pk}/").json()["data"]["columns"][0]["unit"] == "mm"


def test_a_bad_cell_is_a_400_with_row_and_column(call, site, engineer):
    bad = {"name": "Force", "values": [8.6, "oops"]}
    answer = call(engineer, "post", data={"study": "readings", "columns": [bad]})
    assert answer.status_code == 400
    assert "Row 2, column Force" in answer.content.decode()


def test_the_same_key_makes_one_record(call, site, engineer):
    data = {"study": "readings", "columns": [FORCE]}
    first, second = (call(engineer, "post", data=data, Idempotency_Key="a-key-of-mine") for _ in range(2))
    assert first.json()["id"] == second.json()["id"]


def test_a_draft_is_worded_under_if_match(call, site, engineer):
    made = call(engineer, "post", data={"study": "readings", "columns": [FORCE], "save": False}).json()
    assert made["state"] == "draft"
    changed = call(engineer, "patch", f"{made['id']}/", {"title": "Other"}, If_Match=made["etag"])
    assert changed.json()["title"] == "Other"
    taken = call(engineer, "post", f"{made['id']}/advance/", {"step": "save"})
    assert taken.json()["state"] == "saved"


def test_a_saved_one_cannot_be_changed(call, analysis, engineer):
    answer = call(engineer, "patch", f"{analysis.pk}/", {"title": "Other"}, If_Match=analysis.etag)
    assert answer.status_code == 409


@pytest.mark.parametrize("kind", ["json", "xlsx", "pdf", "png", "svg"])
def test_it_is_exported(call, analysis, engineer, kind):
    answer = call(engineer, "get", f"{analysis.pk}/export/?kind={kind}")
    assert answer.status_code == 200
    assert f"{analysis.number}.{kind}" in answer["Content-Disposition"]


def test_another_plant_finds_nothing(call, analysis, stranger):
    assert call(stranger, "get", f"{analysis.pk}/").status_code == 404
    assert call(stranger, "get", f"{analysis.pk}/export/").status_code == 404


def test_an_executive_may_not_make_one(call, make_actor, site):
    reader = make_actor("Eva Chief", "executive", site=site)
    assert call(reader, "post", data={"study": "readings", "columns": [FORCE]}).status_code == 403
