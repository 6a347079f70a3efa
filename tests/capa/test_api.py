"""The API: open, change under If-Match, rows, steps as actions, refusals as problems."""

from __future__ import annotations

import pytest

from capa import services
from capa.models import Capa, Nonconformity
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def call(browser_of):
    """Call the API as a person with a session."""

    def make(actor, method, path, data=None, **headers):
        client = browser_of(actor)
        return getattr(client, method)(f"{API}/{path}", data, content_type="application/json", headers=headers)

    return make


def test_a_nonconformity_is_opened_and_listed(call, site, operator):
    made = call(operator, "post", "nonconformities/", {"title": "Burr", "quantity_nonconforming": 3, "site": site.code})
    assert made.status_code == 201, made.content
    assert made.json()["number"] == "NCR-2026-0001"
    assert made["ETag"]
    listed = call(operator, "get", "nonconformities/")
    assert [row["title"] for row in listed.json()["results"]] == ["Burr"]


def test_opening_from_a_signal_twice_answers_the_same_record(call, signal, operator):
    first, second = (call(operator, "post", "nonconformities/", {"signal": signal.pk}).json() for _ in range(2))
    assert first["id"] == second["id"] == Nonconformity.objects.get().pk


def test_a_change_needs_if_match(call, ncr, engineer):
    assert call(engineer, "patch", f"nonconformities/{ncr.pk}/", {"lot": "KB-1"}).status_code == 428
    stale = call(engineer, "patch", f"nonconformities/{ncr.pk}/", {"lot": "KB-1"}, If_Match=f'"{ncr.pk}-99"')
    assert stale.status_code == 412
    good = call(engineer, "patch", f"nonconformities/{ncr.pk}/", {"lot": "KB-1"}, If_Match=ncr.etag)
    assert good.status_code == 200, good.content
    assert good.json()["lot"] == "KB-1"


def test_a_step_that_lacks_something_is_a_409_with_the_sentence(call, ncr, engineer):
    answer = call(engineer, "post", f"nonconformities/{ncr.pk}/advance/", {"step": "contain", "password": PASSWORD})
    assert answer.status_code == 409
    assert "no containment is recorded yet" in answer.json()["detail"]


def test_a_nonconformity_is_contained_and_disposed_by_api(call, ncr, engineer):
    row = {"record": ncr.pk, "place": "wip", "measure": "Blocked", "checked": 12, "found": 12}
    place = call(engineer, "post", "containments/", row).json()
    assert call(engineer, "post", f"containments/{place['id']}/verify/", {"how": "Counted"}).status_code == 200
    moved = call(engineer, "post", f"nonconformities/{ncr.pk}/advance/", {"step": "contain", "password": PASSWORD})
    assert moved.json()["state"] == "contained"
    made = call(engineer, "post", "dispositions/", {"nonconformity": ncr.pk, "kind": "scrap", "quantity": 12})
    assert made.status_code == 201
    over = call(engineer, "post", "dispositions/", {"nonconformity": ncr.pk, "kind": "scrap", "quantity": 1})
    assert over.status_code == 409


def test_a_capa_is_opened_from_a_nonconformity_and_filled(call, ncr, engineer):
    made = call(engineer, "post", "capas/", {"nonconformity": ncr.pk})
    assert made.status_code == 201, made.content
    capa = made.json()
    changed = call(
        engineer, "patch", f"capas/{capa['id']}/", {"symptom": "Leak", "summary": "Later"}, If_Match=made["ETag"]
    )
    assert changed.status_code == 200, changed.content
    cause = call(engineer, "post", "causes/", {"capa": capa["id"], "kind": "escape", "statement": "No gauge"}).json()
    refused = call(engineer, "post", f"causes/{cause['id']}/verify/", {"result": "confirmed", "test": "Looked"})
    assert refused.status_code == 409
    assert "Add the evidence first" in refused.json()["detail"]


def test_a_settled_section_is_a_409(call, to_capa, crew):
    capa = to_capa("implementation")
    answer = call(crew["leader"], "patch", f"capas/{capa.pk}/", {"change_risk": "x"}, If_Match=capa.etag)
    assert answer.status_code == 409


