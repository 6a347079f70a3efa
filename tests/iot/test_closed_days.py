"""Closed days are packed, and nobody who asks notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iot import queries
from iot.ingest.store import store
from iot.models import Correction, Reading, StoredReading
from iot.readings import Readings
from iot.rollups.batch import roll_up
from iot.rollups.folding import fold
from iot.services import decide_correction
from iot.storage.closing import close_days
from iot.storage.pieces import open_again
from qms.core.actor import system
from qms.core.trail import acting

BY = system("tests")
DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=12)
START = int((DAY - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000


def batch(parameter: int, t, value, *, seq=0, flags=0, lot=None, late: int = 250_000) -> Readings:
    """Readings of a parameter at microseconds after the start of the day."""
    t = START + np.asarray(t, np.int64)
    count = len(t)
    texts = None if lot is None else np.array(lot, np.object_)
    return Readings(
        np.full(count, parameter, np.int32), t, np.broadcast_to(np.asarray(seq, np.int32), count).copy(),
        np.asarray(value, np.float64), t + late, np.broadcast_to(np.asarray(flags, np.int16), count).copy(),
        np.zeros(count, np.int32), np.full(count, -1), texts, None,
    )  # fmt: skip


def put(rows: Readings) -> None:
    """Store readings as a worker would, without charts."""
    now = timezone.now()
    with acting(BY):
        done = store(rows, now=now).inserted
        roll_up(done.parameter, done.t, done.value, done.flags, now=now)


def everything(parameter: int) -> list[tuple]:
    """What is stored of a parameter, in order."""
    names = ("t", "seq", "value", "flags", "lot", "serial")
    return list(StoredReading.objects.filter(parameter_id=parameter).order_by("t", "seq").values_list(*names))


def answers(characteristic, since: datetime, until: datetime) -> tuple:
    """What charts and comparisons say of a span."""
    with connection.cursor() as cursor:
        cursor.execute("begin" if False else "select 1")
    chart = queries.readings_chart(characteristic, since, until, actor=BY)
    return (
        chart.t, chart.n, np.round(chart.mean, 9).tolist(), chart.low, chart.high, sorted(chart.outside),
        chart.summary.n, queries.values_between(characteristic, since, until, actor=BY),
        queries.readings_of(characteristic, actor=BY, since=since, until=until).count(),
    )  # fmt: skip


@pytest.fixture
def parameter(characteristic) -> int:
    return characteristic.parameter_id


@pytest.mark.django_db
def test_a_closed_day_leaves_the_table_of_rows(characteristic, parameter):
    put(batch(parameter, np.arange(200) * 1_000_000, 8.6 + np.arange(200) % 7 / 100))
    before = everything(parameter)
    assert close_days(timezone.now()).readings == 200
    assert not Reading.objects.exists()
    assert everything(parameter) == before


@pytest.mark.django_db
def test_a_day_of_few_readings_stays_as_rows(parameter):
    put(batch(parameter, np.arange(20) * 1_000_000, np.full(20, 8.6)))
    assert close_days(timezone.now()).days == 0


@pytest.mark.django_db
def test_a_reading_of_a_packed_day_heard_again_is_a_duplicate(parameter):
    rows = batch(parameter, np.arange(100) * 1_000_000, np.full(100, 8.6))
    put(rows)
    close_days(timezone.now())
    with acting(BY):
        done = store(rows, now=timezone.now())
    assert (len(done.inserted), len(done.duplicates), len(done.corrections)) == (0, 100, 0)


@pytest.mark.django_db
def test_another_value_for_a_packed_reading_is_a_correction(parameter):
    put(batch(parameter, np.arange(100) * 1_000_000, np.full(100, 8.6)))
    close_days(timezone.now())
    with acting(BY):
        done = store(batch(parameter, [5_000_000], [9.9]), now=timezone.now())
    assert (len(done.corrections), done.standing.tolist()) == (1, [8.6])


@pytest.mark.django_db
def test_a_late_reading_joins_a_packed_day_and_is_packed_with_it(parameter):
    put(batch(parameter, np.arange(100) * 1_000_000, np.full(100, 8.6)))
    close_days(timezone.now())
    put(batch(parameter, [500_000], [8.7]))
    assert [row[2] for row in everything(parameter)[:3]] == [8.6, 8.7, 8.6]
    assert close_days(timezone.now()).readings == 101
    assert not Reading.objects.exists()


@pytest.mark.django_db
def test_an_accepted_correction_changes_a_packed_reading(parameter):
    put(batch(parameter, np.arange(100) * 1_000_000, np.full(100, 8.6)))
    close_days(timezone.now())
    row = Correction.objects.create(
        parameter_id=parameter, t=DAY + timedelta(seconds=5), seq=0, stored=8.6, heard=9.1, heard_at=timezone.now()
    )
    decide_correction(row, accept=True, reason="calibrated", by=BY)
    assert everything(parameter)[5][2] == 9.1


@pytest.mark.django_db
def test_opening_a_day_gives_its_rows_back(parameter):
    put(batch(parameter, np.arange(100) * 1_000_000, np.full(100, 8.6), lot=["A"] * 50 + [None] * 50))
    before = everything(parameter)
    close_days(timezone.now())
    with acting(BY):
        assert open_again([parameter], DAY, DAY + timedelta(days=1)) == 100
    assert (Reading.objects.count(), everything(parameter)) == (100, before)


VALUES = st.one_of(
    st.integers(-500, 500).map(lambda n: n / 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)
TIMES = st.one_of(st.integers(0, 200).map(lambda n: n * 1_000_000), st.integers(0, 2 * 86_400_000_000 - 1))
ONES = st.tuples(TIMES, st.integers(-3, 3), st.sampled_from([0, 1, 4, 8]), st.sampled_from([None, "", "L-1"]))


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(ONES, min_size=64, max_size=120, unique_by=lambda one: one[:2]),
    values=st.lists(VALUES, min_size=120, max_size=120), late=st.integers(0, 40),
)  # fmt: skip
def test_any_readings_answer_the_same_before_and_after(characteristic, parameter, keys, values, late):
    values = [v for v in values if abs(v) < 1e15] + [0.5] * 120
    t, seq, flags, lot = (list(column) for column in zip(*keys, strict=True))
    rows = batch(parameter, t, values[: len(keys)], seq=seq, flags=flags, lot=lot)
    with acting(BY), connection.cursor() as cursor:
        cursor.execute(
            "delete from iot_reading; delete from iot_piece; delete from iot_rollup; delete from iot_rollupmark"
        )
    put(rows[: len(keys) - late])
    close_days(timezone.now())
    put(rows[len(keys) - late :])
    before, since, until = everything(parameter), DAY - timedelta(hours=1), DAY + timedelta(hours=30, seconds=7)
    charted = answers(characteristic, since, until)
    fold(seconds=30)
    assert answers(characteristic, since, until)[-3:] == charted[-3:]
    close_days(timezone.now())
    assert everything(parameter) == before
    assert answers(characteristic, since, until)[-3:] == charted[-3:]


@pytest.mark.django_db
@pytest.mark.parametrize("ordering", ["-t", "t"])
def test_pages_of_readings_go_through_packed_days_without_gaps(browser_of, engineer, parameter, ordering):
    put(batch(parameter, np.arange(150) * 1_000_000, np.full(150, 8.6)))
    put(batch(parameter, 86_400_000_000 + np.arange(100) * 1_000_000, np.full(100, 8.6), seq=[0, 1] * 50))
    close_days(timezone.now())
    put(batch(parameter, [500_000, 90_000_500_000], [8.7, 8.7]))
    url = f"/api/v1/readings/?parameter={parameter}&limit=40&ordering={ordering}&count=exact"
    seen, api = [], browser_of(engineer)
    while url:
        page = api.get(url).json()
        assert page["count"] == 252
        seen += [datetime.fromisoformat(row["t"]) for row in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == 252
    assert seen == sorted(seen, reverse=ordering == "-t")
