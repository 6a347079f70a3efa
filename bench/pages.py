"""How fast the pages come with 1,000,000 readings and 50,000 records: each kind of page over HTTP, in rounds.

QMS_BENCH_READINGS and QMS_BENCH_RECORDS choose a smaller house. A page above the goal shows where its time goes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from bench import filling
from bench.house import House, Visitor, house
from bench.start import ROOT
from qms.embedded.environment import command_environment

GOAL = 150.0
QUIET, PATIENCE = 0.15, 480.0  # share of the cores, seconds
FIRST_BYTE = 1000.0
WARM, ROUNDS, REPEATS = 3, 5, int(os.environ.get("QMS_BENCH_REPEATS", "60"))
TYPED = ("s", "sp", "spo", "spool", "press fo", "ncr", "NCR-2026-0", "lot k12", "leak", "c101")


@dataclass(frozen=True)
class Place:
    """A kind of page: a name and the addresses it is asked by, in turn."""

    name: str
    paths: Sequence[str]
    role: str = "engineer"
    first_byte: bool = False
    queries: bool = True
    part: str = ""  # of a page, by the id htmx asks it for


@dataclass
class Asked:
    """What came back of one kind of page: milliseconds to the first and last byte and bytes, and the machine's load."""

    paths: Sequence[str]
    answers: list[tuple[float, float, int]] = field(default_factory=list)
    load: list[float] = field(default_factory=list)


def run() -> list[dict[str, Any]]:
    """Rows of milliseconds at the 95th percentile, with the median, the queries and what took longest."""
    readings = int(os.environ.get("QMS_BENCH_READINGS", "1000000"))
    records = int(os.environ.get("QMS_BENCH_RECORDS", "50000"))
    with house() as plant:
        began = time.monotonic()
        filled = filling.fill(plant.home, readings=readings, records=records) if readings else {}
        rows = [_filled(time.monotonic() - began, filled)] if filled else []
        settle(plant)
        people = {role: _entered(plant, role) for role in ("engineer", "owner")}
        tokens = {role: plant.person(role)["token"] for role in people}
        for role, visitor in people.items():
            places = [place for place in _places(plant) if place.role == role]
            counted = _counted(plant, visitor, [place.paths[0] for place in places if place.queries], tokens[role])
            found = _measured(places, visitor, tokens[role])
            rows += [_told(_row(place, found[place.name], counted)) for place in places]
    return [*rows, _together(rows)]


def settle(plant: House) -> None:
    """Wait until the plant has worked off what filling left (events, vacuum, roll-ups) and the machine is quiet."""
    until = time.monotonic() + PATIENCE
    with contextlib.closing(psycopg2.connect(filling.superuser(plant.home))) as link:
        while time.monotonic() < until and ((busy := _busy()) > QUIET or _owes(link)):
            print(f"waiting for the plant to settle: {busy:.0%} of the cores busy", file=sys.stderr, flush=True)


def _owes(link: Any) -> bool:
    """Whether hours that are over still wait for their roll-ups, which is what filling leaves most of."""
    with link, link.cursor() as cursor:
        cursor.execute(
            "select exists (select from iot_rollupmark where holder = 0 and bucket < now() - interval '2 days')"
        )
        return bool(cursor.fetchone()[0])


def _busy() -> float:
    """The share of the cores' time that was used during some seconds."""

    def ticks() -> tuple[int, int]:
        times = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(times), times[3] + times[4]

    before = ticks()
    time.sleep(5)
    every, idle = (now - then for now, then in zip(ticks(), before, strict=True))
    return 1 - idle / every


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Long runs say where they are."""
    print(f"{row['id']}: {row['value']} {row['unit']}, {row['beside']}", file=sys.stderr, flush=True)
    return row


def _together(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The slowest kind of page at its 95th percentile: the one figure that must hold for all."""
    pages = [row for row in rows if row["goal"] == GOAL and not row["id"].startswith("pages.API")]
    slowest = max(pages, key=lambda row: float(row["value"]))
    missed = sum(not row["met"] for row in pages)
    beside = {"kinds of page": len(pages), "above the goal": missed, "load": slowest["beside"]["load"]}
    return {**slowest, "id": "pages.slowest", "beside": beside}