def test_verdicts_are_computed_and_read(call, to_capa, crew):
    capa = to_capa("effectiveness")
    judged = call(crew["verifier"], "post", f"capas/{capa.pk}/judge/", {})
    assert judged.status_code == 200, judged.content
    assert judged.json()["results"][0]["outcome"] == "insufficient"
    assert len(call(crew["verifier"], "get", f"verdicts/?capa={capa.pk}").json()["results"]) == 1


def test_a_stranger_finds_no_row(call, to_capa, crew, stranger):
    capa = to_capa("implementation")
    services.add_containment(
        Nonconformity.objects.first() or _ncr(capa, crew), place="wip", measure="x", by=crew["leader"]
    )
    for name in (
        "capas",
        "causes",
        "actions",
        "criteria",
        "containments",
        "verdicts",
        "dispositions",
        "nonconformities",
    ):
        answer = call(stranger, "get", f"{name}/")
        assert (answer.status_code, answer.json()["results"]) == (200, []), name


def _ncr(capa, crew):
    return services.open_nonconformity(title="Burr", site=capa.site, by=crew["leader"])


def test_an_operator_may_not_open_a_capa(call, site, operator):
    assert call(operator, "post", "capas/", {"title": "Leak"}).status_code == 403
    assert not Capa.objects.exists()


def test_more_time_is_asked_for_and_never_just_written(call, ncr, engineer, manager):
    before = Nonconformity.objects.get(pk=ncr.pk).due
    call(engineer, "patch", f"nonconformities/{ncr.pk}/", {"due": "2099-01-01T00:00:00Z"}, If_Match=ncr.etag)
    assert Nonconformity.objects.get(pk=ncr.pk).due == before
    wanted = {"due": "2099-01-01T00:00:00Z", "reason": "Parts are late"}
    assert call(engineer, "post", f"nonconformities/{ncr.pk}/extend/", wanted).status_code == 403
    assert call(manager, "post", f"nonconformities/{ncr.pk}/extend/", wanted).json()["due"].startswith("2099-01-01")


def test_the_reason_of_a_change_is_in_the_history(call, ncr, engineer):
    change = {"lot": "KB-1", "reason": "read from the box"}
    call(engineer, "patch", f"nonconformities/{ncr.pk}/", change, If_Match=ncr.etag)
    acts = call(engineer, "get", f"nonconformities/{ncr.pk}/history/").json()["results"]
    assert "read from the box" in [act["reason"] for act in acts]


def test_a_row_is_changed_in_the_version_that_was_seen(call, to_capa, crew):
    capa = to_capa("plan")
    row = services.add_action(capa, text="Gauge", by=crew["leader"])
    seen = call(crew["leader"], "get", f"actions/{row.pk}/")["ETag"]
    good = call(crew["leader"], "patch", f"actions/{row.pk}/", {"text": "New gauge"}, If_Match=seen)
    assert good.status_code == 200, good.content
    stale = call(crew["builder"], "patch", f"actions/{row.pk}/", {"text": "Old gauge"}, If_Match=seen)
    assert stale.status_code == 412
    assert good["ETag"] == call(crew["leader"], "get", f"actions/{row.pk}/")["ETag"]
    assert capa.actions.get(pk=row.pk).text == "New gauge"


@pytest.mark.parametrize("name", ["causes", "criteria"])
def test_causes_and_criteria_heed_the_version_that_was_seen(call, to_capa, crew, name):
    capa = to_capa("root_cause")
    made = {
        "causes": lambda: services.add_cause(capa, kind="escape", statement="No gauge", by=crew["leader"]),
        "criteria": lambda: services.fix_criterion(
            capa, metric="mean", direction="higher", window_days=20, by=crew["leader"]
        ),
    }[name]()
    change = {"causes": {"statement": "Gauge"}, "criteria": {"window_days": 30}}[name]
    answer = call(crew["leader"], "patch", f"{name}/{made.pk}/", change, If_Match=f'"{made.pk}-old"')
    assert answer.status_code == 412
    seen = call(crew["leader"], "get", f"{name}/{made.pk}/")["ETag"]
    assert call(crew["leader"], "patch", f"{name}/{made.pk}/", change, If_Match=seen).status_code == 200


