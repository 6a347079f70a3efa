"""Write parts, processes and naming rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from governance.models import Characteristic, Equipment, Level, NumberRule, Part, Process, RuleTarget
from governance.queries import refusal_of_name, rule_verdicts
from governance.services.measurement import edit_characteristic
from governance.services.saving import assign, store
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
from qms.core.models import Site
from qms.core.trail import acting


def add_part(*, site: Site, number: str, name: str, by: Actor, revision: str = "") -> Part:
    """Add a part. Raises Invalid when the number breaks the site's rule or exists with this revision."""
    by.require("part.edit", site.pk)
    row = Part(site=site, number=number.strip(), name=name.strip(), revision=revision.strip())
    _check_number(row)
    with acting(by):
        return store(row)


def edit_part(part: Part, *, by: Actor, **fields: Any) -> Part:
    """Change number, revision, name or whether it is in use."""
    by.require("part.edit", part.site_id)
    with acting(by):
        row = Part.objects.select_for_update().get(pk=part.pk)
        if "number" in assign(row, fields, allowed=("number", "revision", "name", "active")):
            _check_number(row)
        return store(row)


def _check_number(row: Part) -> None:
    if refusal := refusal_of_name(row.site_id, RuleTarget.PART, row.number):
        raise Invalid({"number": [refusal]})


def add_process(*, site: Site, code: str, name: str, by: Actor) -> Process:
    """Add a process step of a site."""
    by.require("process.edit", site.pk)
    with acting(by):
        return store(Process(site=site, code=code.strip(), name=name.strip()))


def edit_process(process: Process, *, by: Actor, **fields: Any) -> Process:
    """Change code, name or whether it is in use."""
    by.require("process.edit", process.site_id)
    with acting(by):
        row = Process.objects.select_for_update().get(pk=process.pk)
        assign(row, fields, allowed=("code", "name", "active"))
        return store(row)


def run_process_at(process: Process, *, station: Equipment, by: Actor) -> int:
    """Say that a station runs this process: every characteristic measured there belongs to it from now on.

    Returns how many changed. Raises Denied, Invalid when it is no station of the site, Refused when nothing is measured
    there yet.
    """
    by.require("process.edit", process.site_id)
    if station.level != Level.STATION or station.site_id != process.site_id:
        raise Invalid({"station": ["Choose a station of this site."]})
    with acting(by):
        rows = list(Characteristic.objects.filter(station=station).select_for_update().order_by("pk"))
        if not rows:
            raise Refused(f"Nothing is measured at {station} yet. Map a topic of it first.")
        moved = [row for row in rows if row.process_id != process.pk]
        for row in moved:
            edit_characteristic(row, process=process, by=by)
    return len(moved)


def set_number_rule(
    *, site: Site, target: str, pattern: str, explanation: str, by: Actor,
    accepted: Sequence[str] = (), refused: Sequence[str] = (),
) -> NumberRule:  # fmt: skip
    """Put a naming rule in place of the one before. Raises Invalid unless every test string comes out as demanded."""
    by.require("part.edit", site.pk)
    try:
        wrong = [verdict for verdict in rule_verdicts(pattern, list(accepted), list(refused)) if not verdict.right]
    except re.error as problem:
        raise Invalid({"pattern": [f"This is not a regular expression: {problem}."]}) from problem
    if wrong:
        verb = {True: "refuses", False: "takes"}
        raise Invalid({"pattern": [f"The pattern {verb[one.wanted]} {one.text!r}." for one in wrong]})
    with acting(by):
        NumberRule.objects.filter(site=site, target=target, active=True).update(active=False)
        return store(
            NumberRule(
                site=site,
                target=target,
                pattern=pattern,
                explanation=explanation,
                accepted=list(accepted),
                refused=list(refused),
            )
        )
