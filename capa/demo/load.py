"""Make the demo plant: from the site to the last comment, and the sheet with names, passwords and tokens."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from capa.demo import around, correctives, floor, history, nonconformities, signals
from capa.demo.eras import ERAS
from capa.demo.people import PEOPLE, Crew, hire
from iot.plant.norrvik import PLANT
from qms.core.actor import Actor
from qms.core.models import Site, User
from qms.core.sites import create_site
from qms.core.tokens import issue_token
from qms.core.trail import reading


def exists(by: Actor) -> bool:
    """Whether the demo plant was made already."""
    with reading(by):
        return Site.objects.filter(code=PLANT.site.upper()).exists()


def make(*, now: datetime, by: Actor, say: Callable[[str], object]) -> dict[str, Any]:
    """Make everything; returns the sheet: site, people with sign-in name, password, roles and API token."""
    site = create_site(
        code=PLANT.site.upper(), name=PLANT.name, timezone=PLANT.timezone, language="en", demo=True, by=by
    )
    crew = hire(site, by=by)
    characteristics = floor.build(site, by=by)
    say(f"{len(PLANT.lines)} lines, {len(characteristics)} characteristics, {len(crew.users)} people")
    histories = history.generate(now)
    reasons = {code: [era.reason for era in eras] for code, eras in ERAS.items()}
    stored = history.load(characteristics, histories, reasons, now=now, crew=crew, by=by)
    say(f"{stored:,} readings judged")
    signals.settle(characteristics, histories, now=now, crew=crew, by=by)
    found = nonconformities.build(site, characteristics, now=now, crew=crew, by=by)
    told = correctives.build(site, characteristics, found, now=now, crew=crew, by=by)
    around.settle(site, characteristics, found, told, now=now, crew=crew, by=by)
    say(f"{len(found)} nonconformities, {len(told)} CAPAs")
    return {"site": site.code, "people": _people(crew, by)}


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


def write_sheet(sheet: dict[str, Any], home: Path) -> Path:
    """Write the sheet where only its owner can read it."""
    home.mkdir(parents=True, exist_ok=True)
    file, draft = home / "demo.json", home / "demo.json.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(sheet, out, indent=2)
    draft.replace(file)
    return file
