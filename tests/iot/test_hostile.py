"""Ten thousand hostile payloads: the worker lives, and every one is accounted for by reason."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from iot.models import IngestCount, Quarantine, Reading
from tests.iot.conftest import wire
from tests.iot.test_formats import REFUSED

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TOPIC = "NV1/ASM/L2/S30/press_force"
COUNT = 10_000


def hostile(chance: random.Random, at: int) -> tuple[str, bytes]:
    """One message meant to break the worker, or a sound one in between."""
    now = timezone.now()
    kinds = [
        lambda: (TOPIC, chance.choice(REFUSED)[1]),
        lambda: (TOPIC, chance.randbytes(chance.randrange(200))),
        lambda: (TOPIC, wire(8.6, now + timedelta(days=chance.randrange(1, 4000)))),
        lambda: (TOPIC, wire(8.6, "0001-01-01T00:00:00+14:00")),
        lambda: (TOPIC, wire(8.6, "9999-12-31T23:59:59-14:00")),
        lambda: (TOPIC, wire(1.7e308, now - timedelta(microseconds=at), "MN")),
        lambda: (TOPIC, wire(8.6, now, chance.choice(["kg", "zork", "9**9**9", "", "m" * 40]))),
        lambda: ("NV1/" + "x/" * chance.randrange(12), wire(8.6, now)),
        lambda: ("\x01\u202e/../" + "é" * chance.randrange(500), b"{}"),
        lambda: (f"NV1/ASM/L2/S30/unknown{chance.randrange(50)}", wire(1.0, now)),
        lambda: ("NV1/ASM/L2/S30", json.dumps({"readings": [{"p": "press_force", "v": None}] * 3}).encode()),
        lambda: (TOPIC, wire(8.6, now - timedelta(milliseconds=at), lot="L" * 80, serial="\u0000")),
        lambda: (TOPIC, wire(8.6, now - timedelta(milliseconds=at))),
    ]
    return chance.choice(kinds)()


def test_every_hostile_payload_is_accounted_for(characteristic, send):
    chance, outcomes, expected = random.Random(20261121), Counter[str](), 0
    for start in range(0, COUNT, 500):
        batch = [hostile(chance, at) for at in range(start, start + 500)]
        expected += sum(3 if topic == "NV1/ASM/L2/S30" else 1 for topic, _ in batch)
        outcomes += send(*batch).outcomes
    late = outcomes.pop("late", 0)
    assert sum(outcomes.values()) == expected
    assert late <= outcomes["stored"] == Reading.objects.count()
    kept = sum(count for name, count in outcomes.items() if name not in {"stored", "duplicate", "correction"})
    assert Quarantine.objects.count() == kept
    counted = dict(IngestCount.objects.values_list("outcome", "count"))
    assert {name: count for name, count in counted.items() if name != "late"} == dict(outcomes)
    assert len(outcomes) >= 20
