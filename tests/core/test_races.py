"""Eight at once: one wins, the others are told, and no number is given twice or left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from qms.core.actor import actor_of, system
from qms.core.errors import Invalid, Refused
from qms.core.models import Membership, Record, SigningAttempt, Trail
from qms.core.people import create_person, first_owner, revoke_role
from qms.core.records import change_record, open_record
from qms.core.signing import TRIES, prove
from qms.core.sites import create_site
from qms.core.stepping import advance
from qms.core.trail import reading
from tests.core.gauge import Gauge

CLIENTS = 8
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_database")]


@pytest.fixture
def plant(own_database):
    return create_site(code="NV1", name="Nordvik", by=system("tests"))


def at_once(work: Callable[[int], object]) -> list[object]:
    """What each of eight clients got, an exception being an answer too."""
    barrier = Barrier(CLIENTS)

    def client(number: int) -> object:
        try:
            barrier.wait(30)
            return work(number)
        except Exception as problem:
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def test_numbers_are_unique_and_without_gaps(plant) -> None:
    def open_five(client: int) -> None:
        for n in range(5):
            title = "" if client == 0 and n == 2 else "Ring"  # one is refused and must not take a number
            try:
                open_record(Gauge, title=title, site=plant, by=system("tests"))
            except Invalid:
                assert not title

    assert at_once(open_five) == [None] * CLIENTS
    with reading(system("tests")):
        numbers = sorted(Record.objects.values_list("number", flat=True))
        year = Record.objects.first().opened_at.year
    assert numbers == [f"GAU-{year}-{n:04d}" for n in range(1, 40)]


def test_one_of_eight_takes_the_step_and_the_others_learn_why_not(plant) -> None:
    gauge = open_record(Gauge, title="Ring", note="x", site=plant, by=system("tests"))
    for _ in range(5):
        gauge = advance(gauge, "check", by=system("tests"))
        outcomes = at_once(lambda n, seen=gauge: advance(seen, "check", by=system(f"client {n}"), version=seen.version))
        assert Counter(type(x).__name__ for x in outcomes) == {"Gauge": 1, "Conflict": CLIENTS - 1}
        gauge = next(x for x in outcomes if isinstance(x, Gauge))
    assert gauge.checks == 10
    assert Trail.objects.filter(tbl="gauges_gauge").count() == 11


def test_of_eight_ends_of_a_flow_one_counts(plant) -> None:
    gauge = open_record(Gauge, title="Ring", site=plant, by=system("tests"))
    outcomes = at_once(lambda n: advance(gauge, "void", by=system(f"client {n}"), reason="because"))
    refused = [x for x in outcomes if isinstance(x, Refused)]
    assert len(refused) == CLIENTS - 1
    assert "“Void”, where this step does not exist" in str(refused[0])


def test_no_update_is_lost(plant) -> None:
    gauge = open_record(Gauge, title="Ring", site=plant, by=system("tests"))
    outcomes = at_once(lambda n: change_record(gauge, by=system("tests"), title=f"by {n}", version=1))
    assert Counter(type(x).__name__ for x in outcomes) == {"Gauge": 1, "Conflict": CLIENTS - 1}


def test_of_eight_first_owners_one_is_made(own_database) -> None:
    outcomes = at_once(lambda n: first_owner(email=f"o{n}@example.org", name="O", password="a long and good one"))
    assert Counter(type(x).__name__ for x in outcomes) == {"User": 1, "Refused": CLIENTS - 1}


def test_wrong_passwords_at_once_are_counted_like_those_in_a_row(plant) -> None:
    person = first_owner(email="olga@example.org", name="Olga", password="a plumb line hangs true")

    def guess(client: int) -> None:
        prove(actor_of(person), f"guess {client}")

    told = Counter(type(answer).__name__ for answer in at_once(guess))
    assert told == {"WrongPassword": TRIES, "Refused": CLIENTS - TRIES}
    assert SigningAttempt.objects.filter(ok=False).count() == TRIES


def test_two_owners_do_not_take_the_last_role_from_each_other(plant) -> None:
    first = first_owner(email="olga@example.org", name="Olga", password="a plumb line hangs true")
    second = create_person(email="otto@example.org", name="Otto", roles=[(None, "owner")], by=actor_of(first))
    pairs = [(first, second), (second, first)]

    def take(client: int) -> None:
        by, other = pairs[client % 2]
        revoke_role(other, (None, "owner"), by=actor_of(by))

    assert at_once(take).count(None) == 1
    assert Membership.objects.filter(role="owner").count() == 1
