"""A browser, the real web process on a database of the test alone, and pages of a signed-in person."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from qms.core.actor import Actor
from qms.embedded import probes
from qms.embedded.nursery import Nursery
from qms.embedded.process import Child, last_words
from tests import warm
from tests.browser import platform
from tests.browser.platform import Plant
from tests.browser.walking import Walk

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "qms" / "web" / "static" / "dist"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
# the browser's driver runs its own event loop in this thread, in which Django refuses to query without this
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
expect.set_options(timeout=30_000)  # ms, as patient as clicks are: a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system; without one the tests are skipped, unless they must run."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None or not (DIST / "app.css").exists():
        missing = "Chromium" if path is None else "the built front end (npm ci && npm run build)"
        if os.environ.get("QMS_REQUIRE_BROWSER"):
            pytest.fail(f"The browser tests need {missing}.")
        pytest.skip(f"The browser tests need {missing}.")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def db(fresh_database: str) -> None:
    """Real commits, so that another process sees them."""


@pytest.fixture(scope="session")
def collected(tmp_path_factory) -> str:
    """The static files as production serves them."""
    folder = str(tmp_path_factory.mktemp("static"))
    command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"]
    environment = {**os.environ, "STATIC_ROOT": folder, "DJANGO_SETTINGS_MODULE": "qms.settings"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return folder


@pytest.fixture
def house(db, collected: str, nursery: Nursery, tmp_path: Path) -> Iterator[str]:
    """The address of the web process."""
    port = probes.free_port(0)
    options = ["--interface", "asgi", "--no-ws", "--port", str(port), "--log-level", "error"]
    options += ["--workers-kill-timeout", "3"]  # an open stream would hold the process longer than a test waits
    settings, log = {"DATABASE_URL": os.environ["DATABASE_URL"], "STATIC_ROOT": collected}, tmp_path / "web.log"
    web = Child.start(warm.unit(nursery, log, settings, "-m", "granian", *options, "qms.asgi:application"))
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/health/live/", web)
        yield url
    finally:
        web.ask_to_stop()
        web.wait_stopped()
        print(log.read_text())


def _wait_for(url: str, web: Child) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and web.exit_code() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("\n".join(["The web process did not start.", *last_words(web.unit.log)]))


@pytest.fixture
def open_page(browser, house, browser_of) -> Iterator[Callable[..., Page]]:
    """Open a page as a person; console errors, refused resources and foreign requests end up in `page.wrong`."""
    contexts = []

    def go(actor: Actor | None, path: str, *, width: int = 1440, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", base_url=house
        )
        contexts.append(context)
        if actor is not None:
            session = browser_of(actor).cookies[django_settings.SESSION_COOKIE_NAME].value
            cookie = {"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": house}
            context.add_cookies([cookie])
        page = listening(context.new_page(), house)
        page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def plant(browser, tmp_path_factory) -> Iterator[Plant]:
    """The whole platform with its demo plant, once for all tests that only need it to run.

    With QMS_BROWSER_HOME set, the one that runs on that home.
    """
    if kept := os.environ.get("QMS_BROWSER_HOME"):
        yield platform.running(Path(kept))
        return
    running, process = platform.start(tmp_path_factory.mktemp("plant") / "home")
    yield running
    platform.stop(process)


@pytest.fixture
def walk(browser, plant) -> Iterator[Callable[..., Walk]]:
    """Begin a walk in a browser of its own: nobody is signed in yet, nothing is cached."""
    contexts = []

    def begin(**options: Any) -> Walk:
        contexts.append(browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options}))
        return Walk(listening(contexts[-1].new_page(), plant.url), plant)

    yield begin
    for context in contexts:
        context.close()


def listening(page: Page, base: str) -> Page:
    """Collect in `page.wrong` what no page may do: errors, refusals by the content policy, requests elsewhere."""
    page.wrong = []
    page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: page.wrong.append(str(problem)))
    page.on("request", lambda sent: None if _own(sent.url, base) else page.wrong.append(sent.url))
    return page


def _own(url: str, base: str) -> bool:
    return url.startswith((base, "data:", "blob:"))
