"""The corrective and preventive actions of the demo plant as records, each as far as its story has come."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from capa.demo import disciplines
from capa.demo.nonconformities import Built
from capa.demo.paths import Taken, path, signatures, timed
from capa.demo.people import Crew
from capa.demo.stories import Story, stories
from capa.models import Capa
from capa.workflow import CAPA_FLOW
from governance.models import Characteristic
from qms.core.actor import Actor
from qms.core.flow import Step
from qms.core.links import link
from qms.core.models import Signature, Site
from qms.core.records import bulk_open, due_of
from qms.core.stepping import advance
from qms.core.trail import acting

STEPS = (
    "submit", "accept", "confirm_containment", "confirm_causes", "approve_plan", "release_plan", "report_implemented",
    "confirm_implementation", "confirm_prevention", "confirm_verdict", "close",
)  # fmt: skip
HOURS = {
    "submit": 9, "accept": 26, "confirm_containment": 60, "confirm_causes": 300, "approve_plan": 430,
    "release_plan": 470, "report_implemented": 1320, "confirm_implementation": 1345, "confirm_prevention": 1700,
    "confirm_verdict": 3550, "close": 3640, "reject": 30, "handle_as_ncr": 30, "void": 20,
}  # fmt: skip
SIGNERS = {
    "accept": "manager", "confirm_containment": "engineer", "approve_plan": "approver", "release_plan": "manager",
    "confirm_implementation": "manager", "confirm_prevention": "manager",
    "confirm_verdict": "production", "close": "manager", "reject": "manager", "handle_as_ncr": "manager",
    "void": "manager",
}  # fmt: skip
OWNERS_STEP = "report_implemented"
ENDS = {"rejected": ("submit", "reject"), "handled_as_ncr": ("submit", "handle_as_ncr"), "void": ("void",)}
EARLY = ("initiated", "triage")
REOPENED_AFTER = timedelta(days=9)


@dataclass
class Told:
    """A CAPA with the story it tells and the steps it took."""

    story: Story
    record: Capa
    taken: list[Taken]
    owner: str  # key of the person

    def at(self, step: str) -> datetime | None:
        """When a step was taken."""
        return next((one.at for one in self.taken if one.step.name == step), None)


def build(site: Site, characteristics: Mapping[str, Characteristic], found: Mapping[str, Built], *, now: datetime,
          crew: Crew, by: Actor) -> dict[str, Told]:  # fmt: skip
    """Make all of them with their rows, verdicts and signatures; returned by key."""
    rng = random.Random(site.name)  # noqa: S311 - plausible figures, no secret
    with acting(by):
        told = [
            _prepare(site, story, characteristics[story.code], found, now, crew, rng)
            for story in sorted(stories().values(), key=lambda story: -story.opened)
        ]
        bulk_open(Capa, [one.record for one in told], by=by)
        for one in told:
            disciplines.write(one.record, one.story, {x.step.name: x.at for x in one.taken}, crew=crew, by=by)
            if one.record.closed_at is None:
                one.record.due = due_of(one.record, CAPA_FLOW.state(one.record.state))
                Capa.objects.filter(pk=one.record.pk).update(due=one.record.due)
            if one.record.source_ncr is not None:
                link(one.record.source_ncr, one.record, "corrective action", by=by)
        Signature.objects.bulk_create(
            [s for one in told for s in signatures(one.record, one.taken, SIGNERS | {OWNERS_STEP: one.owner}, crew)]
        )
    for one in told:
        if one.story.stage == "reopened":
            advance(one.record, "reopen", by=crew.actors["manager"], reason=one.story.note)
    return {one.story.key: one for one in told}


def _prepare(
    site: Site, story: Story, characteristic: Characteristic, found: Mapping[str, Built], now: datetime, crew: Crew,
    rng: random.Random,
) -> Told:  # fmt: skip
    opened = now - timedelta(days=story.opened)
    taken = _taken(story, opened, now, rng)
    state = "closed" if story.stage == "reopened" else story.stage
    since = next((one.at for one in reversed(taken) if one.step.target != one.source), opened)
    source = found.get(story.finding)
    owner = rng.choice(("engineer", "engineer2"))
    record = Capa(
        site=site, title=story.title, state=state, severity=story.severity, opened_at=opened, state_since=since,
        updated_at=taken[-1].at if taken else opened, version=1 + 2 * len(taken),
        owner=crew.users[owner], originator=crew.users["operator" if story.source == "signal" else "approver"],
        closed_at=since if CAPA_FLOW.state(state).final else None, source=story.source, symptom=story.symptom,
        source_ncr=source.record if source else None, source_detail=source.record.number if source else "",
        characteristic=characteristic,
        customer_stamp=source.record.detected_at if source and source.record.customer_found else None,
    )  # fmt: skip
    disciplines.fill(record, story, {one.step.name: one.at for one in taken}, crew=crew)
    if story.implemented:
        record.implemented_at = now - timedelta(days=story.implemented)
    return Told(story, record, taken, owner)


def _taken(story: Story, opened: datetime, now: datetime, rng: random.Random) -> list[Taken]:
    """Up to the implementation by usual hours; what follows it is counted from the day the change took effect."""
    state = "closed" if story.stage == "reopened" else story.stage
    steps = path(CAPA_FLOW, ENDS.get(state, STEPS), state)
    if state == "effectiveness":
        steps = [pair for pair in steps if pair[0].name != "confirm_verdict"]
    last = now - timedelta(minutes=30)
    if not story.implemented:
        return timed(steps, HOURS, opened=opened, last=last, rng=rng)
    changed = now - timedelta(days=story.implemented)
    names = [step.name for step, _ in steps]
    cut = names.index(OWNERS_STEP) if OWNERS_STEP in names else len(names)
    before = timed(steps[:cut], HOURS, opened=opened, last=changed - timedelta(days=1), rng=rng)
    after = {name: hours - HOURS["report_implemented"] + 4.0 for name, hours in HOURS.items()}
    if story.measure is not None:
        after |= {"confirm_verdict": story.measure.window * 24 + 30.0, "close": story.measure.window * 24 + 80.0}
    return before + _exact(steps[cut:], after, changed, last)


def _exact(
    steps: Sequence[tuple[Step[Any], str]], hours: Mapping[str, float], start: datetime, last: datetime
) -> list[Taken]:
    return [Taken(step, source, min(start + timedelta(hours=hours[step.name]), last)) for step, source in steps]
