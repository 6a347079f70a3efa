"""Naming rules and moves of equipment, by API and page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from governance.models import NumberRule
from governance.services import add_equipment, edit_characteristic

pytestmark = pytest.mark.django_db
RULES = "/api/v1/naming-rules/"
RULE = {
    "site": "NV1", "target": "part", "pattern": r"[A-Z]{2}-\d{4}", "explanation": "Two letters, four digits",
    "accepted": ["PH-2290"], "refused": ["PH2290"],
}  # fmt: skip


def test_a_naming_rule_replaces_the_one_before(client_of, engineer, site):
    client = client_of(engineer)
    first = client.post(RULES, RULE).json()
    assert client.post(RULES, {**RULE, "pattern": r"[A-Z]{2}-\d+"}).status_code == 201
    assert client.get(f"{RULES}{first['id']}/").json()["active"] is False
    assert [row["pattern"] for row in client.get(RULES, {"active": "true"}).json()["results"]] == [r"[A-Z]{2}-\d+"]


def test_a_naming_rule_that_fails_its_test_strings_is_a_problem(client_of, engineer, site):
    answer = client_of(engineer).post(RULES, {**RULE, "pattern": ".*"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["pointer"] == "#/pattern"
    assert not NumberRule.objects.exists()


def test_the_page_lists_the_rules_in_use_beside_their_siblings(browser_of, engineer, client_of, site):
    client_of(engineer).post(RULES, RULE)
    page = browser_of(engineer).get(reverse("governance:rules"), {"active": "true"}).content.decode()
    assert "Two letters, four digits" in page
    assert reverse("governance:processes") in page


def test_a_station_moves_to_another_line_by_api(client_of, engineer, site, press):
    other = add_equipment(site=site, level="line", code="L3", parent=press.parent.parent, by=engineer)
    client, url = client_of(engineer), f"/api/v1/equipment/{press.pk}/"
    assert client.patch(url, {"parent": other.pk}).json()["parent"] == other.pk
    refused = client.patch(url, {"parent": None})
    assert refused.status_code == 400
    assert "cannot stand below the site itself" in refused.content.decode()


def test_equipment_does_not_move_below_what_one_cannot_see(client_of, engineer, press, elsewhere, stranger):
    foreign = add_equipment(site=elsewhere, level="line", code="L9", by=stranger)
    assert client_of(engineer).patch(f"/api/v1/equipment/{press.pk}/", {"parent": foreign.pk}).status_code == 404


def test_a_station_moves_on_its_page(browser_of, engineer, site, press):
    other = add_equipment(site=site, level="line", code="L3", parent=press.parent.parent, by=engineer)
    fields = {"parent": other.pk, "code": "S30", "name": "Press", "sequence": 0, "active": "on"}
    assert browser_of(engineer).post(reverse("governance:equipment", args=[press.pk]), fields).status_code == 302
    press.refresh_from_db()
    assert press.parent_id == other.pk


def test_the_price_of_rules_stands_beside_their_picker(browser_of, engineer):
    answer = browser_of(engineer).get(reverse("governance:rules-price"), {"rules": ["nelson_1", "no rule"]})
    assert answer.content.decode() == "While nothing changes, these rules give one false alarm in 370 points."


def test_the_dialog_of_a_characteristic_names_the_price_of_its_rules(browser_of, engineer, force):
    edit_characteristic(force, rules=["nelson_1"], by=engineer)
    page = browser_of(engineer).get(reverse("governance:characteristic-edit", args=[force.pk]))
    assert '<span class="hint" id="id_rules-h">While nothing changes, these rules give' in page.content.decode()
    assert "one false alarm in 370 points" in page.content.decode()


def test_the_design_of_a_chart_is_set_by_api(client_of, engineer, force):
    client, url = client_of(engineer), f"/api/v1/characteristics/{force.pk}/"
    assert client.patch(url, {"chart": "ewma", "design": {"weight": 0.1}}).json()["design"] == {"weight": 0.1}
    refused = client.patch(url, {"design": {"weight": 3}})
    assert refused.status_code == 400
    assert "weight λ from 0.01 to 1" in refused.content.decode()


def test_the_design_of_a_chart_is_set_in_the_dialog(browser_of, engineer, force):
    fields = {
        "code": "C201", "name": "Press-in force", "chart": "cusum", "subgroup_size": 1, "decimals": 3, "h": "4",
        "rules": ["nelson_1"], "stale_after": 300, "critical": "", "reason": "Small shifts",
    }  # fmt: skip
    page = browser_of(engineer)
    answer = page.post(reverse("governance:characteristic-edit", args=[force.pk]), fields)
    assert answer.status_code == 302, answer.content.decode()
    force.refresh_from_db()
    assert (force.chart, force.design) == ("cusum", {"h": 4.0})
