"""Eight clients at once on real PostgreSQL: one wins, the others are told; numbers and folding hold."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from copy import copy

import pytest
from django.db import connections
from django.utils import timezone

from capa import services
from capa.models import Capa, DefectCode, Nonconformity
from iot.models import Signal
from qms.core.actor import actor_of, system
from qms.core.errors import Refused
from qms.core.models import Membership, Site, User
from qms.core.stepping import advance
from qms.core.trail import acting, reading

pytestmark = pytest.mark.slow
CLIENTS = 8


@pytest.fixture
def plant(fresh_database):
    """A site and an engineer, committed."""
    with acting(system("tests")):
        site = Site.objects.create(code="NV1", name="Plant", timezone="Europe/Berlin")
        user = User.objects.create_user("elin@example.org", "correct horse battery", name="Elin Lindqvist")
        Membership.objects.create(user=user, site=site, role="engineer")
    return site, actor_of(user)


def at_once(work) -> list:
    """Run `work` in eight threads that start together; a refusal is its text."""
    barrier = threading.Barrier(CLIENTS)

    def one(_):
        try:
            barrier.wait(30)
            return work()
        except Refused as refused:
            return str(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, range(CLIENTS)))


def test_of_eight_clients_taking_a_step_one_wins(plant):
    site, engineer = plant
    ncr = services.open_nonconformity(title="Burr", site=site, by=engineer, quantity_nonconforming=3)
    ncr = services.contain(
        ncr,
        by=engineer,
        password="correct horse battery",
        place="wip",
        measure="Blocked",
        quantity_checked=3,
        quantity_found=3,
    )
    results = at_once(lambda: advance(ncr, "evaluate", by=engineer))
    won = [result for result in results if isinstance(result, Nonconformity)]
    assert len(won) == 1
    assert all("is in “Evaluation”" in text for text in results if isinstance(text, str))
    with reading(engineer):
        assert Nonconformity.objects.get(pk=ncr.pk).version == won[0].version


def test_the_ledger_holds_against_eight_clients(plant):
    site, engineer = plant
    ncr = services.open_nonconformity(title="Burr", site=site, by=engineer, quantity_nonconforming=10)
    ncr = services.contain(
        ncr,
        by=engineer,
        password="correct horse battery",
        place="wip",
        measure="Blocked",
        quantity_checked=10,
        quantity_found=10,
    )
    results = at_once(lambda: services.add_disposition(ncr, kind="scrap", quantity=4, by=engineer))
    assert sum(not isinstance(result, str) for result in results) == 2
    with reading(engineer):
        assert sum(row.quantity for row in ncr.disposition_rows()) == 8


def test_eight_opens_give_eight_numbers_without_a_gap(plant):
    site, engineer = plant
    results = at_once(lambda: services.open_nonconformity(title="Burr", site=site, by=engineer).number)
    assert sorted(int(number[-4:]) for number in results) == list(range(1, CLIENTS + 1))


def test_eight_opens_of_one_signal_fold_into_one(plant, make_signal):
    site, engineer = plant
    signal = make_signal(site)
    results = at_once(
        lambda: services.open_nonconformity_from_signal(Signal.objects.only("pk").get(pk=signal.pk), by=engineer).pk
    )
    assert len(set(results)) == 1


def test_of_eight_clients_taking_a_capa_step_one_wins(plant):
    site, engineer = plant
    capa = services.open_capa(title="Leak", site=site, by=engineer, severity="major")
    capa = services.save_section(
        capa, "symptom", by=engineer, source="signal", symptom="2 % leak", emergency="not_needed"
    )
    results = at_once(lambda: advance(capa, "submit", by=engineer))
    won = [result for result in results if isinstance(result, Capa)]
    assert len(won) == 1
    assert sum("is in “Triage" in text for text in results if isinstance(text, str)) == CLIENTS - 1
    with reading(engineer):
        assert Capa.objects.get(pk=capa.pk).version == won[0].version


def test_of_eight_clients_saving_what_they_saw_one_wins(plant):
    site, engineer = plant
    capa = services.open_capa(title="Leak", site=site, by=engineer, severity="major")
    results = at_once(lambda: services.save_section(capa, "closing", by=engineer, version=capa.version, summary="Mine"))
    assert sum(isinstance(result, Capa) for result in results) == 1


def contained(site, engineer) -> Nonconformity:
    ncr = services.open_nonconformity(title="Burr", site=site, by=engineer, quantity_nonconforming=3)
    return services.contain(
        ncr,
        by=engineer,
        password="correct horse battery",
        place="wip",
        measure="Blocked",
        quantity_checked=3,
        quantity_found=3,
    )


def test_of_eight_clients_withdrawing_a_disposition_one_wins(plant):
    site, engineer = plant
    row = services.add_disposition(contained(site, engineer), kind="scrap", quantity=3, by=engineer)
    results = at_once(lambda: services.withdraw_disposition(copy(row), by=engineer))
    assert sum(not isinstance(result, str) for result in results) == 1
    assert results.count("This disposition is already withdrawn.") == CLIENTS - 1


def test_of_eight_clients_carrying_out_a_disposition_one_wins(plant):
    site, engineer = plant
    row = services.add_disposition(contained(site, engineer), kind="scrap", quantity=3, by=engineer)
    with acting(system("tests")):
        Nonconformity.objects.filter(pk=row.nonconformity_id).update(state="in_disposition")
    results = at_once(lambda: services.carry_out(copy(row), by=engineer))
    assert sum(not isinstance(result, str) for result in results) == 1
    assert results.count("This disposition is already carried out.") == CLIENTS - 1


def agreed(site, engineer, approvers) -> Nonconformity:
    """Three pieces to be used as is for a customer whose permit has no number yet."""
    password = "correct horse battery"
    ncr = contained(site, engineer)
    with acting(system("tests")):
        code, _ = DefectCode.objects.get_or_create(code="BURR", name="Burr")
    known = {"requirement": "no burr", "actual": "burr", "defect_code": code, "concession_required": True}
    given = {"concession_by": "A. Roth", "concession_on": timezone.now().date(), "concession_quantity": 3}
    services.save_nonconformity(ncr, by=engineer, **known, **given)
    advance(ncr, "evaluate", by=engineer)
    services.add_disposition(ncr, kind="use_as_is", quantity=3, by=engineer)
    advance(ncr, "propose_disposition", by=engineer)
    return advance(ncr, "agree_engineering", by=approvers[0], password=password)


def test_of_two_records_under_one_permit_one_gets_its_pieces(plant):
    site, engineer = plant
    people = []
    for name in ("anna", "tomas"):
        with acting(system("tests")):
            user = User.objects.create_user(f"{name}@example.org", "correct horse battery", name=name)
            Membership.objects.create(user=user, site=site, role="approver")
        people.append(actor_of(user))
    records = [agreed(site, engineer, people) for _ in people]
    numbered = threading.Barrier(2)

    def decide(turn: int) -> object:
        by, ncr = people[turn], records[turn]
        try:
            with acting(by):
                services.save_nonconformity(ncr, by=by, concession_number=("K-77", "k-77 ")[turn])
                numbered.wait(30)
                return advance(ncr, "record_customer_approval", by=by, password="correct horse battery")
        except Refused as refused:
            return str(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(decide, range(2)))
    assert sorted(isinstance(result, Nonconformity) for result in results) == [False, True], results
    assert any("3 more are used" in result for result in results if isinstance(result, str))
