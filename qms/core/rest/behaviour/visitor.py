"""A system that calls the API with a key of its own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

from django.db import connection
from django.test import Client

from qms.core.actor import actor_of, system
from qms.core.models import Site
from qms.core.people import create_person
from qms.core.sites import create_site
from qms.core.tokens import issue_token

US = system("cases")


@dataclass(frozen=True)
class Visitor:
    """Sends JSON with its key; every call is a new client, as from another process."""

    key: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer; `headers` by name with underscores, such as If_Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = Client(raise_request_exception=False, SERVER_NAME="localhost")
        return client.generic(
            method, path, "" if body is None else json.dumps(body), "application/json",
            headers={"Authorization": f"Bearer {self.key}", **named},
        )  # fmt: skip

    def get(self, path: str, **headers: str) -> Any:
        """Read."""
        return self.send("GET", path, **headers)

    def make(self, path: str, title: str) -> Any:
        """Open a record of this title; its body as answered."""
        return self.send("POST", path, {"title": title}).json()


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """What `count` callers get that start at the same moment."""
    start = Barrier(count)

    def one(_: int) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def visitors(count: int) -> list[Visitor]:
    """So many systems of as many people, all quality managers of one new plant."""
    site = create_site(code=f"C{secrets.token_hex(4).upper()}", name="Plant of the cases", timezone="UTC", by=US)
    return [_visitor(site, number) for number in range(count)]


def _visitor(site: Site, number: int) -> Visitor:
    email = f"caller.{site.code}.{number}@example.org"
    user = create_person(email=email, name=f"Caller {number}", roles=[(site, "manager")], by=US)
    return Visitor(issue_token(user, "cases", by=actor_of(user))[1])
