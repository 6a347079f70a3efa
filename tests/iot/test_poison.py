"""Messages that no batch survives: each costs itself alone, and what came with it is stored."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from governance.models import UnmappedTopic
from iot.ingest import worker
from iot.ingest.flush import flush
from iot.models import Quarantine, Reading
from iot.mqtt import Delivery
from iot.sparkplug.wire import Metric
from tests.iot.conftest import wire
from tests.iot.test_sparkplug import ms, said

pytestmark = pytest.mark.django_db
FORCE = "acme/NV1/ASM/L2/S30/press_force"


class Line:
    """What is acknowledged and sent, in the place of a broker."""

    def __init__(self) -> None:
        self.done: list[Delivery] = []

    def acknowledge(self, taken) -> None:
        self.done += taken

    def publish(self, *args, **more) -> None:
        raise AssertionError("nothing is to be said")


@pytest.fixture
def batch(start) -> list[Delivery]:
    """Five readings, the third of them at fault."""
    payloads = [wire(8.6 + at / 100, start + timedelta(seconds=at)) for at in range(5)]
    payloads[2] = b'{"odd":true}'
    return [Delivery(FORCE, one, timezone.now(), False, at, 1, 1) for at, one in enumerate(payloads)]


def keep(batch: list[Delivery]) -> Line:
    line = Line()
    worker.Worker(slot=0, line=line, stopping=lambda: False)._keep(batch)
    return line


@pytest.mark.parametrize("fault", [ValueError("A string cannot hold it."), IntegrityError("refused")])
def test_a_message_that_breaks_its_batch_is_put_aside_and_the_others_are_stored(
    characteristic, batch, fault, monkeypatch
):
    def breaking(messages, catalogue, **more):
        if any(b"odd" in message.payload for message in messages):
            raise fault
        return flush(messages, catalogue, **more)

    monkeypatch.setattr(worker, "flush", breaking)
    monkeypatch.setattr(worker.time, "sleep", lambda _: None)
    line = keep(batch)
    assert (Reading.objects.count(), sorted(one.mid for one in line.done)) == (4, [0, 1, 2, 3, 4])
    kept = Quarantine.objects.get()
    assert (kept.reason, bytes(kept.payload), type(fault).__name__ in kept.detail) == (
        "store.refused", b'{"odd":true}', True
    )  # fmt: skip


def test_a_unit_with_nul_on_an_unknown_topic_is_heard_as_others_are(site, hear, start):
    payload = json.dumps({"v": 1, "t": start.isoformat(), "u": "m\0m"}).encode()
    assert hear(("acme/NV1/ASM/L2/S30/new", payload)).outcomes == {"topic.unmapped": 1}
    assert UnmappedTopic.objects.get().unit == "m\ufffdm"


@pytest.mark.parametrize("name", ["S30/a\0b", "S30/" + "x" * 3000, "\ud7ff/\U0010ffff"])
@pytest.mark.parametrize(("alias", "unit"), [(7, "k\0N"), (2**64 - 1, "kN")])
def test_an_odd_birth_is_kept(site, hear, start, name, alias, unit):
    metric = Metric(name, alias, ms(start), 12, "lot\0", unit=unit)
    assert hear(said("NBIRTH", 0, [metric], start, 1), said("DBIRTH", 1, [metric], start)).outcomes == {}


@pytest.mark.parametrize("number", [2.0**63, 2.0**64 - 2048, -1.0, 1e300])
def test_a_session_number_that_is_none_costs_nobody_else(site, hear, start, number):
    hear(said("NBIRTH", 0, [Metric("bdSeq", None, ms(start), 10, number)], start))