def _filled(seconds: float, filled: dict[str, float]) -> dict[str, Any]:
    return {"id": "pages.filling", "value": round(seconds, 1), "unit": "s", "goal": 120.0,
            "beside": {name: round(value, 1) for name, value in filled.items()}, "met": seconds <= 120}  # fmt: skip


def _entered(plant: House, role: str) -> Visitor:
    visitor, person = Visitor(plant.ready["url"]), plant.person(role)
    visitor.enter(person["email"], person["password"])
    return visitor


def _places(plant: House) -> list[Place]:
    """Every kind of page, with ids of rows that have much on them."""
    link = psycopg2.connect(filling.superuser(plant.home))
    with link.cursor() as cursor:

        def one(sql: str) -> Any:
            cursor.execute(sql)
            return cursor.fetchone()[0]

        chart = one("select characteristic_id from iot_subgroup group by 1 order by count(*) desc, 1 limit 1")
        capa = one("select capa_id from capa_action group by 1 order by count(*) desc, max(capa_id) desc limit 1")
        ncr = one("select nonconformity_id from capa_disposition order by 1 desc limit 1")
        shown = one("select record_id from core_frozenevidence join core_record r on r.id = record_id"
                    " where r.kind = 'ncr' order by record_id desc limit 1")  # fmt: skip
        task = one("select t.id from core_task t join core_user u on u.id = t.owner_id"
                   " where u.email like 'mikael.lund@%' and t.done_at is null limit 1")  # fmt: skip
    link.close()
    return [*_work(task), *_floor(chart), *_quality(ncr, shown, capa), *_settings(), *_api(chart)]


def _work(task: int) -> list[Place]:
    return [
        Place("my work", ["/my-work/"]),
        Place("side panel of a task", [f"/my-work/{task}/"]),
        Place("palette, as typed", [f"/palette/?q={text.replace(' ', '+')}" for text in TYPED]),
        Place("search page", [f"/search/?q={text}" for text in ("spool", "lot+k12", "press+force")]),
    ]


def _floor(chart: int) -> list[Place]:
    one = f"/process/characteristics/{chart}/"
    return [
        Place("overview", ["/process/"]),
        Place("characteristic", [one]),
        Place("chart data, newest points", [f"{one}chart.json"]),
        Place("chart data, 30 days", [f"{one}chart.json?range=30d"]),
        Place("points of a chart", [f"{one}points/"]),
        Place("characteristics", ["/process/characteristics/"]),
        Place("signals", ["/process/signals/"]),
        Place("signals, open", ["/process/signals/?state=open"]),
        Place("control limits", ["/process/limits/"]),
        Place("devices", ["/process/devices/"]),
        Place("quarantine", ["/process/quarantine/"]),
        Place("unmapped topics", ["/master-data/topics/"]),
        Place("parameters", ["/master-data/parameters/"]),
    ]


def _quality(ncr: int, shown: int, capa: int) -> list[Place]:
    rows = "/quality/nonconformities/"
    return [
        Place("nonconformities", [rows]),
        Place("nonconformities, sums that follow", [rows], part="sums", queries=False),
        Place("nonconformities, open", [f"{rows}?open=true"]),
        Place("nonconformities, filtered", [f"{rows}?severity=major&found=final"]),
        Place("nonconformities, sorted by cost", [f"{rows}?sort=-cost"]),
        Place("nonconformities, sorted by owner", [f"{rows}?sort=owner"]),
        Place("nonconformities, searched", [f"{rows}?q={text}" for text in ("spool", "lot+k12", "press+force")]),
        Place("nonconformity", [f"{rows}{ncr}/"]),
        Place("nonconformity with frozen chart", [f"{rows}{shown}/"]),
        Place("CAPAs", ["/quality/capas/"]),
        Place("CAPA", [f"/quality/capas/{capa}/"]),
        Place("8D report", [f"/quality/capas/{capa}/8d/"]),
        Place("CSV of all nonconformities, first byte", [f"{rows}?export=csv"], first_byte=True, queries=False),
    ]


