"""Faults for as long as one likes: `python3 -m bench.soak --kills 1000 --seed 1`.

Rounds of twenty random faults (kill -9 of worker, broker and PostgreSQL, cuts of the network) while at least 45,000
readings of a gateway flow, each on a database of its own. After each round what is missing is asked for and what there
is is held against what there must be. Prints every fault and the account of every round; ends with 1 when one differs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qms.embedded import broker, probes, services
from qms.embedded.home import Home
from qms.embedded.nursery import Nursery
from qms.embedded.process import Child
from qms.embedded.testing import RunningServer
from tests.iot.breakable import ROOT, account, cabled, cluster_in, plant_in, storm


@contextmanager
def nursery_in(folder: Path, database: str) -> Iterator[Nursery]:
    """The process that workers are forked from."""
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "qms.settings", "DATABASE_URL": database}
    found = Nursery(services.PRELOAD, environ, ROOT, folder / "nursery.log")
    child = Child.start(found.unit)
    try:
        found.wait_ready()
        yield found
    finally:
        found.close()
        child.wait_stopped()


@contextmanager
def broker_in(folder: Path) -> Iterator[RunningServer]:
    """A broker that may be killed."""
    home = Home(folder / "home")
    nats = broker.Broker(home, probes.free_port(0), home.secret("mqtt_password"))
    server = RunningServer(nats.url, nats.unit(folder / "nats.log", os.environ))
    try:
        yield server
    finally:
        server.stop()


def soak(kills: int, seed: int, each: int) -> int:
    """Rounds until there were so many faults; how many rounds differ from what they must come to."""
    began, wrong, done, number = time.monotonic(), 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="qms-soak-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        os.environ |= {"SECRET_KEY": "of-one-soak", "QMS_HOME": str(folder / "instance"), "PYTHONPATH": str(ROOT)}
        with (
            cluster_in(folder) as cluster,
            broker_in(folder) as mqtt,
            nursery_in(folder, cluster[1].url) as nursery,
        ):
            while done < kills:
                some = min(each, kills - done)
                log = folder / f"ingest-{number}.log"
                with plant_in(cluster, mqtt, nursery, log) as plant:
                    gateway = storm(plant, cabled(plant), kills=max(some, 4), seed=seed + number, told=say)
                    wrong += told(number, seed + number, account(plant, gateway), log)
                    gateway.close()
                done, number = done + max(some, 4), number + 1
                say(f"{done} of {kills} faults after {(time.monotonic() - began) / 60:.1f} min, {wrong} rounds wrong")
    return wrong


def told(number: int, seed: int, found: dict[str, tuple[int, int]], log: Path) -> bool:
    """Print the account of a round; whether it is wrong."""
    wrong = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    say(f"round {number + 1}, seed {seed}: {'WRONG' if wrong else 'nothing lost, nothing doubled'}")
    for name, (there, due) in found.items():
        say(f"  {name}: {there}" + (f", must be {due}" if there != due else ""))
    if wrong:
        say(log.read_text()[-20_000:])
    return bool(wrong)


def say(text: str) -> None:
    """A line for who watches."""
    print(text, flush=True)


def main() -> None:
    """Read the words of the command."""
    parser = argparse.ArgumentParser(prog="python3 -m bench.soak", description="Random faults while readings flow.")
    parser.add_argument("--kills", type=int, default=1000, help="faults in all")
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the next ones go on from it")
    parser.add_argument("--each", type=int, default=20, help="faults of a round")
    asked = parser.parse_args()
    sys.exit(1 if soak(asked.kills, asked.seed, asked.each) else 0)


if __name__ == "__main__":
    main()
