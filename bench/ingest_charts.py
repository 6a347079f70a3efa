"""Charts of any span over many readings; a program with DJANGO_SETTINGS_MODULE set.

Its arguments: how many readings, and the address of the database for its owner. The readings are those of a hundred
parameters over a year: days that are over go straight into pieces, as the chore of the night leaves them, the newest
are stored as rows, roll-ups and points are made of the same values. Then it draws charts of random spans, and of thirty
days of subgroups, and prints milliseconds: of the database, and of the data of the page within this process.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

import numpy as np  # noqa: E402 - models need the settings
import psycopg2  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.ingest_plant import BY, make  # noqa: E402
from bench.inside import Watch  # noqa: E402
from governance.models import Characteristic  # noqa: E402
from iot import copying  # noqa: E402
from iot.copying import Ints, copy, micros, moment  # noqa: E402
from iot.ingest.store import store  # noqa: E402
from iot.models import ChartState, Subgroup  # noqa: E402
from iot.queries import chart_asked, readings_chart  # noqa: E402
from iot.readings import Readings, begins  # noqa: E402
from iot.rollups import folding, table  # noqa: E402
from iot.rollups.blocks import fold_points  # noqa: E402
from iot.rollups.moments import HOUR, SECOND, moments, units  # noqa: E402
from iot.services import make_partitions  # noqa: E402
from iot.storage.packing import COLUMNS, Day, packed  # noqa: E402
from qms.core.actor import Actor, actor_of  # noqa: E402
from qms.core.models import Membership, User  # noqa: E402
from qms.core.trail import acting, reading  # noqa: E402
from spc.values import Floats  # noqa: E402

AREA, STATIONS, EACH, SIZE = "CH", 5, 20, 5
CHARTED = 5  # charts that get points
SPAN = timedelta(days=366)
ROWS = timedelta(days=8)  # the newest, which are not packed yet
TIMES = 100
MOST = 2_000  # points of a chart
_DAY = 86_400 * SECOND


def fill(rows: list[Characteristic], count: int, now: datetime) -> None:
    """A year of readings for each characteristic, and points for some."""
    random_, each = np.random.default_rng(7), count // len(rows)
    first, until = micros(now - SPAN), micros(now)
    make_partitions(since=(now - ROWS).date(), until=now.date())
    for number, row in enumerate(rows):
        step = (until - first) // each
        t = first + np.arange(each) * step + random_.integers(0, step, each)  # in order, no two at once
        value = np.round(100 + 2 * np.sin(t / _DAY) + random_.normal(0, 0.8, each), 3)
        value[random_.integers(0, each, max(1, each // 5_000))] = 107.5  # beyond the specification
        _keep(row.parameter_id, t, value, now)
        if number < CHARTED:
            _points(row, t, value)
    while folding.fold(seconds=600.0):
        pass
    fold_points()


def _keep(parameter: int, t: Ints, value: Floats, now: datetime) -> None:
    """Pieces and rows, and roll-ups of hours that are over."""
    closed = micros(now - ROWS) // _DAY * _DAY
    same, none = np.full(len(t), parameter, np.int32), np.zeros(len(t), np.int32)
    all_of = Readings(same, t, none, value, t + 200_000, none.astype(np.int16), none, none.astype(np.int64) - 1)
    old, new = all_of[t < closed], all_of[t >= closed]
    starts = np.flatnonzero(begins(old.t // _DAY)).tolist()
    hour = micros(now) // (HOUR * SECOND) * HOUR * SECOND
    over = moments(same[t < hour].astype(np.int64), t[t < hour], value[t < hour], np.ones((t < hour).sum(), np.bool_))
    with transaction.atomic():
        copy(
            "iot_piece",
            COLUMNS,
            *(packed(_day(old[a:b])) for a, b in zip(starts, [*starts[1:], len(old)], strict=True)),
        )
        store(new, now=now)
        table.keep(over, now=now)
        table.mark(np.unique(units(same[t >= hour].astype(np.int64), t[t >= hour])), holder=table.RECOMPUTE, now=now)


def _day(some: Readings) -> Day:
    return Day(
        int(some.parameter[0]), some.t, some.value, some.received, some.seq.astype(np.int64), some.flags, None, None
    )


def _points(row: Characteristic, t: Ints, value: Floats) -> None:
    """Subgroups of the readings, as the worker would have made them."""
    many = len(t) // SIZE
    at, values = t[: many * SIZE].reshape(-1, SIZE), value[: many * SIZE].reshape(-1, SIZE)
    columns = zip(at[:, 0].tolist(), at[:, -1].tolist(), values.tolist(), strict=True)
    points = (
        Subgroup(
            characteristic=row, n=n, t=moment(last), first_t=moment(first), size=SIZE, values=some,
            mean=sum(some) / SIZE, spread=max(some) - min(some),
        )
        for n, (first, last, some) in enumerate(columns, start=1)
    )  # fmt: skip
    Subgroup.objects.bulk_create(points, batch_size=5_000)
    ChartState.objects.update_or_create(
        characteristic=row,
        defaults={"last_point": many, "last_t": moment(int(at[-1, -1])), "chart": row.chart, "size": SIZE},
    )


class Clocked(Watch):
    """Also counts what is fetched as binary, which passes by the wrapper of statements."""

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with its time added."""

        def run(*args: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                self.seconds += time.perf_counter() - began

        return run


@contextmanager
def sql() -> Iterator[Clocked]:
    """The time of the statements made meanwhile."""
    watch, plain = Clocked(), copying.fetched
    copying.fetched = watch.around(plain)
    try:
        with connection.execute_wrapper(watch):
            yield watch
    finally:
        copying.fetched = plain


def spans(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From an hour to a year, as many short as long, ending now or some time ago."""
    chance = random.Random(11)
    for _ in range(TIMES):
        long = timedelta(hours=1) * (SPAN / timedelta(hours=1)) ** chance.random()
        until = now - (SPAN - long) * chance.random() * chance.choice((0, 1))
        yield until - long, until


def measure(rows: list[Characteristic], actor: Actor, client: Client, now: datetime) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind of chart; a chart of too many points ends the run."""
    chance, took = random.Random(5), dict[str, list[float]](sql=[], page=[], subgroups=[], drawn=[])
    for since, until in spans(now):
        row = chance.choice(rows)
        with reading(actor), sql() as watch:
            chart = readings_chart(row, since, until, actor=actor)
        if chart.points > MOST:
            raise SystemExit(f"{chart.points} points are drawn")
        took["sql"].append(watch.seconds * 1e3)
        began = time.perf_counter()
        asked = {"from": since.isoformat(), "to": until.isoformat()}
        answer = client.get(reverse("iot:readings-data", args=[row.pk]), asked)
        took["page"].append((time.perf_counter() - began) * 1e3)
        if answer.status_code != 200:
            raise SystemExit(f"the data of the page answered {answer.status_code}")
    for number in range(TIMES // 2):
        row = rows[number % CHARTED]
        with reading(actor), sql() as watch:
            chart_asked(row, {"range": "30d"}, actor=actor)
        took["subgroups"].append(watch.seconds * 1e3)
        began = time.perf_counter()
        client.get(reverse("iot:chart-data", args=[row.pk]), {"range": "30d"})
        took["drawn"].append((time.perf_counter() - began) * 1e3)
    return {name: _quantiles(some) for name, some in took.items()}


def _quantiles(some: list[float]) -> dict[str, float]:
    middle, high = np.percentile(some, [50, 95]).tolist()
    return {"p50": middle, "p95": high, "longest": max(some)}


def visitor() -> tuple[Actor, Client]:
    """Somebody who may see everything, and their browser."""
    settings.ALLOWED_HOSTS = ["*"]
    with acting(BY):
        user = User.objects.create_user("bench@example.org", "Of-one-bench-26", name="Bench")
        Membership.objects.create(user=user, site=None, role="engineer")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return actor_of(user), client


def tidy(owner: str) -> None:
    """As autovacuum does after a while."""
    link = psycopg2.connect(owner)
    link.autocommit = True
    link.cursor().execute("vacuum analyze")
    link.close()


def main(count: int, owner: str) -> None:
    """Fill, measure and print."""
    now, began = timezone.now(), time.monotonic()
    make(AREA, "xbar-r", SIZE, STATIONS, EACH)
    with acting(BY):
        found = Characteristic.objects.filter(parameter__path__startswith=f"nv1/{AREA.lower()}/")
        for row in found:
            row.lsl, row.target, row.usl = 94.0, 100.0, 106.0
            row.save()
        rows = list(found.select_related("parameter", "site").order_by("pk"))
    fill(rows, count, now)
    filled = time.monotonic() - began
    tidy(owner)
    actor, client = visitor()
    told = measure(rows, actor, client, now)
    told["subgroups"]["page data p95"] = told.pop("drawn")["p95"]
    print(json.dumps({**told, "readings": count, "filled s": filled}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
