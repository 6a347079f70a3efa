"""The live stream: fan-out by topic, slow pages, coming back, who may listen."""

from __future__ import annotations

import asyncio
import json

import pytest

from qms.core import people
from qms.core.models import User
from qms.web.live import ROOM, Broadcaster, Client, stream
from qms.web.topics import may_listen


@pytest.fixture
def quiet(monkeypatch) -> Broadcaster:
    """A broadcaster without its database thread."""
    broadcaster = Broadcaster()
    monkeypatch.setattr(broadcaster, "_listen", lambda: None)
    return broadcaster


def message(topic: str, **data: object) -> str:
    return json.dumps({"topic": topic, **data})


async def settled(client: Client) -> list[str]:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return [text for _, _, text in client.waiting]


def test_a_page_hears_only_its_topics(quiet) -> None:
    async def run() -> list[str]:
        client = quiet.join(["record:1"], 0)
        quiet.send(message("record:1", n=1))
        quiet.send(message("record:2", n=2))
        return await settled(client)

    assert asyncio.run(run()) == [message("record:1", n=1)]


def test_a_page_that_comes_back_gets_what_it_missed(quiet) -> None:
    async def run() -> list[str]:
        quiet.send(message("record:1", n=1))
        last = quiet._recent[-1][0]
        quiet.send(message("record:1", n=2))
        return await settled(quiet.join(["record:1"], last))

    assert asyncio.run(run()) == [message("record:1", n=2)]


def test_a_new_page_gets_nothing_old(quiet) -> None:
    async def run() -> list[str]:
        quiet.send(message("record:1", n=1))
        return await settled(quiet.join(["record:1"], 0))

    assert asyncio.run(run()) == []


def test_a_page_that_missed_more_than_was_kept_fetches_for_itself(quiet) -> None:
    async def run() -> list[str]:
        return await settled(quiet.join(["b:1", "a:1"], quiet._first - 1))

    assert asyncio.run(run()) == [message("a:1", poll=True), message("b:1", poll=True)]


def test_once_the_database_is_heard_again_every_page_fetches_for_itself(quiet) -> None:
    async def run() -> list[str]:
        client = quiet.join(["a:1"], 0)
        quiet.ask_again()
        return await settled(client)

    assert asyncio.run(run()) == [message("a:1", poll=True)]


def test_a_slow_page_keeps_only_the_newest_of_each_topic(quiet) -> None:
    async def run() -> list[str]:
        client = quiet.join(["a:1", "b:1"], 0)
        quiet.send(message("b:1", n=0))
        for n in range(ROOM):
            quiet.send(message("a:1", n=n))
        return await settled(client)

    assert asyncio.run(run()) == [message("b:1", n=0), message("a:1", n=ROOM - 1)]


def test_a_closed_page_is_forgotten(quiet) -> None:
    async def run() -> int:
        client = quiet.join(["a:1"], 0)
        quiet.leave(client)
        return len(quiet._clients)

    assert asyncio.run(run()) == 0


async def heard(broadcaster: Broadcaster, *said: str) -> list[bytes]:
    """All that a stream of person 7 gives until it ends."""
    found = []
    async for part in stream(["record:1"], 0, 7):
        found.append(part)
        if len(found) == 1:
            for text in said:
                broadcaster.send(text)
    return found


def test_a_stream_ends_when_the_rights_of_its_person_change(quiet, monkeypatch) -> None:
    monkeypatch.setattr("qms.web.live.BROADCASTER", quiet)
    said = [message("record:1", n=1), message("user:7", kind="access")]
    _, news, last = asyncio.run(heard(quiet, *said))
    assert (b'"n": 1' in news, last) == (True, b"retry: 100\n: ask again\n\n")


def test_a_stream_does_not_outlive_its_time(quiet, monkeypatch) -> None:
    monkeypatch.setattr("qms.web.live.BROADCASTER", quiet)
    monkeypatch.setattr("qms.web.live.LIFE", 0.05)
    assert asyncio.run(heard(quiet))[-1] == b"retry: 100\n: ask again\n\n"


def test_the_stream_of_somebody_else_goes_on(quiet) -> None:
    async def run() -> bool:
        client = quiet.join(["record:1"], 0, 8)
        quiet.send(message("user:7", kind="access"))
        await settled(client)
        return client.ended

    assert not asyncio.run(run())


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["locked", "role", "password"])
def test_what_takes_rights_away_is_told_to_the_streams(make_actor, operator, site, monkeypatch, change) -> None:
    told = []
    monkeypatch.setattr("qms.core.people.ask_again", told.append)
    admin, person = make_actor("Ada Min", "owner"), User.objects.get(pk=operator.id)
    acts = {
        "locked": lambda: people.change_person(person, is_active=False, by=admin),
        "role": lambda: people.revoke_role(person, (site, "operator"), by=admin),
        "password": lambda: people.set_password(person, "a plumb line hangs true", by=admin),
    }
    acts[change]()
    assert told == [person.pk]


def test_numbers_rise_over_a_restart(quiet) -> None:
    quiet.send(message("a:1"))
    later = Broadcaster()
    assert next(later._numbers) >= quiet._recent[-1][0]


@pytest.mark.parametrize("topic", ["", "record", "record:x", "secret:1", "user:999999"])
def test_unknown_topics_are_refused(db, engineer, topic) -> None:
    assert not may_listen(topic, engineer)


def test_a_person_hears_records_and_sites_of_the_own_plant_only(engineer, stranger, site, make_record) -> None:
    record = make_record()
    for topic in (f"record:{record.pk}", f"site:{site.pk}"):
        assert may_listen(topic, engineer)
        assert not may_listen(topic, stranger)
