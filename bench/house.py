"""A platform started for one bench on a new home, and visitors who come over real HTTP as a browser does."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench import start

IDLE = 20.0  # seconds after which the server may have closed a kept connection


@dataclass(frozen=True)
class House:
    """A running demo plant."""

    home: Path

    @property
    def ready(self) -> dict[str, Any]:
        """Addresses and people."""
        found: dict[str, Any] = json.loads((self.home / "ready.json").read_text())
        return found

    def person(self, role: str) -> dict[str, Any]:
        """The first of the demo's people with a role: email, password, token."""
        found: dict[str, Any] = next(one for one in self.ready["people"] if role in one["roles"])
        return found


@contextmanager
def house() -> Iterator[House]:
    """Start a demo plant, take it and its home away afterwards. QMS_BENCH_HOME names one that runs already."""
    if kept := os.environ.get("QMS_BENCH_HOME"):
        yield House(Path(kept))
        return
    with tempfile.TemporaryDirectory(prefix="qms-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        try:
            launcher, _, _ = start.up(home)
            try:
                yield House(home)
            finally:
                start.down(launcher)
        finally:
            if (home / "postgres").is_symlink():
                shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)


@dataclass(frozen=True)
class Answer:
    """What came back: status, body, seconds to the first byte of the body and to the last."""

    status: int
    body: bytes
    first: float
    whole: float


class Visitor:
    """One person with one kept connection and their cookies."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {"Accept-Encoding": "identity"}
        self._link: http.client.HTTPConnection | None = None
        self._used = 0.0

    def enter(self, email: str, password: str) -> None:
        """Sign in by the page."""
        page = self.get("/sign-in/").body.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        fields = {"email": email, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url.geturl()}
        answer = self.ask("POST", "/sign-in/", body=urlencode(fields), headers=form)
        if answer.status != 302:
            raise SystemExit(f"{email} was not let in: {answer.status}")

    def get(self, path: str, **headers: str) -> Answer:
        """Fetch a page."""
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def open(self, path: str) -> http.client.HTTPResponse:
        """A stream on a connection of its own, read by the caller."""
        link = http.client.HTTPConnection(self.url.hostname or "", self.url.port, timeout=120)
        link.request("GET", path, headers={**self.headers, "Cookie": self._cookies(), "Accept": "text/event-stream"})
        return link.getresponse()

    def _cookies(self) -> str:
        return "; ".join(f"{key}={value}" for key, value in self.cookies.items())

    def ask(self, method: str, path: str, *, body: str = "", headers: dict[str, str] | None = None) -> Answer:
        """One request over the kept connection."""
        link = self._link = self._link or http.client.HTTPConnection(self.url.hostname or "", self.url.port, timeout=60)
        if time.monotonic() - self._used > IDLE:
            link.close()
        self._used = time.monotonic()
        cookies = {"Cookie": self._cookies()} if self.cookies else {}
        began = time.perf_counter()
        link.request(method, path, body=body or None, headers={**self.headers, **cookies, **(headers or {})})
        response = link.getresponse()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, text = value.partition(";")[0].partition("=")
                self.cookies[key] = text
        beginning = response.read(1)
        first = time.perf_counter() - began
        whole = beginning + response.read()
        return Answer(response.status, whole, first, time.perf_counter() - began)
