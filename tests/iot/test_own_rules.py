"""Rule sets of one's own on a live chart: judged, shown with their price, signed with the limits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from governance.services import edit_characteristic
from iot import queries
from iot.charting.plan import rule_marks
from iot.models import Signal, Subgroup
from iot.services import propose_limits
from qms.core.errors import Invalid
from qms.core.trail import acting, reading
from tests.iot.conftest import TESTS

pytestmark = pytest.mark.django_db
THREE_OF_FOUR = {"test": "beyond", "needed": 3, "window": 4, "sigmas": 2}
FOUR_UP = {"test": "trend", "window": 4}
NEAR = [8.6, 8.62, 8.58] * 10


@pytest.fixture
def own(characteristic):
    """Press-in force with rule 1 and two rules of its own."""
    return edit_characteristic(characteristic, rules=["nelson_1"], own_rules=[THREE_OF_FOUR, FOUR_UP], by=TESTS)


def test_an_own_rule_is_stored_with_all_it_needs(own):
    assert own.own_rules == [THREE_OF_FOUR, {"test": "trend", "needed": 4, "window": 4, "sigmas": 0}]


def test_an_own_rule_raises_a_signal_in_words(own, limits_for, measure, start):
    limits_for(own, since=start - timedelta(hours=1))
    measure([8.6, 8.82, 8.83, 8.6, 8.82])
    signal = Signal.objects.get()
    assert (signal.rule, signal.words) == ("own_1", "3 of 4 points beyond 2σ, high side")
    assert rule_marks(Subgroup.objects.get(n=5).mask) == ("O1",)


def test_the_set_is_signed_with_the_limits(own, measure):
    measure(NEAR)
    with acting(TESTS):
        limits = propose_limits(own, reason="First limits", by=TESTS)
    assert limits.content("approved")["rules"] == ["nelson_1", *own.own_rules]


def test_limits_judge_by_the_set_they_were_signed_with(own, measure, start):
    measure(NEAR)
    with acting(TESTS):
        limits = propose_limits(own, reason="First limits", by=TESTS, effective_from=start + timedelta(seconds=40))
        limits.state = "in_force"
        limits.save()
    edit_characteristic(own, rules=["nelson_2"], own_rules=[], by=TESTS)
    measure([8.58, 8.59, 8.6, 8.61], at=50)
    assert Signal.objects.get().rules == ["own_2"]


def test_the_page_says_that_other_rules_wait_for_new_limits(own, measure, start, engineer, browser_of):
    measure(NEAR)
    with acting(TESTS):
        limits = propose_limits(own, reason="First limits", by=TESTS, effective_from=start)
        limits.state = "in_force"
        limits.save()
    browser = browser_of(engineer)
    assert "Other rules were chosen" not in browser.get(own.get_absolute_url()).content.decode()
    edit_characteristic(own, rules=["nelson_2"], own_rules=[], by=TESTS)
    assert "Other rules were chosen" in browser.get(own.get_absolute_url()).content.decode()
    assert "Own 1: 3 of 4 points" in browser.get(limits.get_absolute_url()).content.decode()


def test_the_point_names_the_own_rule_it_breaks(own, limits_for, measure, start, engineer, browser_of):
    limits_for(own, since=start - timedelta(hours=1))
    measure([8.57, 8.58, 8.59, 8.6])
    page = browser_of(engineer).get(reverse("iot:point", args=[own.pk, 4])).content.decode()
    assert "Own 2: 4 points in a row rising or falling" in page


def test_the_price_of_own_rules_stands_beside_the_picker(engineer, browser_of):
    asked = {"rules": "nelson_1", "own_rules": "1 beyond 2 sigma on one side"}
    answer = browser_of(engineer).get(reverse("governance:rules-price"), asked)
    assert answer.content.decode() == "While nothing changes, these rules give one false alarm in 22 points."


def test_a_line_that_is_no_rule_is_named_beside_the_picker(engineer, browser_of):
    answer = browser_of(engineer).get(reverse("governance:rules-price"), {"own_rules": "7 rising\nnonsense"})
    assert answer.content.decode().startswith("Line 2: 'nonsense' is no rule.")


def test_own_rules_are_written_in_the_dialog(characteristic, engineer, browser_of):
    fields = {
        "code": "C201", "name": "Press-in force", "chart": "i-mr", "subgroup_size": 1, "decimals": 3,
        "own_rules": "3 of 4 beyond 2 sigma on one side", "stale_after": 300, "critical": "", "reason": "Tighter",
    }  # fmt: skip
    browser, url = browser_of(engineer), reverse("governance:characteristic-edit", args=[characteristic.pk])
    assert browser.post(url, fields).status_code == 302
    characteristic.refresh_from_db()
    assert (characteristic.rules, characteristic.own_rules) == ([], [THREE_OF_FOUR])
    assert "3 of 4 points beyond 2σ on one side" in browser.get(url).content.decode()


def test_a_chart_without_any_rule_is_refused_in_the_dialog(characteristic, engineer, browser_of):
    fields = {"code": "C201", "name": "Press-in force", "chart": "i-mr", "subgroup_size": 1, "decimals": 3,
              "stale_after": 300, "reason": "None"}  # fmt: skip
    url = reverse("governance:characteristic-edit", args=[characteristic.pk])
    assert "Pick at least one rule" in browser_of(engineer).post(url, fields).content.decode()


def test_own_rules_are_set_and_priced_by_api(characteristic, engineer, browser_of):
    client, url = browser_of(engineer), f"/api/v1/characteristics/{characteristic.pk}/"
    data = {"rules": ["nelson_1"], "own_rules": [{"test": "beyond", "window": 1, "sigmas": 2}]}
    assert client.patch(url, data, content_type="application/json").status_code == 200
    found = client.get(f"{url}rules/").json()
    assert [one["mark"] for one in found["rules"]] == ["1", "O1"]
    assert found["in_control_run_length"] == pytest.approx(21.98, abs=0.01)


@pytest.mark.parametrize(
    ("own_rules", "words"),
    [
        ([{"test": "trend", "needed": 2, "window": 5}], "cannot be evaluated"),
        ([FOUR_UP] * 9, "up to 8"),
        (["nelson_1"], "list of objects"),
        ([{"test": "odd", "window": 2}], "a test"),
    ],
)
def test_an_own_rule_that_cannot_be_is_refused(characteristic, own_rules, words):
    with pytest.raises(Invalid, match=words):
        edit_characteristic(characteristic, own_rules=own_rules, by=TESTS)


def test_a_chart_with_a_memory_has_the_price_of_its_design(characteristic, engineer):
    row = edit_characteristic(characteristic, chart="moving-average", design={"span": 5}, by=TESTS)
    with reading(engineer):
        assert 450 < queries.rules_json(row)["in_control_run_length"] < 650
