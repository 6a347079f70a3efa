#!/usr/bin/env python3
"""Screenshots of every page of a running instance: desktop, phone and dark, written to docs/screens.

python3 manage.py up --demo --home /tmp/shots &
python -m docs.shots /tmp/shots/ready.json            # every page
python -m docs.shots /tmp/shots/ready.json overview   # only names that begin so

The first run needs a home where nobody has been yet, whose owner it makes:

python3 manage.py up --home /tmp/fresh &
python -m docs.shots /tmp/fresh/ready.json first-run
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import shutil
import struct
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser, Page, sync_playwright
from scipy.spatial import cKDTree

from iot.sparkplug.wire import Metric, Payload, encode

OUT = Path(__file__).resolve().parent / "screens"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]


@dataclass(frozen=True)
class Look:
    """A size and a theme."""

    name: str
    width: int
    height: int
    dark: bool = False

    @property
    def phone(self) -> bool:
        """Whether the page is drawn as on a phone."""
        return self.width < 768


LOOKS = (Look("", 1440, 900), Look("-dark", 1440, 900, dark=True), Look("-phone", 390, 844))


@dataclass(frozen=True)
class Shot:
    """A page: its address, or a link to press on the page before (`first`: a selector)."""

    name: str
    path: str
    first: str = ""
    press: tuple[str, ...] = ()
    looks: tuple[str, ...] = ("", "-dark", "-phone")
    role: str = "engineer"  # who looks at it; empty: nobody who is signed in


MORE = ".head .acts summary[aria-label='More actions']"
TRIED = (
    "[name=topic]", "type:zigbee2mqtt/s10", "[name=payload]", 'type:{"temperature": 21.4, "linkquality": 200}',
    "main form button[type=submit]",
)  # fmt: skip
SMALL = ("", "-phone")  # dark differs by the same few colours on every page
LIGHT = ("",)
CHART = "/process/characteristics/", "[data-row] a"
SHOTS = (
    Shot("my-work", "/my-work/", press=("key:j", "key: ")),
    Shot("signal-in-my-work", "/my-work/?kind=signal", press=("key:j", "key: "), looks=("",)),
    Shot("overview", "/process/"),
    Shot("wall", "/process/?wall=1", looks=("", "-dark")),
    Shot("characteristic", "/process/", first="a.cell.is-signal"),
    Shot("nonconformities", "/quality/nonconformities/"),
    Shot("filter", "/quality/nonconformities/", press=("summary:has-text('Filter')",), looks=SMALL),
    Shot("nonconformity", "/quality/nonconformities/", first="[data-row] a"),
    Shot("nonconformity-menu", "/quality/nonconformities/", first="[data-row] a", press=(MORE,), looks=("",)),
    Shot(
        "nonconformity-copy",
        "/quality/nonconformities/",
        first="[data-row] a",
        press=(MORE, "text=Duplicate"),
        looks=SMALL,
    ),
    Shot("nonconformity-new", "/quality/nonconformities/new/", looks=SMALL),
    Shot("capas", "/quality/capas/"),
    Shot("capa", "/quality/capas/", first="[data-row] a"),
    Shot("capa-new", "/quality/capas/new/", looks=SMALL),
    Shot("report-8d", "/quality/capas/?state=closed", first="[data-row] a", press=("a[href$='/8d/']",), looks=SMALL),
    Shot("actions", "/quality/actions/", looks=SMALL),
    Shot("deviations", "/quality/deviations/", looks=SMALL),
    Shot("deviation", "/quality/deviations/", first="[data-row] a"),
    Shot("defect-codes", "/quality/defect-codes/", looks=SMALL),
    Shot("escalation", "/quality/escalation/", looks=SMALL),
    Shot("signals", "/process/signals/"),
    Shot("limits", "/process/limits/", looks=SMALL),
    Shot("limits-version", "/process/limits/", first="[data-row] a"),
    Shot("devices", "/process/devices/", looks=SMALL),
    Shot("sources", "/process/sources/", looks=SMALL),
    Shot("device", "/process/devices/", first="[data-row] a"),
    Shot("quarantine", "/process/quarantine/", looks=SMALL),
    Shot("quarantined", "/process/quarantine/", first="[data-row] a", looks=SMALL),
    Shot("corrections", "/process/corrections/", looks=SMALL),
    Shot("nodes", "/process/nodes/", looks=SMALL),
    Shot("node", "/process/nodes/", first="[data-row] a"),
    Shot("device-profiles", "/process/profiles/", looks=SMALL),
    Shot("device-profile", "/process/profiles/", first="[data-row] a", press=TRIED, looks=SMALL),
    Shot("device-profile-new", "/process/profiles/new/", looks=SMALL),
    Shot("topics", "/master-data/topics/", looks=SMALL),
    Shot("topic", "/master-data/topics/", first="[data-row] a", looks=SMALL),
    Shot("import", "/master-data/import/", looks=SMALL),
    Shot("parts", "/master-data/parts/", looks=SMALL),
    Shot("equipment", "/master-data/equipment/", looks=SMALL),
    Shot("processes", "/master-data/processes/", looks=SMALL),
    Shot("process", "/master-data/processes/", first="[data-row] >> nth=1 >> a", looks=SMALL),
    Shot("gages", "/master-data/gages/"),
    Shot("gage", "/master-data/gages/?state=blocked", first="[data-row] a"),
    Shot("calibration", "/master-data/gages/", first="[data-row] a", press=("[data-key=c]",), looks=SMALL),
    Shot("gage-new", "/master-data/gages/new/", looks=SMALL),
    Shot("rules", "/master-data/rules/", looks=SMALL),
    Shot("parameters", "/master-data/parameters/", looks=SMALL),
    Shot("characteristics", "/process/characteristics/", looks=SMALL),
    Shot("together", "/process/characteristics/?q=reflow+profile", first="[data-row] a"),
    Shot("together-new", "/master-data/characteristics/together/", looks=SMALL),
    Shot("readings", *CHART, press=("a.chip", "text=Month")),
    Shot("chart-choice", *CHART, press=("#fit .btn",)),
    Shot("points", *CHART, press=("text=Export", "text=All points"), looks=LIGHT),
    Shot("workbench", "/analytics/workbench/"),
    Shot("workbench-lots", "/analytics/workbench/?example=lots"),
    Shot("workbench-grinding", "/analytics/workbench/?example=grinding", looks=SMALL),
    Shot("workbench-gauge", "/analytics/workbench/?example=gauge", looks=SMALL),
    Shot("workbench-solder", "/analytics/workbench/?example=solder", looks=LIGHT),
    Shot("analyses", "/analytics/analyses/", looks=SMALL),
    Shot("gage-studies", "/analytics/gage-studies/", looks=SMALL),
    Shot("gage-study", "/analytics/gage-studies/?state=judged", first="[data-row] a"),
    Shot("gage-plan", "/analytics/gage-studies/new/", press=("text=Choose",), looks=SMALL),
    Shot(
        "gage-measure",
        "/analytics/gage-studies/?state=running",
        first="[data-row] a",
        press=("[data-key=m]",),
        role="operator",
    ),
    Shot("palette", "/my-work/", press=("key:Control+k", "type:press")),
    Shot("search", "/search/?q=press"),
    Shot("people", "/settings/people/", looks=SMALL),
    Shot("person", "/settings/people/", first="[data-row] a", looks=SMALL),
    Shot("sites", "/settings/sites/", looks=SMALL, role="admin"),
    Shot("site-new", "/settings/sites/new/", looks=SMALL, role="admin"),
    Shot("keys", "/settings/keys/", looks=SMALL),
    Shot("notices", "/settings/notifications/", looks=SMALL),
    Shot("profile", "/settings/profile/"),
    Shot("trail", "/trail/", looks=SMALL, role="manager"),
    Shot("trail-row", "/trail/?op=U", first="[data-row] a", looks=SMALL, role="manager"),
    Shot("jobs", "/jobs/", looks=SMALL),
    Shot("look", "/settings/look/"),
    Shot("sign", "/quality/capas/?state=triage", first="[data-row] a", press=("[data-key=s]",), role="manager"),
    Shot("sign-in", "/sign-in/", role=""),
)
NODES: tuple[tuple[str, int | None, tuple[tuple[str, int, int, float | str, str], ...]], ...] = (
    ("NBIRTH/ASM", 0, (("Supply voltage", 1, 10, 24.1, "V"),)),
    (
        "DBIRTH/ASM/L2",
        1,
        (
            ("S30/oil_temperature", 7, 10, 41.2, "°C"),
            ("S30/oil_pressure", 8, 10, 6.2, "bar"),
            ("S30/batch", 9, 12, "KB-90117", ""),
        ),
    ),
    ("DBIRTH/ASM/LeakTester", 2, (("S60/fill_time", 20, 10, 3.4, "s"),)),
    ("NBIRTH/Warehouse", 0, (("Air temperature", 1, 10, 19.4, "°C"), ("Humidity", 2, 10, 48.2, "%"))),
    ("NDEATH/Warehouse", None, ()),
)  # message, its sequence number, its metrics: name, alias, data type, value, unit
PROFILE = {
    "name": "Zigbee climate sensors", "topic": "zigbee2mqtt/+", "target": "nv1/electronics/l3/{2}/temperature",
    "value": "$.temperature", "unit": "°C", "quality": "$.linkquality",
}  # fmt: skip
FIRST_RUN: tuple[tuple[Shot, dict[str, str]], ...] = (
    (
        Shot("first-run-owner", "/first-run/owner/"),
        {"name": "Astrid Holm", "email": "astrid.holm@example.org", "password": secrets.token_urlsafe(12)},
    ),
    (Shot("first-run-plant", "/first-run/plant/"), {"code": "NV1", "name": "Norrvik, Plant 1"}),
    (Shot("first-run-start", "/first-run/start/"), {}),
    (Shot("first-run-connect", "/first-run/connect/"), {}),
)


class Doors:
    """The sessions of the demo's people, one of each role that is asked for; nobody's for the empty role."""

    def __init__(self, browser: Browser, ready: dict[str, Any]) -> None:
        self.browser, self.ready = browser, ready
        self._states: dict[str, dict[str, Any] | None] = {"": None}

    def state(self, role: str) -> dict[str, Any] | None:
        """The session of a person of this role, signed in when it is first wanted."""
        if role not in self._states:
            self._states[role] = self._sign_in(role)
        return self._states[role]

    def _sign_in(self, role: str) -> dict[str, Any]:
        person = next(person for person in self.ready["people"] if role in person["roles"])
        page = self.browser.new_page()
        page.goto(f"{self.ready['url']}/sign-in/")
        page.fill("[name=email]", person["email"])
        page.fill("[name=password]", person["password"])
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        state = page.context.storage_state()
        page.close()
        return dict(state)


def first_run(browser: Browser, base: str) -> None:
    """Walk a home from its first page on, with a picture of every step before it is answered."""
    page = browser.new_page()
    for shot, answers in FIRST_RUN:
        for look in LOOKS:
            state = dict(page.context.storage_state()) if page.url.startswith(base) else None
            print(f"{shot.name}{look.name}: {take(browser, base, state, shot, look) or 'fine'}")
        page.goto(base + shot.path)
        for name, text in answers.items():
            page.fill(f"[name={name}]", text)
        if answers:
            page.click("main button[type=submit]")
            page.wait_for_load_state()
    page.close()


def act(page: Page, press: tuple[str, ...]) -> None:
    """Do what brings the page into the state to show."""
    for step in press:
        kind, _, value = step.partition(":")
        if kind not in {"key", "type"}:
            page.click(step)
        elif kind == "key":
            page.keyboard.press(value if value.strip() else "Space")
        else:
            page.keyboard.type(value)
        page.wait_for_timeout(400)


def connect(browser: Browser, doors: Doors) -> None:
    """Let two edge nodes speak and enter a device profile, which a fresh demo does not have."""
    where, now = urlsplit(doors.ready["mqtt_url"]), int(time.time() * 1000)
    line = Client(CallbackAPIVersion.VERSION2, client_id="shots")
    line.username_pw_set(where.username, where.password)
    line.connect(str(where.hostname), where.port or 1883)
    line.loop_start()
    session = Metric("bdSeq", None, now, 8, 1.0)
    for place, sequence, metrics in NODES:
        heard = [Metric(name, alias, now, kind, value, unit=unit) for name, alias, kind, value, unit in metrics]
        node = [session] if sequence in (0, None) else []
        said = encode(Payload(now, sequence, (*node, *heard)))
        line.publish(f"spBv1.0/NV1/{place}", said, qos=1).wait_for_publish(10)
        time.sleep(0.3)
    line.loop_stop()
    line.disconnect()
    page = browser.new_context(storage_state=doors.state("engineer")).new_page()  # type: ignore[arg-type]
    page.goto(f"{doors.ready['url']}/process/profiles/")
    if not page.locator("[data-row]").count():
        page.goto(f"{doors.ready['url']}/process/profiles/new/")
        for name, text in PROFILE.items():
            page.fill(f"[name={name}]", text)
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
    page.context.close()


def take(browser: Browser, base: str, state: dict[str, Any] | None, shot: Shot, look: Look) -> str:
    """One picture; returns what went wrong on the page, empty when nothing did."""
    wrong: list[str] = []
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.dark else "light",
        storage_state=state,  # type: ignore[arg-type]  # a plain dict of the same shape
    )
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda problem: wrong.append(str(problem)))
    answer = page.goto(base + shot.path)
    if answer is None or answer.status >= 400:
        context.close()
        return f"answered {answer.status if answer else 'nothing'}"
    if shot.first and page.locator(shot.first).count():
        page.locator(shot.first).first.click()
        page.wait_for_load_state()
    page.wait_for_timeout(700)
    act(page, shot.press)
    height = 844 if look.phone else min(1500, max(900, page.evaluate("document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": look.width, "height": height})
    page.wait_for_timeout(250)
    if page.evaluate("document.documentElement.scrollWidth") > look.width:
        wrong.append("scrolls sideways")
    path = OUT / f"{shot.name}{look.name}.png"
    page.screenshot(path=path)
    page.goto("about:blank")
    shrink(page, path)
    context.close()
    return "; ".join(wrong)


PIXELS = """async (png) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const bytes = context.getImageData(0, 0, image.width, image.height).data;
  const parts = [];
  for (let i = 0; i < bytes.length; i += 32768) parts.push(String.fromCharCode(...bytes.subarray(i, i + 32768)));
  return [image.width, image.height, btoa(parts.join(''))];
}"""


def shrink(page: Page, path: Path) -> None:
    """Write the picture again with a palette of its 256 commonest colours: a fifth of the size, the same to the eye."""
    width, height, text = page.evaluate(PIXELS, base64.b64encode(path.read_bytes()).decode())
    pixels: Any = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 4)[:, :3].astype(np.int64)
    codes, inverse, counts = np.unique(pixels @ np.array([65536, 256, 1]), return_inverse=True, return_counts=True)
    common: Any = codes[np.argsort(-counts)]
    # one colour of every corner of the colour space first, so that a small red mark stays red
    corners = np.sort(np.unique(common & 0xC0C0C0, return_index=True)[1])
    palette = np.concatenate([common[corners], np.delete(common, corners)])[:256]
    nearest: Any = cKDTree(_channels(palette)).query(_channels(codes))[1]
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = nearest.astype(np.uint8)[inverse.reshape(-1)].reshape(height, width)
    body = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", _channels(palette).astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    ]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in body]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def _channels(codes: Any) -> Any:
    """Red, green and blue of colours written as one number."""
    return np.stack([codes >> 16 & 255, codes >> 8 & 255, codes & 255], axis=1)


def main() -> None:
    """Take every picture asked for and say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ready", type=Path, help="ready.json of a running instance")
    parser.add_argument("names", nargs="*", help="beginnings of the names to take")
    options = parser.parse_args()
    ready = json.loads(options.ready.read_text())
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        if "people" in ready:
            pictures(browser, ready, tuple(options.names))
        else:
            first_run(browser, ready["url"].rstrip("/"))
        browser.close()


def pictures(browser: Browser, ready: dict[str, Any], names: tuple[str, ...]) -> None:
    """Every picture of the demo plant whose name begins like one of the names; all without names."""
    doors = Doors(browser, ready)
    connect(browser, doors)
    for shot in SHOTS:
        if names and not shot.name.startswith(names):
            continue
        for look in LOOKS:
            if look.name in shot.looks:
                wrong = take(browser, ready["url"].rstrip("/"), doors.state(shot.role), shot, look)
                print(f"{shot.name}{look.name}: {wrong or 'fine'}")


if __name__ == "__main__":
    main()
