"""Deviation permits of the demo plant: one in force and nearly used, one asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from capa.demo.people import Crew
from capa.demo.signing import signed
from capa.models import Deviation, PermitUse
from capa.services import open_deviation
from governance.models import Characteristic
from qms.core.models import Signature, Site
from qms.core.stepping import advance
from qms.core.trail import acting

AGE = timedelta(days=6)
SIGNED = (
    ("agree_engineering", "approver", "Deviation agreed, engineering", 2),
    ("approve", "manager", "Deviation approved", 3),
)
USED = ((5, 120, "PH-2611-14"), (4, 160, "PH-2611-15"), (2, 150, "PH-2611-18"))  # days ago, pieces, lot


def build(site: Site, characteristics: Mapping[str, Characteristic], *, now: datetime, crew: Crew) -> None:
    """Both permits, the first with its signatures and the pieces made under it."""
    engineer = crew.actors["engineer"]
    with acting(engineer, source="demo"):
        row, day = characteristics["C208"], now.date()
        running = open_deviation(
            title="Seal of compound B instead of C", site=site, by=engineer, part=row.part, process=row.process,
            requirement="Drawing note 7: seal of compound C", instead="Seal of compound B, same size and hardness",
            justification="Compound C is delivered two weeks late", begins_on=day - timedelta(days=5),
            risk="Leak test at 100 %, endurance test of 5 pieces a lot; compound B was in the series until 2024",
            ends_on=day + timedelta(days=8), quantity=500,
        )  # fmt: skip
        _date_back(running, now, crew)
        asked = open_deviation(
            title="Burr up to 0.3 mm at the relief groove", site=site, by=engineer, part=row.part,
            requirement="Burr up to 0.2 mm", instead="Burr up to 0.3 mm, deburred at assembly", lot="PH-2611-21",
            justification="The deburring cell is being moved", risk="Checked by gauge at assembly", begins_on=day,
        )  # fmt: skip
        advance(asked, "request", by=engineer)


def _date_back(permit: Deviation, now: datetime, crew: Crew) -> None:
    """In force for five days, signed before that, with what was made since."""
    permit.opened_at, permit.state, permit.state_since = now - AGE, "active", now - AGE + timedelta(days=1)
    permit.due = permit.ends_at()
    permit.save()
    at = now - AGE
    Signature.objects.bulk_create(
        signed(permit, crew.users[who], at=at + timedelta(hours=hours), step=step, meaning=meaning, section="permit")
        for step, who, meaning, hours in SIGNED
    )
    PermitUse.objects.bulk_create(
        PermitUse(deviation=permit, quantity=pieces, lot=lot, by=crew.users["operator"], at=now - timedelta(days=days))
        for days, pieces, lot in USED
    )
