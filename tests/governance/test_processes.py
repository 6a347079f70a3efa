"""Processes: their list, their page, their stations, their API."""

from __future__ import annotations

import pytest
from django.urls import reverse

from governance.models import Process
from governance.services import add_equipment, add_process, run_process_at
from qms.core.errors import Invalid, Refused

pytestmark = pytest.mark.django_db
API = "/api/v1/processes/"


@pytest.fixture
def pressing(site, engineer) -> Process:
    return add_process(site=site, code="PRS", name="Pressing", by=engineer)


def test_an_empty_list_says_what_a_process_is(browser_of, engineer):
    page = browser_of(engineer).get(reverse("governance:processes")).content.decode()
    assert "such as pressing or reflow soldering" in page
    assert "New process" in page


def test_the_list_filters_sorts_and_exports(browser_of, engineer, site, pressing, force):
    add_process(site=site, code="WLD", name="Welding", by=engineer)
    run_process_at(pressing, station=force.station, by=engineer)
    browser, url = browser_of(engineer), reverse("governance:processes")
    assert "Welding" not in browser.get(url, {"station": "s30"}).content.decode()
    assert "Pressing" in browser.get(url, {"sort": "-measured"}).content.decode()
    rows = browser.get(url, {"export": "csv"}).getvalue().decode().splitlines()
    assert rows[1:] == ["PRS,Pressing,1,1,NV1,In use", "WLD,Welding,0,0,NV1,In use"]


def test_a_process_is_made_and_changed_in_dialogs(browser_of, engineer, site):
    browser = browser_of(engineer)
    fields = {"site": site.pk, "code": "PRS", "name": "Pressing"}
    made = browser.post(reverse("governance:process-new"), fields)
    process = Process.objects.get()
    assert made.url == process.get_absolute_url()
    browser.post(reverse("governance:process-edit", args=[process.pk]), {"code": "PRS", "name": "Press-in"})
    process.refresh_from_db()
    assert (process.name, process.active) == ("Press-in", False)


def test_the_page_shows_stations_and_what_is_measured(browser_of, engineer, pressing, force):
    browser = browser_of(engineer)
    url = reverse("governance:process-station", args=[pressing.pk])
    assert browser.post(url, {"station": force.station_id}).url == pressing.get_absolute_url()
    page = browser.get(pressing.get_absolute_url()).content.decode()
    assert "Press-in force" in page
    assert "1 measured" in page


def test_a_station_where_nothing_is_measured_is_refused(site, engineer, pressing, press):
    idle = add_equipment(site=site, level="station", code="S40", parent=press.parent, by=engineer)
    with pytest.raises(Refused, match="Nothing is measured"):
        run_process_at(pressing, station=idle, by=engineer)


def test_a_line_is_no_station(engineer, pressing, press):
    with pytest.raises(Invalid, match="Choose a station"):
        run_process_at(pressing, station=press.parent, by=engineer)


def test_a_process_of_another_site_is_404(browser_of, stranger, pressing):
    assert browser_of(stranger).get(pressing.get_absolute_url()).status_code == 404


def test_the_api_makes_assigns_and_lists_the_stations(client_of, engineer, force):
    client = client_of(engineer)
    made = client.post(API, {"site": "NV1", "code": "PRS", "name": "Pressing"})
    assert made.status_code == 201
    one = f"{API}{made.json()['id']}/"
    assert client.post(f"{one}stations/", {"station": force.station_id}).status_code == 200
    assert [row["code"] for row in client.get(f"{one}stations/").json()["results"]] == ["S30"]
    assert [row["code"] for row in client.get(API, {"station": "S30"}).json()["results"]] == ["PRS"]


def test_a_change_heeds_if_match(client_of, engineer, pressing):
    client, url = client_of(engineer), f"{API}{pressing.pk}/"
    seen = client.get(url)["ETag"]
    assert client.get(url, headers={"If-None-Match": seen}).status_code == 304
    changed = client.patch(url, {"name": "Press-in"}, headers={"If-Match": seen})
    assert (changed.status_code, changed.json()["name"]) == (200, "Press-in")
    refused = client.patch(url, {"name": "Pressing"}, headers={"If-Match": seen})
    assert (refused.status_code, refused["Content-Type"]) == (412, "application/problem+json")
    assert client.get(url)["ETag"] == changed["ETag"]


def test_a_repeated_request_makes_one_process(client_of, engineer, site):
    client, fields = client_of(engineer), {"site": "NV1", "code": "PRS", "name": "Pressing"}
    answers = [client.post(API, fields, headers={"Idempotency-Key": "p-1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Process.objects.count() == 1


def test_an_operator_makes_no_process(client_of, operator, site):
    assert client_of(operator).post(API, {"site": "NV1", "code": "PRS", "name": "Pressing"}).status_code == 403
