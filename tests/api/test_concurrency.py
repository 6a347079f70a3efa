"""Several clients at once, on a database with real commits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from capa.models import Nonconformity
from qms.core.actor import Actor, actor_of, system
from qms.core.events import RecordChanged, publish
from qms.core.models import Membership, Record, Site, Token, User
from qms.core.records import open_record
from qms.core.tokens import digest_of_key
from qms.core.trail import acting, history, reading
from tests.api import doors

pytestmark = pytest.mark.usefixtures("doors")
THINGS = "/api/v1/things/"
KEY = f"qms_abcd1234_{'s' * 32}"


@pytest.fixture
def boss(fresh_database) -> Actor:
    """A quality manager with a key, in a database of this test alone."""
    with acting(system("tests")):
        site = Site.objects.create(code="NV1", name="Norrvik", timezone="Europe/Berlin")
        user = User.objects.create_user("ines@example.org", None, name="Ines Okafor")
        Membership.objects.create(user=user, site=site, role="manager")
        Token.objects.create(user=user, name="MES", prefix="abcd1234", digest=digest_of_key(KEY), scopes=["*"])
    return actor_of(user)


def client() -> APIClient:
    made = APIClient(raise_request_exception=False)
    made.default_format = "json"
    made.credentials(HTTP_AUTHORIZATION=f"Bearer {KEY}")
    return made


def at_once(count: int, send: Callable[[APIClient], Any]) -> list[Any]:
    """The answers of `count` clients that send at the same moment."""
    start = Barrier(count)

    def one(_: int) -> Any:
        try:
            mine = client()
            mine.get("/api/v1/things/?limit=1")
            start.wait(timeout=30)
            return send(mine)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def opened(boss: Actor, state: str = "reported") -> Nonconformity:
    thing = open_record(Nonconformity, title="Burr", site=Site.objects.get(), by=boss, severity="minor")
    with acting(system("tests")):
        Record.objects.filter(pk=thing.pk).update(state=state)
    return thing


def test_of_eight_clients_taking_the_same_step_one_wins_and_the_rest_get_409(boss):
    address = f"{THINGS}{opened(boss, 'contained').pk}/advance/"
    answers = at_once(8, lambda mine: mine.post(address, {"step": "evaluate"}))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}


def test_of_eight_clients_changing_what_they_saw_one_wins_and_the_rest_get_412(boss):
    thing = opened(boss)
    answers = at_once(8, lambda mine: mine.patch(f"{THINGS}{thing.pk}/", {"title": "Chip"}, HTTP_IF_MATCH=thing.etag))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 7}
    with reading(boss):
        assert [act.source for act in history(thing.pk)].count("api") == 1


def test_numbers_are_unique_and_without_gaps_under_eight_clients(boss):
    answers = at_once(8, lambda mine: mine.post(THINGS, {"title": "Burr"}))
    assert sorted(int(answer.json()["number"][-4:]) for answer in answers) == list(range(1, 9))


def test_the_same_key_at_once_creates_one_and_tells_the_others_to_wait(boss, monkeypatch):
    answers = at_once(8, lambda mine: mine.post(THINGS, {"title": "race"}, HTTP_IDEMPOTENCY_KEY='"k-2"'))
    statuses = {answer.status_code for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    with reading(boss):
        assert Nonconformity.objects.count() == 1


def test_a_key_in_flight_is_409_with_retry_after(boss, monkeypatch):
    second = []

    def again() -> None:
        second.append(client().post(THINGS, {"title": "race"}, HTTP_IDEMPOTENCY_KEY='"k"'))
        connection.close()

    def slow(self, data):
        other = Thread(target=again)
        other.start()
        other.join()
        return open_record(Nonconformity, by=self.actor, severity="minor", **data)

    monkeypatch.setattr(doors.ThingViewSet, "open", slow)
    assert client().post(THINGS, {"title": "race"}, HTTP_IDEMPOTENCY_KEY='"k"').status_code == 201
    assert second[0].status_code == 409
    assert second[0]["Retry-After"] == "1"


def say(thing: Nonconformity, version: int) -> None:
    publish(RecordChanged(record=thing.pk, kind=thing.kind, number=thing.number, version=version), record=thing.pk)


def versions_after(address: str, wanted: int) -> list[int]:
    """What the feed says from here; patient, because any older transaction of the server holds it back."""
    deadline = time.monotonic() + 30
    while True:
        events = client().get(address).json()["results"]
        versions = [event["data"]["version"] for event in events if event["data"].get("version", 0) > 1]
        if len(versions) >= wanted or time.monotonic() > deadline:
            return versions
        time.sleep(0.1)


def test_the_feed_misses_no_late_commit(boss, settings):
    settings.ROOT_URLCONF = "qms.urls"
    thing, said, go = opened(boss), Event(), Event()

    def slow() -> None:
        with acting(boss):
            say(thing, 7)
            said.set()
            go.wait(30)
        connection.close()

    late = Thread(target=slow)
    late.start()
    said.wait(30)
    with acting(boss):
        say(thing, 8)
    early = versions_after("/api/v1/events/", 0)
    go.set()
    late.join()
    assert early == []
    assert versions_after("/api/v1/events/", 2) == [7, 8]
