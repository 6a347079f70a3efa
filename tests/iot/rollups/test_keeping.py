"""Roll-ups hold what is stored, whatever came late, twice, corrected or not at all."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from iot.models import Correction, Exclusion, Reading
from iot.queries.rollups import Span, beyond, buckets_of, readings_in, span_of, summary_of
from iot.rollups import batch, folding
from iot.services import decide_correction
from qms.core.actor import system
from qms.core.trail import acting
from tests.iot.conftest import TESTS, wire
from tests.iot.rollups.columns import roll_up

ANYBODY = system("tests")


@pytest.fixture
def old(characteristic, send, start):
    """Send values of press-in force, `every` seconds apart, from `hours` ago."""

    def push(values, *, hours=30.0, every=60.0, at=0):
        base = start.replace(minute=0, second=0) - timedelta(hours=hours)
        topic = "NV1/ASM/L2/S30/press_force"
        send(*((topic, wire(v, base + timedelta(seconds=every * (at + i)))) for i, v in enumerate(values)))
        return base

    return push


def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def check(characteristic, since, until):
    """The summary of a span beside what its readings say."""
    span = span_of(characteristic, since, until, actor=ANYBODY)
    found = summary_of(span)
    rows = Reading.objects.filter(parameter_id=characteristic.parameter_id, t__gte=since, t__lt=until)
    values = np.array([r.value for r in rows if not r.flags & 12])
    assert found.n == len(values)
    assert found.mean == pytest.approx(values.mean())
    assert found.sigma == pytest.approx(values.std(ddof=1))
    assert (found.low, found.high) == (values.min(), values.max())
    return found


@pytest.mark.django_db
def test_what_is_stored_is_visible_before_and_after_it_is_rolled_up(characteristic, old):
    base = old([8.0 + (i % 7) / 10 for i in range(200)])
    check(characteristic, base, timezone.now())
    assert folding.fold() > 0
    assert ask("select count(*) from iot_rollupmark where width = 3600")[0][0] == 0
    assert check(characteristic, base, timezone.now()).n == 200


@pytest.mark.django_db
def test_a_span_that_cuts_hours_is_exact(characteristic, old):
    base = old([8.0 + (i % 7) / 10 for i in range(300)])
    folding.fold()
    assert check(characteristic, base + timedelta(minutes=10), base + timedelta(minutes=200, seconds=30)).n == 191


@pytest.mark.django_db
def test_a_late_reading_marks_its_hour_alone_and_counts_at_once(characteristic, old):
    base = old([8.0 + (i % 7) / 10 for i in range(200)])
    folding.fold()
    old([9.9], every=1.0, at=30)
    assert [row[0] for row in ask("select bucket from iot_rollupmark where width = 3600")] == [base]
    assert check(characteristic, base, timezone.now()).high == 9.9
    folding.fold()
    assert check(characteristic, base, timezone.now()).high == 9.9


@pytest.mark.django_db
def test_an_accepted_correction_changes_the_roll_up(characteristic, old):
    base = old([8.0, 8.1, 8.2])
    folding.fold()
    old([8.0, 8.1, 9.4])
    decide_correction(Correction.objects.get(), accept=True, reason="The gage was read again.", by=TESTS)
    assert check(characteristic, base, timezone.now()).high == 9.4
    folding.fold()
    assert check(characteristic, base, timezone.now()).high == 9.4


@pytest.mark.django_db
def test_excluded_stretches_do_not_count(characteristic, old):
    base = old([8.0] * 100 + [99.0] * 100 + [8.2] * 100)
    folding.fold()
    first, last = base + timedelta(minutes=100), base + timedelta(minutes=199)
    with acting(TESTS):
        Exclusion.objects.create(
            characteristic=characteristic, first_t=first, last_t=last, reason="set-up", at=timezone.now()
        )
    found = summary_of(span_of(characteristic, base, timezone.now(), actor=ANYBODY))
    assert (found.n, found.high) == (200, 8.2)


@pytest.mark.django_db
@pytest.mark.parametrize("days", [3, 30, 300, 3000])
def test_every_width_says_the_same(characteristic, old, days):
    base = old([8.0 + (i % 11) / 10 for i in range(400)], hours=70, every=600)
    folding.fold()
    since = base + timedelta(hours=68) - timedelta(days=days)
    assert buckets_of(Span(characteristic.parameter_id, since, timezone.now()), step=1).n.sum() == 400
    check(characteristic, since, timezone.now())


@pytest.mark.django_db
def test_every_reading_beyond_a_limit_is_found(characteristic, old):
    values = [8.5 + (i % 5) / 100 for i in range(600)]
    values[77], values[311] = 12.0, 2.0
    base = old(values)
    folding.fold()
    span = Span(characteristic.parameter_id, base, timezone.now())
    assert sorted(v for _, v in beyond(span, lower=7.0, upper=10.0, most=10)) == [2.0, 12.0]
    t, v = readings_in(span)
    assert (len(t), t[0], v[77]) == (600, base.timestamp(), 12.0)


@pytest.fixture
def holding():
    """This thread is an ingest worker."""
    batch.hold()
    yield batch._thread
    batch._thread.held = None


@pytest.fixture
def roll(django_capture_on_commit_callbacks):
    """Store readings and roll them up, in one transaction that is committed."""

    def push(rows, now):
        with django_capture_on_commit_callbacks(execute=True), acting(TESTS):
            Reading.objects.bulk_create([Reading(parameter_id=p, t=t, value=v, received=now) for p, t, v in rows])
            roll_up(rows, now=now)

    return push


@pytest.mark.django_db
def test_a_worker_writes_hours_from_its_memory_once_they_are_over(characteristic, holding, roll):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    p = characteristic.parameter_id
    rows = [(p, hour + timedelta(seconds=i), 8 + i % 10) for i in range(3000)]
    roll(rows[:2000], hour + timedelta(minutes=34))
    roll(rows[2000:], hour + timedelta(minutes=50))
    roll([(p, hour + timedelta(minutes=61), 8.0)], hour + timedelta(minutes=61))
    assert ask("select count(*) from iot_rollup") == [(0,)]
    roll([(p, hour + timedelta(minutes=63), 8.0)], hour + timedelta(minutes=63))
    assert ask("select width, sum(n), count(*) from iot_rollup group by 1 order by 1") == [
        (60, 3000, 50), (600, 3000, 5), (3600, 3000, 1),
    ]  # fmt: skip
    check(characteristic, hour, hour + timedelta(hours=1))


def undone(parameter, hour):
    """A batch that fails after its readings were summed up."""
    with acting(TESTS):
        roll_up([(parameter, hour + timedelta(seconds=2), 99.0)], now=hour + timedelta(minutes=2))
        raise ZeroDivisionError


@pytest.mark.django_db
def test_a_batch_that_was_not_committed_leaves_nothing_in_memory(characteristic, holding, roll):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    p = characteristic.parameter_id
    roll([(p, hour, 8.0), (p, hour + timedelta(seconds=1), 8.5)], hour + timedelta(minutes=1))
    with pytest.raises(ZeroDivisionError):
        undone(p, hour)
    roll([(p, hour + timedelta(seconds=3), 8.6)], hour + timedelta(minutes=3))
    roll([(p, hour + timedelta(minutes=64), 8.0)], hour + timedelta(minutes=64))
    assert check(characteristic, hour, hour + timedelta(hours=1)).n == 3
    folding.fold()
    assert check(characteristic, hour, hour + timedelta(hours=1)).n == 3
    assert ask("select count(*) from iot_rollupmark where width = 3600 and holder = 0") == [(0,)]


@pytest.mark.django_db
def test_an_hour_two_workers_stored_into_is_made_from_its_readings(characteristic, roll):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    p = characteristic.parameter_id
    for which in range(2):
        batch.hold()
        roll([(p, hour + timedelta(seconds=which), 8.0 + which)], hour + timedelta(minutes=1))
        roll([(p, hour + timedelta(minutes=65, seconds=which), 8.0)], hour + timedelta(minutes=65))
    batch._thread.held = None
    assert check(characteristic, hour, hour + timedelta(hours=1)).n == 2
    folding.fold()
    assert check(characteristic, hour, hour + timedelta(hours=1)).n == 2
