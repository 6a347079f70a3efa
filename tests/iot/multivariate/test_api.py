"""Characteristics judged together, by API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.models import Characteristic
from iot.models import VectorGap
from qms.core.models import Trail
from tests.iot.multivariate.conftest import ROWS

pytestmark = pytest.mark.django_db
URL = "/api/v1/multivariate-characteristics/"


@pytest.fixture
def api(browser_of, engineer) -> Client:
    """A signed-in client that speaks JSON."""
    return browser_of(engineer)


def post(client: Client, data: object, url: str = URL) -> Any:
    return client.post(url, data, content_type="application/json")


def patch(client: Client, row: Characteristic, data: object, **headers: str) -> Any:
    return client.patch(f"{URL}{row.pk}/", data, content_type="application/json", headers=headers)


def asked(members: list[Characteristic], **more: object) -> dict[str, object]:
    return {"code": "M201", "name": "Press, all together", "members": [row.pk for row in members], **more}


def test_several_are_judged_together(api, members) -> None:
    answer = post(api, asked(members, chart="mewma", weight=0.2, pair="window", wait=5))
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["chart"], made["path"]) == ("mewma", "nv1/asm/l2/s30/m201")
    ids = [row.pk for row in members]
    assert made["design"] == {"members": ids, "pair": "window", "wait": 5.0, "weight": 0.2}
    assert answer["ETag"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chart": "i-mr"}, "chart"),
        ({"alpha": 0.9}, "between 0.000001 and 0.2"),
        ({"chart": "mewma", "weight": 3}, "weight"),
        ({"wait": 4000}, "up to 600 seconds"),
        ({"pair": "guess"}, "pair"),
        ({"code": ""}, "code"),
        ({"members": []}, "members"),
    ],
)
def test_what_cannot_be_judged_together_is_refused_with_the_reason(api, members, change, words) -> None:
    answer = post(api, asked(members) | change)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert words in str(answer.json())
    assert not Characteristic.objects.filter(chart__in=["t2", "mewma"]).exists()


def test_one_variable_or_the_same_twice_is_no_vector(api, members) -> None:
    assert post(api, asked(members[:1])).status_code == 400
    answer = post(api, asked([members[0], members[0]]))
    assert answer.status_code == 400
    assert "different characteristics" in str(answer.json())


def test_a_member_that_is_not_there_is_named(api, members) -> None:
    answer = post(api, asked(members) | {"members": [members[0].pk, 999_999]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/members"
    assert "999999" in str(answer.json())


def test_a_code_that_is_taken_is_refused(api, members, together) -> None:
    together()
    answer = post(api, asked(members))
    assert answer.status_code == 400
    assert "choose another code" in str(answer.json())


def test_other_members_need_a_reason_in_the_history_and_a_fresh_version(api, together, members) -> None:
    row = together()
    seen = api.get(f"{URL}{row.pk}/")["ETag"]
    change = {"members": [members[0].pk, members[2].pk], "reason": "Travel is measured elsewhere"}
    assert patch(api, row, change, **{"If-Match": seen}).status_code == 200
    row.refresh_from_db()
    assert row.design["members"] == change["members"]
    assert Trail.objects.filter(tbl="governance_characteristic", reason=change["reason"]).exists()
    assert patch(api, row, change, **{"If-Match": seen}).status_code == 412


def test_what_is_left_out_of_a_change_stays(api, together) -> None:
    row = together(alpha=0.01, wait=5)
    assert patch(api, row, {"name": "Press"}).status_code == 200
    row.refresh_from_db()
    assert (row.name, row.design["alpha"], row.design["wait"]) == ("Press", 0.01, 5)


def test_the_variables_of_a_signal_say_which_of_them_drive_it(api, charted, signal) -> None:
    found = api.get(f"{URL}{charted.pk}/variables/", {"n": signal.first_point}).json()["results"]
    assert [one["code"] for one in found] == ["C201", "C210", "C211"]
    assert [one["drives"] for one in found] == [False, False, True]
    torque = found[2]
    assert torque["value"] == 58.0
    assert torque["deviation"] == pytest.approx((58.0 - torque["mean"]) / torque["sigma"])
    newest = api.get(f"{URL}{charted.pk}/variables/").json()["results"]
    assert newest[2]["value"] == 58.5
    assert api.get(f"{URL}{charted.pk}/variables/", {"n": 9999}).json()["results"][0]["value"] is None


def test_vectors_that_are_missing_are_listed_with_the_reason(api, together, press) -> None:
    row = together(wait=5)
    press(ROWS[:1], only=(0, 2))
    press(ROWS[1:2], at=10)
    found = api.get(f"{URL}{row.pk}/missing/").json()["results"]
    assert [one["reason"] for one in found] == [VectorGap.objects.get().reason]


def test_the_list_is_filtered_sorted_and_empty_elsewhere(api, together, browser_of, stranger) -> None:
    assert api.get(URL).json()["results"] == []
    row = together()
    for query, expected in (({"chart": "t2"}, [row.pk]), ({"chart": "mewma"}, []), ({"active": "false"}, [])):
        assert [one["id"] for one in api.get(URL, query).json()["results"]] == expected
    assert api.get(URL, {"ordering": "-code"}).status_code == 200
    assert browser_of(stranger).get(URL).json()["results"] == []


def test_another_site_finds_nothing_and_joins_nothing(browser_of, stranger, together, members) -> None:
    row, client = together(), browser_of(stranger)
    for url in (f"{URL}{row.pk}/", f"{URL}{row.pk}/variables/", f"{URL}{row.pk}/missing/"):
        assert client.get(url).status_code == 404
    assert patch(client, row, {"name": "Mine"}).status_code in (403, 404)
    assert post(client, asked(members)).status_code in (400, 403)


def test_an_operator_sees_but_does_not_change(browser_of, operator, together, members) -> None:
    row, client = together(), browser_of(operator)
    assert client.get(f"{URL}{row.pk}/").status_code == 200
    assert patch(client, row, {"name": "Mine"}).status_code == 403
    assert post(client, asked(members)).status_code == 403


def test_its_chart_is_that_of_any_characteristic(api, charted) -> None:
    data = api.get(f"/api/v1/characteristics/{charted.pk}/chart/").json()
    assert len(data["points"]) == 43
    assert data["points"][-1]["rules"]
    assert api.get(f"/api/v1/signals/?characteristic={charted.pk}").json()["results"][0]["words"].startswith("T²")
