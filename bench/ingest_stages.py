"""Where the worker's processor time goes, stage by stage; a program with DJANGO_SETTINGS_MODULE set.

Its arguments: the code of a new area and how many rounds. It takes prepared messages through the worker's own batch and
prints, for 100, 10 and 1 readings a message, the CPU-microseconds a reading of each stage. Not in it: the line to the
broker, which the figures of the whole worker hold.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - models need the settings

from bench.ingest_load import EACH, STATIONS, Load  # noqa: E402
from bench.ingest_plant import make  # noqa: E402
from iot.charting import batch, charts  # noqa: E402
from iot.ingest import flush as whole  # noqa: E402
from iot.ingest import intake  # noqa: E402
from iot.ingest.catalogue import load  # noqa: E402
from qms.core.trail import reading  # noqa: E402

MESSAGES = 1000  # of one batch: as many as the broker sends before it waits for an answer
STAGES: list[tuple[Any, str, str]] = [
    (intake.Intake, "take", "payloads"),
    (intake.Intake, "readings", "columns"),
    (whole, "store", "readings"),
    (charts.Charts, "lock", "states read"),
    (batch, "judge_together", "points"),
    (charts.Charts, "save", "states saved"),
    (batch, "settle_new", "signals"),
    (whole.accounts, "count", "accounts"),
    (whole, "tell", "notes"),
    (connection, "_commit", "commit"),
]
spent: dict[str, float] = defaultdict(float)
_under: list[float] = []


def timed(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function with its own processor time noted, that of stages inside it left out."""

    def run(*args: Any, **options: Any) -> Any:
        began = time.process_time()
        _under.append(0.0)
        try:
            return function(*args, **options)
        finally:
            took, inside = time.process_time() - began, _under.pop()
            spent[name] += took - inside
            if _under:
                _under[-1] += took

    return run


def payload_of(packet: bytes) -> tuple[str, bytes]:
    """Topic and payload of a packet of the load."""
    at = 1
    while packet[at] & 128:
        at += 1
    long = int.from_bytes(packet[at + 1 : at + 3], "big")
    return packet[at + 3 : at + 3 + long].decode(), packet[at + 5 + long :]


def main(area: str, rounds: int) -> None:
    """Measure and print."""
    make(area, "xbar-r", 5, STATIONS, EACH)
    with reading(whole.INGEST):
        catalogue = load()
    work = Load(area, 5, int(time.time() * 1e6))

    def some(count: int, each: int) -> list[intake.Message]:
        now = datetime.now(UTC)
        return [intake.Message(*payload_of(one), now) for one in work.messages(count, each)]

    for _ in range(2):
        whole.flush(some(250, 100), catalogue)
    for owner, name, stage in STAGES:
        setattr(owner, name, timed(getattr(owner, name), stage))
    gc.freeze()
    found = {}
    for each in (100, 10, 1):
        batches = [some(MESSAGES, each) for _ in range(rounds)]
        spent.clear()
        began = time.process_time()
        for one in batches:
            whole.flush(one, catalogue)
        told = {**spent, "rest": time.process_time() - began - sum(spent.values())}
        found[each] = {name: round(seconds * 1e6 / (MESSAGES * each * rounds), 3) for name, seconds in told.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
