"""The simulator's run: settings in, a paced stream of messages out, until it is told to stop."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iot.plant.gateways import Gateways, Login
from iot.plant.incidents import BY_NAME, Incident, at_once, schedule
from iot.plant.line import Floor
from iot.plant.memory import Memory
from iot.plant.norrvik import PLANT
from iot.plant.plant import Spec

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How the simulator runs; `duration` in seconds, 0 for without end."""

    url: str
    seed: int = 2026
    speed: float = 1.0
    only: tuple[str, ...] = ()
    duration: float = 0.0
    incidents: tuple[str, ...] = ()
    state: Path = Path(".qms/plant.json")
    devices: Mapping[str, Login] = field(default_factory=dict)

    def specs(self) -> tuple[Spec, ...]:
        """The characteristics that run. Raises ValueError naming what is not known."""
        known = {spec.code for spec in PLANT.specs} | set(PLANT.line)
        if unknown := set(self.only) - known:
            raise ValueError(f"not in this plant: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        return tuple(s for s in PLANT.specs if not self.only or s.code in self.only or s.line in self.only)


def incidents(settings: Settings, boot: int, start: float) -> Iterator[Incident]:
    """The asked-for incidents at once, then those of the schedule."""
    paces = {spec.code: spec.pace / settings.speed for spec in settings.specs()}
    for name in settings.incidents:
        code = BY_NAME[name].code if name in BY_NAME else ""
        yield at_once(name, start=start, pace=paces.get(code, 1.0))
    yield from schedule(settings.seed + boot, start=start, paces=paces, speed=settings.speed)


def run(settings: Settings, stop: threading.Event) -> int:
    """Publish until `stop` is set or the duration is over; returns the number of messages the broker took."""
    memory = Memory(settings.state)
    boot, left = memory.boot()
    publisher = Gateways(settings.url, name=f"plant-{settings.seed}", devices=settings.devices)
    publisher.start()
    for message in left:
        publisher.offer(message)
    start = time.time()
    floor = Floor(PLANT, settings.specs(), settings.seed, boot, start, settings.speed)
    logger.info("boot %d: %d characteristics to the broker at %s", boot, len(floor.specs), publisher.where)
    coming = incidents(settings, boot, start)
    ahead = next(coming, None)
    for t, messages in floor.messages():
        while ahead is not None and ahead.start <= t:
            _begin(floor, ahead, t)
            ahead = next(coming, None)
        if (settings.duration and t > start + settings.duration) or _wait(stop, t, publisher):
            break
        for message in messages:
            publisher.offer(message)
    memory.keep(boot, publisher.stop())
    return publisher.taken


def _wait(stop: threading.Event, until: float, publisher: Gateways) -> bool:
    """Sleep to the wall clock's `until`, looking after the publisher; True when told to stop."""
    while (left := until - time.time()) > 0:
        if stop.wait(min(left, 0.5)):
            return True
        publisher.pump()
    return stop.is_set()


def _begin(floor: Floor, incident: Incident, t: float) -> None:
    floor.incidents = [running for running in floor.incidents if running.end > t] + [incident]
    fault = incident.fault
    logger.info("incident %s on %s for %.0f s: %s", fault.name, fault.code, incident.end - incident.start, fault.cause)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the simulator's options to a command line."""
    home = Path(os.environ.get("QMS_HOME", ".qms"))
    parser.add_argument("--seed", type=int, default=2026, help="the same seed gives the same plant")
    parser.add_argument("--speed", type=float, default=1.0, help="times faster than usual")
    parser.add_argument("--only", default="", help="characteristics or lines, separated by commas, such as C201,L3")
    parser.add_argument("--duration", type=float, default=0.0, help="seconds to run; 0 runs until stopped")
    parser.add_argument("--incident", action="append", default=[], choices=sorted(BY_NAME), metavar="NAME",
                        help=f"begin with this incident: {', '.join(sorted(BY_NAME))}")  # fmt: skip
    # only the embedded broker is sure to know the devices of this home
    sheet = home / "demo.json" if os.environ.get("BROKER_ACCESS_DIR") and (home / "demo.json").exists() else None
    parser.add_argument("--devices", type=Path, default=sheet, help="the demo plant's sheet: sign in as its devices")
    parser.add_argument("--state", type=Path, default=home / "plant.json", help="file of the boot number")


def logins_in(sheet: Path) -> dict[str, Login]:
    """The devices of the demo plant's sheet by the topic of their station; none where it names none."""
    try:
        rows = json.loads(sheet.read_text()).get("devices", [])
    except (OSError, ValueError) as problem:
        raise ValueError(f"the devices cannot be read from {sheet}: {problem}") from problem
    return {row["topic"]: Login(row["user"], row["secret"]) for row in rows}


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Settings from parsed options and MQTT_URL. Raises ValueError saying what is wrong."""
    url = os.environ.get("MQTT_URL", "")
    if not url:
        raise ValueError("MQTT_URL is not set: it names the broker, such as mqtt://127.0.0.1:1883")
    if options["speed"] <= 0:
        raise ValueError(f"--speed is {options['speed']}; it must be above 0")
    found = Settings(
        url,
        seed=options["seed"],
        speed=options["speed"],
        only=tuple(code.strip().upper() for code in options["only"].split(",") if code.strip()),
        duration=options["duration"],
        incidents=tuple(options["incident"]),
        state=options["state"],
        devices=logins_in(options["devices"]) if options["devices"] else {},
    )
    found.specs()
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run from a command line until a signal ends it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m iot.plant", description="A simulated plant that speaks MQTT.")
    arguments(parser)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        settings = settings_of(vars(parser.parse_args(argv)))
    except ValueError as wrong:
        parser.error(str(wrong))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(settings, stop)
    return 0
