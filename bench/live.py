"""From a sample published to a point seen: MQTT, ingest, commit, note, event stream, while the demo plant runs.

A probe of its own publishes single values; a reader of the characteristic's page waits for each, as the browser does.
The moment of the commit is when the database's own note arrives. QMS_BENCH_SAMPLES chooses how many.
"""

from __future__ import annotations

import json
import os
import random
import re
import select
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2

from bench import filling
from bench.house import House, Visitor, house
from iot.plant.norrvik import PLANT
from iot.plant.publisher import Publisher
from iot.plant.wire import Value, single

GOAL = 1000.0
SAMPLES = int(os.environ.get("QMS_BENCH_SAMPLES", "240"))
PAUSE = (0.1, 0.4)  # seconds between two samples
PATIENCE = 10.0
BOOT = int(time.time()) % 1_000_000
STATION = "nv1/machining/l1/s20"


def run() -> list[dict[str, Any]]:
    """Rows of milliseconds at the 95th percentile, with the others and the parts of the way."""
    with house() as plant:
        person = Visitor(plant.ready["url"])
        person.enter(plant.person("engineer")["email"], plant.person("engineer")["password"])
        publisher = Publisher(plant.ready["mqtt_url"], name="bench")
        publisher.start()
        chart = _probe(plant)
        rows = _points(plant, person, publisher, chart)
        rows += _signals(plant, person, publisher)
        publisher.stop()
    return rows


def _probe(plant: House) -> int:
    """A characteristic that nobody but the bench writes to, made through the API."""
    api = Visitor(plant.ready["url"])
    api.headers["Authorization"] = f"Bearer {plant.person('admin')['token']}"
    known = _of(plant, "select station_id from governance_parameter where path like %s limit 1", f"{STATION}/%")
    path = f"{STATION}/probe_{int(time.time()) % 100_000}"
    parameter = _post(api, "parameters", {"site": "NV1", "path": path, "station": known, "name": "Probe", "unit": "mm"})
    made = {"parameter": parameter["id"], "code": f"X{parameter['id']}", "name": "Probe", "chart": "i-mr"}
    found: int = _post(api, "characteristics", made)["id"]
    time.sleep(2.0)  # the ingest worker hears of it by a note
    return found


def _post(api: Visitor, what: str, fields: dict[str, Any]) -> dict[str, Any]:
    kind = {"Content-Type": "application/json", "Idempotency-Key": f"bench-{what}-{time.time_ns()}"}
    answer = api.ask("POST", f"/api/v1/{what}/", body=json.dumps(fields), headers=kind)
    if answer.status != 201:
        raise SystemExit(f"{what} could not be made: {answer.status} {answer.body.decode()}")
    found: dict[str, Any] = json.loads(answer.body)
    return found


def _of(plant: House, sql: str, *values: Any) -> Any:
    link = psycopg2.connect(filling.superuser(plant.home))
    with link, link.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    link.close()
    return row[0] if row else None


class Ear(threading.Thread):
    """Listens in a thread of its own and hands each message on with the moment it came."""

    def __init__(self, hear: Callable[[dict[str, Any], float], None]) -> None:
        super().__init__(daemon=True)
        self.hear, self.ending, self.ready = hear, threading.Event(), threading.Event()


class StreamEar(Ear):
    """The event stream of a page, with the topics the page names."""

    def __init__(self, person: Visitor, page: str, hear: Callable[[dict[str, Any], float], None]) -> None:
        super().__init__(hear)
        named = re.findall(r'data-topic="([^"]*)"', person.get(page).body.decode())
        self.topics = sorted({topic for text in named for topic in text.split()})
        self.person = Visitor(person.url.geturl())
        self.person.cookies = dict(person.cookies)

    def run(self) -> None:
        """Read lines until told to end."""
        response = self.person.open("/live/?" + "&".join(f"topic={topic}" for topic in self.topics))
        if response.status != 200:
            raise SystemExit(f"the stream of {', '.join(self.topics)} answered {response.status}")
        self.ready.set()
        while not self.ending.is_set() and (line := response.readline()):
            if line.startswith(b"data: "):
                self.hear(json.loads(line[6:]), time.time())


class NoteEar(Ear):
    """The database's own notes, which go out with the commit."""

    def __init__(self, plant: House, hear: Callable[[dict[str, Any], float], None]) -> None:
        super().__init__(hear)
        self.link = psycopg2.connect(filling.superuser(plant.home))
        self.link.autocommit = True

    def run(self) -> None:
        """Wait for notes until told to end."""
        self.link.cursor().execute("listen live")
        self.ready.set()
        while not self.ending.is_set():
            if select.select([self.link], [], [], 0.2)[0]:
                self.link.poll()
                while self.link.notifies:
                    self.hear(json.loads(self.link.notifies.pop(0).payload), time.time())
        self.link.close()


