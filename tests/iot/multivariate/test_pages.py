"""Characteristics judged together, on their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from governance.models import Characteristic
from tests.iot.multivariate.conftest import ROWS, released

pytestmark = pytest.mark.django_db
NEW = reverse("governance:together-new")


@pytest.fixture
def client(browser_of, engineer) -> Client:
    return browser_of(engineer)


def asked(members: list[Characteristic], **more: object) -> dict[str, object]:
    ids = [row.pk for row in members]
    return {"code": "M201", "name": "Together", "members": ids, "chart": "t2", "pair": "exact", "wait": "60", **more}


def test_the_dialog_of_a_characteristic_offers_its_neighbours(client, members) -> None:
    page = client.get(reverse("governance:together", args=[members[0].pk])).content.decode()
    assert all(row.name in page for row in members)
    assert "checked" in page


def test_several_are_judged_together_from_the_dialog(client, members) -> None:
    answer = client.post(NEW, asked(members))
    row = Characteristic.objects.get(code="M201")
    assert answer["Location"] == row.get_absolute_url()
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Judged together" in page
    assert "No vector is whole yet." in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alpha": "0.9"}, "between 0.000001 and 0.2"),
        ({"wait": "9999"}, "less than or equal to 600"),
        ({"code": ""}, "required"),
        ({"members": []}, "required"),
        ({"chart": "mewma", "arl": "5"}, "20 to 100,000 points"),
    ],
)
def test_what_cannot_be_is_said_in_the_dialog_and_what_was_typed_stays(client, members, change, words) -> None:
    answer = client.post(NEW, asked(members) | change)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "Together" in answer.content.decode()


def test_a_single_member_is_refused_with_the_reason(client, members) -> None:
    answer = client.post(NEW, asked(members[:1]))
    assert answer.status_code == 400
    assert "Two to 20 different characteristics" in answer.content.decode()


def test_other_members_are_asked_for_a_reason(client, together, members) -> None:
    row = together()
    url = reverse("governance:together-edit", args=[row.pk])
    assert "checked" in client.get(url).content.decode()
    change = asked([members[0], members[2]], stale_after="900", active="on")
    assert "Say why" in client.post(url, change).content.decode()
    assert client.post(url, change | {"reason": "Travel is measured elsewhere"}).status_code == 302
    row.refresh_from_db()
    assert row.design["members"] == [members[0].pk, members[2].pk]


def test_people_of_another_site_find_neither_chart_nor_members(browser_of, stranger, together) -> None:
    row, client = together(), browser_of(stranger)
    for url in (row.get_absolute_url(), reverse("governance:together-edit", args=[row.pk])):
        assert client.get(url).status_code == 404
    assert "Press-in force" not in client.get(NEW).content.decode()


def test_an_operator_is_offered_no_change(browser_of, operator, together) -> None:
    row, client = together(), browser_of(operator)
    assert "together/edit" not in client.get(row.get_absolute_url()).content.decode()
    assert client.get(NEW).status_code == 403


def test_a_member_leads_to_the_chart_that_holds_it(client, together, members) -> None:
    row = together()
    assert row.get_absolute_url() in client.get(members[1].get_absolute_url()).content.decode()


def test_the_page_names_the_variables_of_the_newest_vector(client, charted) -> None:
    page = client.get(charted.get_absolute_url()).content.decode()
    assert all(word in page for word in ("Press-in force", "Travel", "Torque", "driven by Torque (high)"))
    assert "T² of several characteristics" in page
    assert "Every vector was whole so far." in page


def test_missing_vectors_stand_on_the_page_with_their_reason(client, together, press) -> None:
    row = together(wait=5)
    press(ROWS[:1], only=(0, 2))
    press(ROWS[1:2], at=10)
    assert "Travel missing: nothing within 5 s" in client.get(row.get_absolute_url()).content.decode()


def test_a_point_shows_what_each_variable_has_to_do_with_it(client, charted) -> None:
    page = client.get(reverse("iot:point", args=[charted.pk, 42])).content.decode()
    assert "Torque" in page
    assert "58.0" in page


def test_the_list_of_characteristics_finds_filters_and_exports_it(client, charted) -> None:
    url = reverse("iot:characteristics")
    assert "M201" in client.get(url, {"chart": "t2"}).content.decode()
    assert "M201" not in client.get(url, {"chart": "i-mr"}).content.decode()
    assert "M201" in client.get(url, {"q": "all together", "sort": "-code"}).content.decode()
    assert client.get(url, {"export": "xlsx"}).getvalue().startswith(b"PK")


def test_its_points_are_listed_and_exported_with_their_values(client, charted) -> None:
    url = reverse("iot:points", args=[charted.pk])
    assert "8.6, 20, 58" in client.get(url).content.decode()
    text = b"".join(client.get(url, {"export": "csv"})).decode("utf-8-sig")
    assert len(text.splitlines()) == 44


def test_the_limits_show_the_mean_vector_and_are_proposed_from_the_page(client, together, press, start) -> None:
    row = together()
    press(ROWS[:40])
    answer = client.post(reverse("iot:propose", args=[row.pk]), {"reason": "First limits"})
    page = client.get(answer["Location"]).content.decode()
    assert "mean vector and sample covariance" in page
    assert "Torque" in page


def test_too_few_vectors_give_no_limits_and_say_so(client, together, press) -> None:
    row = together()
    press(ROWS[:3])
    answer = client.post(reverse("iot:propose", args=[row.pk]), {"reason": "First limits"})
    assert answer.status_code == 400
    assert "at least" in answer.content.decode()


def test_the_overview_counts_its_signal(client, charted) -> None:
    page = client.get(reverse("iot:overview"), {"state": "signal"}).content.decode()
    assert "M201" in page


def test_the_palette_finds_it(client, browser_of, stranger, together) -> None:
    row = together()
    for typed in ("m201", "all together"):
        assert row.get_absolute_url() in client.get(reverse("web:palette"), {"q": typed}).content.decode()
    hidden = browser_of(stranger).get(reverse("web:palette"), {"q": "m201"}).content.decode()
    assert row.get_absolute_url() not in hidden


def test_the_chart_is_drawn_for_print_and_as_data(client, charted) -> None:
    assert client.get(reverse("iot:chart-svg", args=[charted.pk])).content.startswith(b"<svg")
    data = client.get(reverse("iot:chart-data", args=[charted.pk])).json()
    assert [point["n"] for point in data["points"] if point["rules"]] == [42, 43]


def test_a_version_of_limits_that_waits_is_shown_as_such(client, together, press, start) -> None:
    row = together()
    press(ROWS[:40])
    released(row, start + timedelta(days=1))
    assert "driven by" not in client.get(row.get_absolute_url()).content.decode()
