"""Make the demo plant, from the site to the last comment, and the sheet of its people."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from capa.demo import around, correctives, floor, gages, history, nonconformities, permits, signals, together
from capa.demo.eras import ERAS
from capa.demo.people import PEOPLE, Crew, hire
from iot.plant.norrvik import PLANT
from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.models import Site, User
from qms.core.sites import create_site
from qms.core.tokens import issue_token
from qms.core.trail import acting, reading

Above = Callable[[Site, Crew, datetime, Actor], object]
_above: list[Above] = []


def add_to(fill: Above) -> None:
    """Let a room above add what is its own to the demo plant, in the same act; called once when the apps are ready."""
    if fill not in _above:
        _above.append(fill)


def exists(by: Actor) -> bool:
    """Whether the demo plant was made already."""
    with reading(by):
        return Site.objects.filter(demo=True).exists()


def make(*, now: datetime, by: Actor, home: Path, say: Callable[[str], object]) -> Path:
    """Make everything in one act, or nothing; returns the sheet with the people's names, passwords and API tokens.

    The sheet is written before the act is done and takes its name after it, so that no plant is left without one.
    Raises Refused when a plant of the same code exists.
    """
    with reading(by):
        if Site.objects.filter(code=PLANT.site.upper()).exists():
            raise Refused(f"There is a plant {PLANT.site.upper()} already, which the demo plant would mix with.")
    with acting(by, reason="demo plant", source="demo"):
        site = create_site(
            code=PLANT.site.upper(), name=PLANT.name, timezone=PLANT.timezone, language="en", demo=True, by=by
        )
        crew = hire(site, by=by)
        _fill(site, crew, now=now, by=by, say=say)
        devices = floor.connect(site, by=by)
        _write({"site": site.code, "people": _people(crew, by), "devices": devices}, draft_in(home))
    return name_sheet(home)


def _fill(site: Site, crew: Crew, *, now: datetime, by: Actor, say: Callable[[str], object]) -> None:
    characteristics = floor.build(site, by=by)
    say(f"{len(PLANT.lines)} lines, {len(characteristics)} characteristics, {len(crew.users)} people")
    histories = history.generate(now)
    reasons = {code: [era.reason for era in eras] for code, eras in ERAS.items()}
    joints = [together.build(characteristics, histories, one, crew=crew, by=by) for one in PLANT.together]
    more = [joint.limits for joint in joints]
    stored = history.load(characteristics, histories, reasons, now=now, crew=crew, by=by, more=more)
    for joint in joints:
        together.look_back(joint, now=now, by=by)
    say(f"{stored:,} readings judged")
    all_charts = characteristics | {joint.row.code: joint.row for joint in joints}
    signals.settle(all_charts, histories | {j.row.code: j.history for j in joints}, now=now, crew=crew, by=by)
    found = nonconformities.build(site, characteristics, now=now, crew=crew, by=by)
    told = correctives.build(site, characteristics, found, now=now, crew=crew, by=by)
    permits.build(site, characteristics, now=now, crew=crew)
    around.settle(characteristics, found, told, now=now, crew=crew, by=by)
    gages.build(site, characteristics, now=now, crew=crew, by=by)
    for fill in _above:
        fill(site, crew, now, by)
    say(f"{len(found)} nonconformities, {len(told)} CAPAs")


def _people(crew: Crew, by: Actor) -> list[dict[str, Any]]:
    return [
        {
            "name": person.name, "email": person.email, "password": crew.passwords[person.key],
            "roles": list(person.roles), "token": _token(crew.users[person.key], by),
        }
        for person in PEOPLE
    ]  # fmt: skip


def _token(user: User, by: Actor) -> str:
    return issue_token(user, "Demo", by=by)[1]


def sheet_in(home: Path) -> Path:
    """Where the sheet lies."""
    return home / "demo.json"


def draft_in(home: Path) -> Path:
    """Where the sheet lies while the plant is being made."""
    return home / "demo.json.new"


def name_sheet(home: Path) -> Path:
    """Give a finished draft its name; returns where the sheet is."""
    if draft_in(home).exists():
        draft_in(home).replace(sheet_in(home))
    return sheet_in(home)


def _write(sheet: dict[str, Any], file: Path) -> None:
    """Write a file that only its owner can read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(sheet, out, indent=2)
