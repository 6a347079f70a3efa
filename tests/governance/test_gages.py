"""Gages: their state, calibrations, tasks, pages and API."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from governance.models import Calibration, Gage, GageState
from governance.queries import behind_characteristic, valid_until
from governance.services import (
    add_calibration,
    add_gage,
    edit_gage,
    set_gage_status,
    tend_gages,
    withdraw_calibration,
)
from qms.core.actor import system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Task, Trail, User
from qms.core.trail import acting

pytestmark = pytest.mark.django_db
API = "/api/v1/gages/"


def ago(days: int) -> date:
    """A day so many days before today."""
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def calliper(site, engineer, force) -> Gage:
    return add_gage(site=site, code="G-017", name="Digital calliper", by=engineer, characteristics=[force], unit="mm")


def calibrated(gage: Gage, days: int, engineer, result: str = "pass") -> Gage:
    add_calibration(gage, on=ago(days), result=result, certificate=f"K{days}", by=engineer)
    gage.refresh_from_db()
    return gage


@pytest.mark.parametrize(
    ("days", "state"),
    [(10, GageState.IN_USE), (340, GageState.DUE_SOON), (400, GageState.OVERDUE)],
)
def test_the_state_follows_from_the_last_calibration(calliper, engineer, days, state):
    assert calibrated(calliper, days, engineer).state == state


def test_a_gage_that_was_never_calibrated_is_overdue_and_asked_for(calliper):
    assert calliper.state == GageState.OVERDUE
    task = Task.objects.get()
    assert (task.title, task.role, task.done_at) == ("Calibrate G-017 Digital calliper", "engineer", None)


def test_the_due_date_is_computed_on_the_calendar(calliper):
    assert calliper.after(date(2024, 2, 29)) == date(2025, 2, 28)
    calliper.interval_months, calliper.interval_days = 1, 10
    assert calliper.after(date(2026, 1, 31)) == date(2026, 3, 10)


def test_a_calibration_answers_the_task_and_the_next_one_is_asked_for_in_time(calliper, engineer):
    calibrated(calliper, 0, engineer)
    assert not Task.objects.filter(done_at=None).exists()
    assert tend_gages(by=system("tests")) == 0
    edit_gage(calliper, by=engineer, interval_months=0, interval_days=20)
    task = Task.objects.get(done_at=None)
    assert task.due is not None
    assert timezone.localdate(task.due) == ago(-20)


def test_the_clock_asks_once(calliper, engineer):
    calibrated(calliper, 0, engineer)
    with acting(system("tests")):
        Gage.objects.update(next_due=ago(-5), warn_from=ago(25))
    assert [tend_gages(by=system("tests")) for _ in range(2)] == [1, 0]


def test_the_responsible_person_is_asked_by_name(site, engineer):
    add_gage(site=site, code="G-1", name="Scale", by=engineer, owner=User.objects.get(pk=engineer.id))
    assert Task.objects.get().owner_id == engineer.id


def test_a_failed_calibration_blocks_the_gage_and_names_the_day_of_doubt(calliper, engineer):
    calibrated(calliper, 200, engineer)
    gage = calibrated(calliper, 1, engineer, result="fail")
    assert (gage.state, gage.doubtful_since) == (GageState.BLOCKED, ago(200))
    assert Task.objects.get(done_at=None).title == "G-017 Digital calliper failed its calibration"


def test_a_failed_gage_comes_back_by_a_good_calibration_alone(calliper, engineer):
    gage = calibrated(calliper, 1, engineer, result="fail")
    with pytest.raises(Refused, match="failed"):
        set_gage_status(gage, "in_use", reason="looks fine", by=engineer)
    assert calibrated(gage, 0, engineer, result="adjusted").state == GageState.IN_USE
    assert not Task.objects.filter(done_at=None).exists()


def test_a_calibration_taken_back_counts_no_more(calliper, engineer):
    calibrated(calliper, 300, engineer)
    calibrated(calliper, 1, engineer)
    withdraw_calibration(Calibration.objects.order_by("-on")[0], reason="another gage", by=engineer)
    calliper.refresh_from_db()
    assert calliper.last_on == ago(300)
    assert Trail.objects.filter(tbl="governance_calibration", reason="another gage").exists()


def test_a_day_to_come_is_refused(calliper, engineer):
    with pytest.raises(Invalid, match="still to come"):
        add_calibration(calliper, on=ago(-1), result="pass", by=engineer)


def test_a_range_upside_down_and_no_interval_are_refused_by_field(site, engineer):
    with pytest.raises(Invalid) as refused:
        add_gage(site=site, code="G", name="G", by=engineer, range_low=2, range_high=1, interval_months=0)
    assert set(refused.value.errors) == {"interval_months", "range_high"}


def test_an_operator_enters_no_calibration(calliper, operator):
    with pytest.raises(Denied):
        add_calibration(calliper, on=ago(0), result="pass", by=operator)


def test_an_overdue_gage_is_named_behind_its_characteristic(calliper, engineer, force):
    calibrated(calliper, 400, engineer)
    (one,) = behind_characteristic(force, actor=engineer)
    assert "was due for calibration" in one.warnings[0]
    assert (one.doubt.count, one.doubt.since.date()) == (0, calliper.next_due)


def test_a_study_holds_as_long_as_the_gage_says(calliper):
    calliper.study_months = 6
    assert valid_until(calliper, datetime(2026, 1, 31, tzinfo=timezone.get_current_timezone())) == date(2026, 7, 31)


def test_the_list_filters_by_state_and_exports(browser_of, engineer, site, calliper):
    calibrated(add_gage(site=site, code="G-018", name="Scale", by=engineer), 1, engineer)
    browser, url = browser_of(engineer), reverse("governance:gages")
    page = browser.get(url, {"state": "overdue"}).content.decode()
    assert "G-017" in page
    assert "G-018" not in page
    rows = browser.get(url, {"export": "csv", "sort": "code"}).getvalue().decode().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["G-017", "G-018"]


def test_an_empty_list_says_what_a_gage_is(browser_of, engineer, site):
    assert (
        "what a characteristic is measured with"
        in browser_of(engineer).get(reverse("governance:gages")).content.decode()
    )


def test_refused_input_stays_in_the_form(browser_of, engineer, site):
    fields = {"site": site.pk, "code": "G-9", "name": "Bore gage", "kind": "length", "interval_months": 0,
              "interval_days": 0, "warn_days": 30, "study_months": 12}  # fmt: skip
    answer = browser_of(engineer).post(reverse("governance:gage-new"), fields)
    assert answer.status_code == 400
    assert "Bore gage" in answer.content.decode()
    assert "never due" in answer.content.decode()


def test_what_a_gage_measures_is_chosen_in_the_form(browser_of, engineer, site, force):
    fields = {"site": site.pk, "code": "G-9", "name": "Bore gage", "kind": "length", "interval_months": 12,
              "interval_days": 0, "warn_days": 30, "study_months": 12, "characteristics": [force.pk],
              "station": force.station_id}  # fmt: skip
    answer = browser_of(engineer).post(reverse("governance:gage-new"), fields)
    assert answer.status_code == 302, answer.content.decode()
    assert list(Gage.objects.get(code="G-9").characteristics.all()) == [force]


def test_a_certificate_is_kept_and_given_out(browser_of, engineer, calliper, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    browser = browser_of(engineer)
    file = SimpleUploadedFile("k-1.pdf", b"%PDF-1.4\n%%EOF\n")
    fields = {"on": ago(1).isoformat(), "result": "pass", "certificate": "K-1", "file": file}
    assert browser.post(reverse("governance:calibration-new", args=[calliper.pk]), fields).status_code == 302
    one = Calibration.objects.get()
    given = browser.get(reverse("governance:certificate", args=[calliper.pk, one.pk]))
    assert b"".join(given.streaming_content) == b"%PDF-1.4\n%%EOF\n"
    assert "K-1" in browser.get(calliper.get_absolute_url()).content.decode()


def test_a_gage_of_another_site_is_404(browser_of, stranger, calliper):
    assert browser_of(stranger).get(calliper.get_absolute_url()).status_code == 404


def test_the_api_makes_calibrates_and_lists(client_of, engineer, force):
    client = client_of(engineer)
    made = client.post(API, {"site": "NV1", "code": "G-1", "name": "Load cell", "characteristics": [force.pk]})
    assert (made.status_code, made.json()["state"]) == (201, "overdue")
    one = f"{API}{made.json()['id']}/"
    sent = client.post(f"{one}calibrations/", {"on": ago(3).isoformat(), "result": "pass", "certificate": "K1"})
    assert sent.status_code == 201
    assert client.get(one).json()["state"] == "in_use"
    assert [row["certificate"] for row in client.get(f"{one}calibrations/").json()["results"]] == ["K1"]
    assert [row["code"] for row in client.get(API, {"state": "in_use"}).json()["results"]] == ["G-1"]


def test_the_api_says_what_is_behind_a_characteristic(client_of, engineer, calliper, force):
    (row,) = client_of(engineer).get(f"/api/v1/characteristics/{force.pk}/measurement/").json()["results"]
    assert (row["code"], row["state"], row["doubt"]["count"]) == ("G-017", "overdue", 0)


def test_a_change_by_the_api_heeds_if_match(client_of, engineer, calliper):
    client, url = client_of(engineer), f"{API}{calliper.pk}/"
    seen = client.get(url)["ETag"]
    assert client.patch(url, {"name": "Calliper"}, headers={"If-Match": seen}).json()["name"] == "Calliper"
    assert client.patch(url, {"name": "Other"}, headers={"If-Match": seen}).status_code == 412