def _points(plant: House, person: Visitor, publisher: Publisher, chart: int) -> list[dict[str, Any]]:
    topic, sent = f"characteristic:{chart}", {}
    committed: dict[float, float] = {}
    seen: dict[float, float] = {}

    def into(found: dict[float, float]) -> Callable[[dict[str, Any], float], None]:
        def hear(message: dict[str, Any], at: float) -> None:
            if message.get("topic") == topic:
                found.update((point["value"], at) for point in message.get("points", []) if point["value"] not in found)

        return hear

    ears = [StreamEar(person, f"/process/characteristics/{chart}/", into(seen)), NoteEar(plant, into(committed))]
    _begin(ears)
    named = "select path from governance_parameter where id = (select parameter_id from governance_characteristic"
    path = _of(plant, f"{named} where id = %s)", chart)
    for number in range(SAMPLES):
        value = round(10 + random.gauss(0, 0.01) + number * 1e-9, 9)
        sent[value] = _publish(publisher, path, "mm", value, number)
        time.sleep(random.uniform(*PAUSE))
    _until(lambda: len(seen) >= len(sent))
    _end(ears)
    parts = {"committed": [committed[v] - t for v, t in sent.items() if v in committed],
             "commit to page": [seen[v] - committed[v] for v in seen if v in committed]}  # fmt: skip
    return [_row("live.sample to point", [seen[v] - t for v, t in sent.items() if v in seen], len(sent), parts)]


def _publish(publisher: Publisher, path: str, unit: str, value: float, number: int) -> float:
    station, _, name = path.rpartition("/")
    at = time.time()
    publisher.offer(single(f"{PLANT.enterprise}/{station}", Value(name, value, at, unit, number, BOOT, "", "")))
    publisher.pump()
    return at


def _signals(plant: House, person: Visitor, publisher: Publisher) -> list[dict[str, Any]]:
    """One value far out on each single-value chart in control: the overview, and the task that asks for a cause."""
    link = psycopg2.connect(filling.superuser(plant.home))
    with link, link.cursor() as cursor:
        cursor.execute(
            "select c.id, p.path, p.unit, l.center + 9 * l.sigma from governance_characteristic c"
            " join governance_parameter p on p.id = c.parameter_id"
            " join iot_controllimits l on l.characteristic_id = c.id join core_record r on r.id = l.record_ptr_id"
            " where c.chart = 'i-mr' and r.state = 'in_force' and c.site_id = 1 and not exists"
            " (select from iot_signal s where s.characteristic_id = c.id and s.state = 'open')"
        )
        charts = cursor.fetchall()
    link.close()
    seen: dict[int, float] = {}
    asked: dict[int, float] = {}
    sent: dict[int, float] = {}

    def hear(message: dict[str, Any], at: float) -> None:
        if message.get("raised"):
            seen.update((pk, at) for pk in message["moved"] if pk in sent and pk not in seen)
        if message.get("kind") == "inbox" and message.get("done") is False and len(asked) < len(sent):
            asked[len(asked)] = at

    ears = [StreamEar(person, "/process/", hear), StreamEar(person, "/my-work/", hear)]
    _begin(ears)
    waits = []
    for number, (chart, path, unit, value) in enumerate(charts):
        sent[chart] = time.time()
        _publish(publisher, path, unit, value, number)
        _until(lambda chart=chart: chart in seen and len(asked) >= len(sent))  # type: ignore[misc]  # bound now
        if len(asked) >= len(sent):
            waits.append(asked[len(asked) - 1] - sent[chart])
    _end(ears)
    rows = [_row("live.sample to signal", [seen[pk] - t for pk, t in sent.items() if pk in seen], len(sent), {})]
    return [*rows, _row("live.sample to task", waits, len(sent), {})]


def _begin(ears: Sequence[Ear]) -> None:
    for ear in ears:
        ear.start()
        ear.ready.wait(10)
    time.sleep(1.0)


def _end(ears: Sequence[Ear]) -> None:
    for ear in ears:
        ear.ending.set()


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < deadline:
        time.sleep(0.02)


def _row(name: str, times: Sequence[float], sent: int, parts: dict[str, list[float]]) -> dict[str, Any]:
    """Milliseconds; a sample never seen is a missed goal."""
    sizes = {"p50": _part(times, 50), "p99": _part(times, 99), "sent": sent, "seen": len(times)}
    sizes |= {f"{part} p95": _part(found, 95) for part, found in parts.items()} | {"load": os.getloadavg()[0]}
    value = _part(times, 95)
    return {"id": name, "value": round(value, 1), "unit": "ms", "goal": GOAL,
            "beside": {key: round(size, 1) for key, size in sizes.items()},
            "met": value <= GOAL and len(times) == sent}  # fmt: skip


def _part(times: Sequence[float], percent: int) -> float:
    if len(times) < 2:
        return times[0] * 1000 if times else float("nan")
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1] * 1000