def _settings() -> list[Place]:
    return [
        Place("people", ["/settings/people/"], role="owner"),
        Place("sites", ["/settings/sites/"], role="owner"),
        Place("keys", ["/settings/keys/"], role="owner"),
        Place("notices", ["/settings/notifications/"]),
    ]


def _api(chart: int) -> list[Place]:
    return [
        Place("API nonconformities, first page", ["/api/v1/nonconformities/"]),
        Place("API nonconformities, deep page", ["deep:/api/v1/nonconformities/?limit=200"], queries=False),
        Place("API readings of a chart", [f"/api/v1/readings/?characteristic={chart}"]),
        Place("API readings, deep page", [f"deep:/api/v1/readings/?characteristic={chart}&limit=200"], queries=False),
        Place("API signals", ["/api/v1/signals/"]),
        Place("API events", ["/api/v1/events/"]),
    ]


def _counted(plant: House, visitor: Visitor, paths: Sequence[str], token: str) -> dict[str, dict[str, float]]:
    """Queries and where the time goes, from a process of its own inside the same house."""
    asked = {
        "cookies": {name: value for name, value in visitor.cookies.items() if name == "sessionid"},
        "headers": {"authorization": f"Bearer {token}"},
        "paths": list(paths),
    }
    environment = {**os.environ, **command_environment(plant.home, "bench"), "LOG_LEVEL": "ERROR"}
    environment.pop("SECRET_KEY", None)
    command = [sys.executable, "-m", "bench.inside"]
    done = subprocess.run(
        command, check=True, cwd=ROOT, env=environment, input=json.dumps(asked), capture_output=True, text=True
    )
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measured(places: Sequence[Place], visitor: Visitor, token: str) -> dict[str, Asked]:
    """What came back of each kind of page, asked in rounds: a busy moment of the machine meets every kind alike."""
    visitor.headers["Authorization"] = f"Bearer {token}"
    found = {place.name: Asked([_deep(visitor, path) for path in place.paths]) for place in places}
    for turn in range(ROUNDS):
        for place in places:
            _asked(place, found[place.name], visitor, warm=WARM if turn == 0 and not place.first_byte else 0)
    return found


def _asked(place: Place, found: Asked, visitor: Visitor, *, warm: int) -> None:
    """Ask for a kind of page as often as one round does; what only warms up is not kept."""
    part = {"HX_Request": "true", "HX_Target": place.part} if place.part else {}
    for turn in range(-warm, 2 if place.first_byte else -(-REPEATS // ROUNDS)):
        path = found.paths[len(found.answers) % len(found.paths)]
        answer = visitor.get(path, **part)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {answer.body[:300]!r}")
        if turn >= 0:
            found.answers.append((answer.first * 1000, answer.whole * 1000, len(answer.body)))
    found.load.append(os.getloadavg()[0])


def _row(place: Place, found: Asked, counted: dict[str, dict[str, float]]) -> dict[str, Any]:
    firsts, wholes, sizes = zip(*found.answers, strict=True)
    times = firsts if place.first_byte else wholes
    inside = counted.get(place.paths[0], {}) if place.queries else {}
    beside: dict[str, float] = {"p50": statistics.median(times), "kB": sizes[-1] / 1000}
    if inside:
        rest = inside["all"] - inside["sql"]
        beside |= {"queries": inside["queries"], "SQL": inside["sql"], "rest": rest, "CPU": inside["cpu"]}
    if place.first_byte:
        beside["whole file"] = statistics.median(wholes)
    beside["load"] = statistics.mean(found.load)
    p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
    goal = FIRST_BYTE if place.first_byte else GOAL
    return {"id": f"pages.{place.name}", "value": round(p95, 1), "unit": "ms", "goal": goal,
            "beside": {name: round(value, 1) for name, value in beside.items()}, "met": p95 <= goal}  # fmt: skip


def _deep(visitor: Visitor, path: str) -> str:
    """A page far down a list of the API: follow `next` twenty times."""
    if not path.startswith("deep:"):
        return path
    path = path.removeprefix("deep:")
    for _ in range(20):
        found = json.loads(visitor.get(path).body)
        if not found["next"]:
            break
        path = re.sub(r"^https?://[^/]+", "", found["next"])
    return path
