"""The nonconformities of the demo plant as records: rows, quantities, dispositions, money and signatures."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from capa.demo.findings import DEFECTS, Finding, findings
from capa.demo.paths import Taken, path, signatures, timed
from capa.demo.people import Crew
from capa.models import Containment, CostLine, DefectCode, Disposition, Nonconformity
from capa.workflow import NCR_FLOW, NEEDS_ENGINEERING, NEEDS_REINSPECTION
from capa.workflow.approval import NEEDS_PRODUCTION
from governance.models import Characteristic
from iot.plant.norrvik import PLANT
from qms.core.actor import Actor
from qms.core.models import Signature, Site
from qms.core.records import bulk_open, due_of
from qms.core.trail import acting

STEPS = (
    "contain", "evaluate", "propose_disposition", "agree_engineering", "agree_production",
    "approve_disposition", "start_disposition", "verify", "close",
)  # fmt: skip
HOURS = {
    "contain": 7, "evaluate": 26, "propose_disposition": 60, "agree_engineering": 74, "agree_production": 80,
    "approve_disposition": 88, "start_disposition": 100, "verify": 210, "close": 300, "void": 20,
}  # fmt: skip
SIGNERS = {
    "contain": "engineer", "agree_engineering": "approver", "agree_production": "production",
    "approve_disposition": "manager", "verify": "production", "void": "manager",
}  # fmt: skip
AGREE = {"agree_engineering": NEEDS_ENGINEERING, "agree_production": NEEDS_PRODUCTION}
PIECE = {"L1": Decimal("8.20"), "L2": Decimal("13.10"), "L3": Decimal("31.50")}
SHARE = {"scrap": 1.0, "rework": 0.22, "repair": 0.3, "sort": 0.06, "use_as_is": 0.0, "regrade": 0.4}
INSTRUCTIONS = {
    "rework": "Rework by the route card, then inspect again", "scrap": "Scrap and destroy, count by two persons",
    "sort": "Sort all pieces by gauge", "use_as_is": "Use as is, function not affected",
    "return_to_supplier": "Return with the inspection report", "regrade": "Regrade to the series without this demand",
}  # fmt: skip
LATE = ("13.8", "20.7")  # ages in days of those that are overdue


@dataclass
class Built:
    """A nonconformity with the finding it tells and the steps it took."""

    finding: Finding
    record: Nonconformity
    taken: list[Taken]


def build(site: Site, characteristics: Mapping[str, Characteristic], *, now: datetime, crew: Crew,
          by: Actor) -> dict[str, Built]:  # fmt: skip
    """Make all of them in one act, in order of time; returned by title."""
    rng = random.Random(site.code)  # noqa: S311 - plausible figures, no secret
    with acting(by):
        codes = {code: DefectCode.objects.create(site=site, code=code, name=name) for code, name in DEFECTS.items()}
        built = [
            _prepare(site, finding, characteristics[finding.code], codes[finding.defect], now, crew, rng)
            for finding in sorted(findings(), key=lambda finding: -finding.days)
        ]
        bulk_open(Nonconformity, [one.record for one in built], by=by)
        _rows(built, crew, rng)
        Signature.objects.bulk_create([s for one in built for s in signatures(one.record, one.taken, SIGNERS, crew)])
    return {one.finding.title: one for one in built}


def _prepare(
    site: Site, finding: Finding, characteristic: Characteristic, defect: DefectCode, now: datetime, crew: Crew,
    rng: random.Random,
) -> Built:  # fmt: skip
    opened = now - timedelta(days=finding.days)
    taken = _taken(finding, opened, now, rng)
    since = taken[-1].at if taken else opened
    line = PLANT.line[f"L{finding.code[1]}"]
    record = Nonconformity(
        site=site, title=finding.title, state=finding.state, severity=finding.severity, opened_at=opened,
        state_since=since, updated_at=since, version=1 + len(taken),
        owner=crew.users[rng.choice(("engineer", "engineer2", "engineer", "approver"))],
        originator=crew.users[rng.choice(("operator", "engineer", "engineer2"))],
        closed_at=since if finding.state in ("closed", "void") else None,
        description=f"{finding.actual}. Required: {finding.requirement}.", found=finding.found,
        customer_found=finding.found == "field", occurred_at=opened - timedelta(hours=rng.uniform(0.6, 6)),
        detected_at=opened - timedelta(minutes=rng.uniform(5, 25)), process=characteristic.process,
        station=characteristic.station, part=characteristic.part, characteristic=characteristic,
        lot=line.lot(opened.timestamp()), quantity_nonconforming=finding.pieces,
        quantity_inspected=finding.pieces * rng.randint(1, 6) + rng.randint(0, 60), defect_code=defect,
        requirement=finding.requirement, actual=finding.actual,
    )  # fmt: skip
    record.due = _due(record, finding, now, rng)
    return Built(finding, record, taken)


def _taken(finding: Finding, opened: datetime, now: datetime, rng: random.Random) -> list[Taken]:
    kinds = {kind for kind, _ in finding.dispositions}
    spared = {name for name, asked in AGREE.items() if not kinds & set(asked)}
    names = [name for name in STEPS if name not in spared]
    names = ["void"] if finding.state == "void" else names
    return timed(path(NCR_FLOW, names, finding.state), HOURS, opened=opened, last=now - timedelta(minutes=9), rng=rng)


def _due(record: Nonconformity, finding: Finding, now: datetime, rng: random.Random) -> datetime | None:
    """By the clock of the state; most that would be late were extended into the coming days."""
    if record.closed_at is not None:
        return None
    due = due_of(record, NCR_FLOW.state(record.state))
    if due is not None and due < now and f"{finding.days:g}" not in LATE:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=rng.choice((5, 26, 50, 74, 98, 122)))
    return due


def _rows(built: Sequence[Built], crew: Crew, rng: random.Random) -> None:
    """What hangs on each record, as far as it has come."""
    containments, dispositions, costs = [], [], []
    for one in built:
        reached = {taken.step.name: taken.at for taken in one.taken}
        if "contain" in reached:
            containments += _containments(one, reached["contain"], crew, rng)
            costs.append(_cost(one, "Sorting and blocking", 90 + one.finding.pieces // 8, reached["contain"]))
        if "propose_disposition" in reached:
            dispositions += _dispositions(one, reached, crew)
            costs += _spent(one, reached, rng)
    Containment.objects.bulk_create(containments)
    Disposition.objects.bulk_create(dispositions)
    CostLine.objects.bulk_create(costs)


def _containments(one: Built, at: datetime, crew: Crew, rng: random.Random) -> list[Containment]:
    pieces = one.finding.pieces
    places = [("wip", "Line stopped, pieces since the last good check blocked", pieces)]
    if pieces > 40:
        places.append(("stock", "Lot blocked in the warehouse and checked", rng.randint(0, pieces // 9)))
    return [
        Containment(
            record=one.record, place=place, location=f"{one.record.station} Q1" if place == "wip" else "Warehouse H2",
            measure=measure, quantity_checked=found * 2 + rng.randint(5, 80), quantity_found=found,
            verified_by=crew.users["engineer"], verified_at=at - timedelta(minutes=20), verified_how="Count on site",
        )
        for place, measure, found in places
    ]  # fmt: skip


def _dispositions(one: Built, reached: Mapping[str, datetime], crew: Crew) -> list[Disposition]:
    rows, left, shares = [], one.finding.pieces, one.finding.dispositions
    for number, (kind, share) in enumerate(shares, start=1):
        quantity = left if number == len(shares) else round(one.finding.pieces * share / 100)
        left -= quantity
        row = Disposition(nonconformity=one.record, kind=kind, quantity=quantity, instruction=INSTRUCTIONS[kind])
        if "verify" in reached or ("start_disposition" in reached and number == 1):
            _carry_out(row, reached, crew)
        rows.append(row)
    return rows


def _carry_out(row: Disposition, reached: Mapping[str, datetime], crew: Crew) -> None:
    row.done_by, row.done_at = crew.users["operator"], reached["start_disposition"] + timedelta(hours=2)
    if row.kind in NEEDS_REINSPECTION and "verify" in reached:
        row.reinspection, row.reinspected_by = "accepted", crew.users["engineer2"]
        row.reinspected_at = reached["verify"] - timedelta(hours=1)


def _spent(one: Built, reached: Mapping[str, datetime], rng: random.Random) -> list[CostLine]:
    piece = PIECE[f"L{one.finding.code[1]}"]
    at = reached.get("start_disposition", reached["propose_disposition"])
    return [
        _cost(one, kind.replace("_", " ").capitalize(), round(money), at)
        for kind, share in one.finding.dispositions
        if (money := float(piece) * one.finding.pieces * share / 100 * SHARE.get(kind, 0) * rng.uniform(0.8, 1.2)) >= 1
    ]


def _cost(one: Built, what: str, amount: int, at: datetime) -> CostLine:
    category = "external_failure" if one.finding.found == "field" else "internal_failure"
    return CostLine(record=one.record, category=category, what=what, amount=Decimal(amount), at=at)
