"""The running platform, its processes killed at random under a watching browser: nothing lost, pages live again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Page

from iot.plant.norrvik import PLANT
from tests.browser.platform import ROOT, Plant
from tests.embedded.conftest import CHILDREN, child_of
from tests.iot.device import PARAMETERS, Device

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("kills")]

KILLS = int(os.environ.get("QMS_KILLS", "20"))
VICTIMS = ("ingest", "nats", "postgres", "worker", "web")
LIVE = 15.0  # seconds until everything is as before
STATION = "KIL/L2/S30"
MINE = f"parameter_id in (select id from governance_parameter where path like '%/{STATION.lower()}/%')"
CHARTS = "characteristic_id in (select id from governance_characteristic where code like 'KIL%')"
WATCH = """() => document.addEventListener('chart:drawn', (event) => {
  window.newest = Date.parse(event.detail.points.at(-1)?.t ?? 0);
})"""


@dataclass
class Floor:
    """A station of its own in the demo plant and the device that feeds it."""

    plant: Plant
    device: Device

    def ask(self, sql: str) -> Any:
        """The first value of a query."""
        with psycopg2.connect(self.plant.ready["database_url"]) as database, database.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    def kill(self, name: str) -> None:
        """`kill -9` of a process of the platform, by the name its launcher gives it."""
        until = time.monotonic() + LIVE
        while not (pid := child_of(self.plant.ready["pid"], CHILDREN[name])):
            assert time.monotonic() < until, f"{name} did not come back"
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def floor(plant: Plant) -> Iterator[Floor]:
    environ = {
        **os.environ, "DATABASE_URL": plant.ready["database_url"], "DJANGO_SETTINGS_MODULE": "qms.settings",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    site = PLANT.site.upper()
    subprocess.run([sys.executable, "tests/iot/floor.py", site, "KIL"], env=environ, check=True, cwd=ROOT)
    device = Device(plant.ready["mqtt_url"], f"acme/{site}/{STATION}", pause=0.03)
    device.start()
    yield Floor(plant, device)
    device.stopping.set()


def test_the_plant_keeps_its_connections_as_it_ships(plant: Plant) -> None:
    for name in ("web", "worker", "ingest"):
        environ = Path(f"/proc/{child_of(plant.ready['pid'], CHILDREN[name])}/environ").read_bytes().split(b"\0")
        assert not [line for line in environ if line.startswith(b"DATABASE_POOL=")], name


def test_twenty_random_kills_lose_nothing_and_every_page_is_live_again(floor: Floor, walk, capsys) -> None:
    who = walk()
    who.sign_in("Mikael Lund")
    number = floor.ask("select id from governance_characteristic where code = 'KIL0'")
    who.page.goto(f"{floor.plant.url}/process/characteristics/{number}/")
    who.page.evaluate(WATCH)
    chance, waits = random.Random(11), {name: [] for name in VICTIMS}
    for count in range(KILLS):
        name = VICTIMS[count] if count < len(VICTIMS) else chance.choice(VICTIMS)  # each at least once
        who.page.wait_for_timeout(chance.uniform(500, 2500))
        floor.kill(name)
        waits[name].append(live_again(who.page, floor.plant.url, name))
    floor.device.stopping.set()
    floor.device.join()
    floor.device.wait_acknowledged()
    with capsys.disabled():
        print("\nlive again after", {name: [round(one, 1) for one in ones] for name, ones in waits.items()})
    nothing_lost(floor)


def live_again(page: Page, url: str, name: str) -> float:
    """Seconds until the open chart shows a reading made after this moment and the other pages answer."""
    began, now = time.monotonic(), page.evaluate("Date.now()")
    while not page.evaluate("now => window.newest > now", now):
        assert time.monotonic() - began < LIVE, f"the open chart is not live again after {name} was killed"
        page.wait_for_timeout(100)
    for path in ("/my-work/", "/process/", "/process/signals/", "/quality/nonconformities/"):
        while status(page, url + path) != 200:
            assert time.monotonic() - began < LIVE, f"{path} does not answer after {name} was killed"
            page.wait_for_timeout(100)
    return time.monotonic() - began


def status(page: Page, url: str) -> int:
    """What a page answers to the person at the browser; 0 while nobody does."""
    try:
        return page.request.get(url, timeout=LIVE * 1000).status
    except Exception:
        return 0


def nothing_lost(floor: Floor) -> None:
    """Every reading the broker took is stored once, and every excursion has raised one signal."""
    wanted, until = PARAMETERS * floor.device.sent, time.monotonic() + 120
    while (stored := floor.ask(f"select count(*) from iot_reading where {MINE}")) < wanted:
        assert time.monotonic() < until, f"{stored} of {wanted} readings are stored"
        time.sleep(0.5)
    assert stored == wanted
    assert floor.ask(f"select count(*) from iot_subgroup where {CHARTS}") == wanted
    assert floor.ask(f"select count(*) from iot_signal where {CHARTS}") == floor.device.beyond
