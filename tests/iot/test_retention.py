"""What a retention class lets go of, and what keeps it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from governance.models import Parameter
from iot import queries, services
from iot.ingest.store import store
from iot.models import Correction, Reading, RetentionRun, StoredReading, Subgroup
from iot.rollups.folding import fold
from iot.storage.closing import close_days
from iot.storage.dropping import drop, drop_empty_parts, limits_at
from iot.tasks import keep_storage
from qms.core.actor import system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Trail
from qms.core.trail import acting
from tests.iot.test_closed_days import DAY, answers, batch, put

BY = system("tests")
LONG = timedelta(days=60)  # before the days that other tests fill
BACK = -int(LONG.total_seconds()) * 1_000_000
pytestmark = pytest.mark.django_db


@pytest.fixture
def parameter(characteristic) -> Parameter:
    """A parameter with two days of readings, 72 and 12 days ago, and the roll-ups of them."""
    row = characteristic.parameter
    put(batch(row.pk, BACK + np.arange(300) * 1_000_000, 8.6 + np.arange(300) % 9 / 100))
    put(batch(row.pk, np.arange(100) * 1_000_000, np.full(100, 8.6)))
    fold(seconds=30)
    return row


def let_go(parameter: Parameter, **days: int) -> None:
    """A class of the parameter's own."""
    kept = services.add_retention_class(name="short", by=BY, **days)
    services.set_retention(parameter, retention_class=kept, hold=False, by=BY)


def test_everything_is_kept_until_somebody_says_otherwise(parameter):
    assert services.drop_expired(by=BY) is None
    assert Reading.objects.count() == 400


@pytest.mark.parametrize("packed", [False, True])
def test_old_readings_go_and_their_roll_ups_stay(characteristic, parameter, packed):
    since, until = DAY - LONG, DAY + timedelta(days=1)
    before = answers(characteristic, since, until)
    let_go(parameter, raw_days=31)
    if packed:
        close_days(timezone.now())
    run = services.drop_expired(by=BY)
    assert (run.days, run.readings, run.held_back) == (1, 300, 0)
    assert StoredReading.objects.count() == 100
    assert answers(characteristic, since, until)[6] == before[6] == 400


def test_a_day_that_no_roll_up_holds_whole_is_held_back(parameter):
    let_go(parameter, raw_days=31)
    with connection.cursor() as cursor:
        cursor.execute("update iot_rollup set n = n - 1 where width = 3600")
    assert (services.drop_expired(by=BY).held_back, Reading.objects.count()) == (1, 400)


def test_a_hold_keeps_everything(parameter):
    let_go(parameter, raw_days=31)
    kept = parameter.retention.retention_class
    services.set_retention(parameter, retention_class=kept, hold=True, hold_reason="complaint 12", by=BY)
    assert services.drop_expired(by=BY) is None
    assert Reading.objects.count() == 400


def test_a_hold_without_a_reason_is_refused(parameter):
    with pytest.raises(Invalid, match="held for"):
        services.set_retention(parameter, retention_class=None, hold=True, by=BY)


def test_the_next_run_is_told_before_it_drops(parameter):
    let_go(parameter, raw_days=31)
    told = queries.next_run(BY).whole
    assert (told.days, told.readings, told.held_back) == (1, 300, 0)
    assert Reading.objects.count() == 400


def test_a_reading_from_before_what_is_kept_is_refused_with_the_reason(parameter):
    let_go(parameter, raw_days=31)
    services.drop_expired(by=BY)
    with acting(BY):
        done = store(batch(parameter.pk, [BACK + 500_000], [8.6]), now=timezone.now())
    assert done.refused[0][0] == "store.expired"
    assert not len(done.inserted)


def test_a_correction_of_what_is_gone_is_refused(parameter):
    let_go(parameter, raw_days=31)
    services.drop_expired(by=BY)
    row = Correction.objects.create(
        parameter=parameter, t=DAY - LONG, seq=0, stored=8.6, heard=9.1, heard_at=timezone.now()
    )
    with pytest.raises(Refused, match="kept since"):
        services.decide_correction(row, accept=True, reason="calibrated", by=BY)


def test_hours_go_when_their_day_holds_them(characteristic, parameter):
    let_go(parameter, raw_days=31, minute_days=31, ten_minute_days=31, hour_days=31)
    services.drop_expired(by=BY)
    with connection.cursor() as cursor:
        cursor.execute("select distinct width from iot_rollup where bucket < %s", [DAY - LONG + timedelta(days=1)])
        assert cursor.fetchall() == [(86400,)]
    assert answers(characteristic, DAY - LONG, DAY + timedelta(days=1))[6] == 400