def test_a_cause_is_taken_away_only_as_it_was_seen(call, to_capa, crew):
    row = services.add_cause(to_capa("root_cause"), kind="escape", statement="No gauge", by=crew["leader"])
    seen = call(crew["leader"], "get", f"causes/{row.pk}/")["ETag"]
    call(crew["leader"], "patch", f"causes/{row.pk}/", {"statement": "The gauge is worn"})
    assert call(crew["leader"], "delete", f"causes/{row.pk}/", "", If_Match=seen).status_code == 412
    now = call(crew["leader"], "get", f"causes/{row.pk}/")["ETag"]
    assert call(crew["leader"], "delete", f"causes/{row.pk}/", "", If_Match=now).status_code == 204
    assert call(crew["leader"], "delete", f"causes/{row.pk}/", "", If_Match=now).status_code == 404


def test_what_is_done_to_a_row_happens_only_to_the_version_that_was_seen(call, ncr, engineer):
    row = services.add_containment(ncr, place="wip", measure="Blocked", checked=12, found=2, by=engineer)
    seen = call(engineer, "get", f"containments/{row.pk}/")["ETag"]
    services.change_containment(row, quantity_found=5, by=engineer)
    refused = call(engineer, "post", f"containments/{row.pk}/verify/", {"how": "Counted"}, If_Match=seen)
    assert refused.status_code == 412
    row.refresh_from_db()
    assert row.verified_at is None
    assert call(engineer, "post", f"containments/{row.pk}/verify/", {"how": "Counted"}).status_code == 200


def test_an_action_is_dropped_as_seen_with_the_reason_in_its_history(call, to_capa, crew):
    capa = to_capa("implementation")
    row = capa.action_rows()[0]
    seen = call(crew["leader"], "get", f"actions/{row.pk}/")["ETag"]
    gone = call(crew["leader"], "post", f"actions/{row.pk}/cancel/", {"reason": "Gauge sold"}, If_Match=seen)
    assert gone.status_code == 200, gone.content
    acts = call(crew["leader"], "get", f"capas/{capa.pk}/history/").json()["results"]
    assert "Gauge sold" in [act["reason"] for act in acts]


def test_prevention_is_answered_by_api(call, to_capa, crew):
    capa, leader = to_capa("prevention"), crew["leader"]
    for kind in ("fmea", "control_plan", "document"):
        asked = {"capa": capa.pk, "kind": kind, "answer": "yes"}
        assert call(leader, "post", "document-updates/", asked).status_code == 400
        assert call(leader, "post", "document-updates/", {**asked, "reference": "FMEA-7 C"}).status_code == 201
    place = call(leader, "post", "read-across/", {"capa": capa.pk, "target": "Line L3"}).json()
    told = call(
        leader, "post", f"read-across/{place['id']}/answer/", {"answer": "not_applicable", "reason": "No press"}
    )
    assert told.json()["answered_by"]["name"] == leader.name
    moved = call(leader, "post", f"capas/{capa.pk}/advance/", {"step": "confirm_prevention", "password": PASSWORD})
    assert moved.json()["state"] == "effectiveness", moved.content


def test_figures_of_a_containment_are_corrected_by_api(call, ncr, engineer):
    row = services.add_containment(ncr, place="wip", measure="Blocked", by=engineer)
    good = call(engineer, "patch", f"containments/{row.pk}/", {"quantity_checked": 12, "quantity_found": 3})
    assert good.json()["quantity_found"] == 3, good.content


def test_what_a_nonconformity_cost_is_listed_by_api(call, ncr, engineer, auditor):
    booked = call(engineer, "post", f"nonconformities/{ncr.pk}/costs/", {"what": "Scrap", "amount": "12.50"})
    assert booked.status_code == 201, booked.content
    listed = call(auditor, "get", f"nonconformities/{ncr.pk}/costs/").json()["results"]
    assert [(row["what"], row["amount"]) for row in listed] == [("Scrap", "12.50")]