def test_a_wider_roll_up_is_kept_at_least_as_long(parameter):
    with pytest.raises(Invalid, match="At least as long"):
        services.add_retention_class(name="odd", raw_days=90, minute_days=40, by=BY)


def test_a_class_of_fewer_days_than_a_month_is_refused():
    with pytest.raises(Invalid):
        services.add_retention_class(name="odd", raw_days=5, by=BY)


def test_a_run_and_a_class_are_in_the_trail(parameter):
    let_go(parameter, raw_days=31)
    services.drop_expired(by=BY)
    kept = set(Trail.objects.filter(tbl__startswith="iot_retention").values_list("tbl", flat=True))
    assert kept == {"iot_retentionclass", "iot_retention", "iot_retentionrun"}


def test_the_nightly_job_packs_and_drops_and_says_so(parameter):
    told: list[float] = []

    class Job:
        def at(self, stage, share):
            told.append(share)

    let_go(parameter, raw_days=31)
    words = keep_storage(Job())()["words"]
    assert words == "100 readings of 1 days packed; 300 readings of 1 days dropped, 0 days held back"
    assert told == sorted(told)
    assert RetentionRun.objects.count() == 1


def test_months_that_hold_nothing_are_dropped_and_others_stay(parameter):
    services.make_partitions(since=date(2019, 1, 1), until=date(2019, 2, 1))
    services.make_partitions(since=(DAY - LONG).date(), until=DAY.date())
    assert drop_empty_parts(DAY) >= 2
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('iot_reading_2019_01')")
        assert cursor.fetchone() == (None,)
    assert Reading.objects.count() == 400


def test_points_of_readings_that_are_gone_stay_when_a_chart_is_judged_again(characteristic, parameter):
    with acting(BY):
        services.judge_since(characteristic.pk, DAY - LONG, by=BY)
    before = list(Subgroup.objects.order_by("n").values_list("n", "t", "mean"))
    let_go(parameter, raw_days=31)
    services.drop_expired(by=BY)
    with acting(BY):
        services.judge_since(characteristic.pk, DAY - LONG, by=BY)
    assert list(Subgroup.objects.order_by("n").values_list("n", "t", "mean")) == before
    assert len(before) == 400


def test_a_hold_that_comes_while_a_run_is_under_way_is_heeded(parameter):
    let_go(parameter, raw_days=31)
    now = timezone.now()
    assert [one.parameter for one in limits_at(now)] == [parameter.pk]
    services.set_retention(parameter, hold=True, hold_reason="complaint 12", by=BY)
    assert drop(parameter.pk, now=now).readings == 0
    assert Reading.objects.count() == 400


def test_more_days_than_can_be_counted_back_are_refused():
    with pytest.raises(Invalid, match="At most 36,500 days"):
        services.add_retention_class(name="odd", raw_days=2_147_483_647, by=BY)


def test_a_class_of_every_site_is_not_for_the_administrator_of_one(make_actor, site):
    with pytest.raises(Denied, match="everywhere"):
        services.add_retention_class(name="short", raw_days=31, by=make_actor("Nils", "admin", site=site))


def test_what_is_not_said_of_a_parameter_stays(parameter):
    services.set_retention(parameter, hold=True, hold_reason="complaint 12", by=BY)
    row = services.set_retention(parameter, retention_class=None, by=BY)
    assert (row.hold, row.hold_reason) == (True, "complaint 12")


def test_a_reason_that_holds_nothing_is_refused(parameter):
    with pytest.raises(Invalid, match="holds nothing"):
        services.set_retention(parameter, hold_reason="complaint 12", by=BY)


def test_a_hold_set_by_api_is_in_the_answer_and_changes_the_etag(parameter, browser_of, make_actor):
    client, path = browser_of(make_actor("Astrid", "owner")), f"/api/v1/retention/{parameter.pk}/"
    seen = client.get(path).headers["ETag"]
    answer = client.patch(path, {"hold": True, "hold_reason": "complaint 12"}, content_type="application/json")
    assert (answer.status_code, answer.json()["hold"], answer.headers["ETag"] == seen) == (200, True, False)
    stale = client.patch(path, {"hold": False}, content_type="application/json", headers={"If-Match": seen})
    assert stale.status_code == 412
