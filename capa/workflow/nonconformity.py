"""The flow of a nonconformity: contained before it is judged, disposed by number, verified by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.utils import timezone

from capa.workflow.approval import (
    ApprovedLike,
    approval_void,
    containment_holds,
    containment_void,
    lacks_production,
    permit_refuses,
    quality_is_production,
    verification_void,
)
from capa.workflow.concession import (
    concession_exceeded,
    concession_out_of_time,
    customer_silent,
    lacks_concession,
    not_asked,
)
from capa.workflow.rows import PLACES, ContainmentRow, counted, listed, once
from qms.core.flow import Flow, State, Step, Within

NEEDS_ENGINEERING = ("repair", "use_as_is", "regrade")
NEEDS_REINSPECTION = ("rework", "repair")
TO_CONTAIN_SAFETY = Within(hours=4)
TO_DISPOSE = Within(workdays=5, since="opened")
TO_CLOSE = Within(workdays=20, since="opened")
IN_WORK = (
    "reported",
    "contained",
    "evaluation",
    "disposition_proposed",
    "disposition_approved",
    "in_disposition",
    "verified",
)


class NonconformityLike(ApprovedLike, Protocol):
    """What the guards read of a nonconformity."""

    returned_at: datetime | None

    @property
    def originator_id(self) -> int | None: ...
    @property
    def requirement(self) -> str: ...
    @property
    def actual(self) -> str: ...
    @property
    def defect_code_id(self) -> int | None: ...
    @property
    def quantity_nonconforming(self) -> int | None: ...
    @property
    def quantity_inspected(self) -> int | None: ...
    @property
    def escalation(self) -> list[str]: ...
    @property
    def escalation_refusal(self) -> str: ...
    @property
    def has_corrective_action(self) -> bool: ...
    def containment_rows(self) -> Sequence[ContainmentRow]: ...


def lacks_quantity(ncr: NonconformityLike) -> str | None:
    """The ledger starts with a number."""
    if ncr.quantity_nonconforming is None:
        return "State how many pieces are nonconforming; 0 is a valid answer when only the process is affected."
    if ncr.quantity_inspected is not None and ncr.quantity_inspected < ncr.quantity_nonconforming:
        return (
            f"{counted(ncr.quantity_nonconforming, 'nonconforming piece')} of only "
            f"{ncr.quantity_inspected:,} inspected: correct one of the two quantities."
        )
    return None


def lacks_containment(ncr: NonconformityLike) -> str | None:
    """At least one place was searched, with figures."""
    rows = ncr.containment_rows()
    if not rows:
        return "Record where the suspect pieces are and what was done to hold them: no containment is recorded yet."
    bare = [
        PLACES.get(row.place, row.place) for row in rows if row.quantity_checked is None or row.quantity_found is None
    ]
    return f"Enter how many pieces were checked and found in {listed(bare)}." if bare else None


def containment_unverified(ncr: NonconformityLike) -> str | None:
    """A containment counts when somebody saw that it holds."""
    open_ = [PLACES.get(row.place, row.place) for row in ncr.containment_rows() if row.verified_at is None]
    return f"Verify that the containment in {listed(open_)} holds." if open_ else None


def lacks_finding(ncr: NonconformityLike) -> str | None:
    """Requirement and actual side by side, with a defect code."""
    missing = [
        name
        for name, value in (
            ("the requirement that is not met", ncr.requirement.strip()),
            ("what was actually found", ncr.actual.strip()),
            ("the defect code", ncr.defect_code_id),
        )
        if not value
    ]
    return f"Enter {listed(missing)}." if missing else None


def disposed(ncr: NonconformityLike) -> int:
    """Pieces that have a disposition."""
    return sum(row.quantity for row in ncr.disposition_rows())


def lacks_disposition(ncr: NonconformityLike) -> str | None:
    """A proposal has rows."""
    if ncr.disposition_rows() or ncr.quantity_nonconforming == 0:
        return None
    return "Propose at least one disposition: rework, repair, scrap, return to supplier, use as is, regrade or sort."


def ledger_over(ncr: NonconformityLike) -> str | None:
    """No more pieces are disposed of than are nonconforming."""
    over = disposed(ncr) - (ncr.quantity_nonconforming or 0)
    return (
        f"The dispositions cover {counted(over, 'piece')} more than are nonconforming: correct a quantity."
        if over > 0
        else None
    )


def ledger_open(ncr: NonconformityLike) -> str | None:
    """Every nonconforming piece has one disposition."""
    total, done = ncr.quantity_nonconforming or 0, disposed(ncr)
    if done < total:
        return (
            f"{total - done:,} of {counted(total, 'piece')} have no disposition: return it to evaluation and add one."
        )
    return ledger_over(ncr)


def lacks_engineering(ncr: NonconformityLike) -> str | None:
    """Repair, use as is and regrade accept a piece that is not as specified: engineering must agree."""
    kinds = {row.kind for row in ncr.disposition_rows()} & set(NEEDS_ENGINEERING)
    if not kinds or ncr.signers("agree_engineering"):
        return None
    words = listed(sorted(kind.replace("_", " ") for kind in kinds)).capitalize()
    return f"{words} needs the signature of engineering before quality approves."


def disposition_undone(ncr: NonconformityLike) -> str | None:
    """Each disposition was carried out by somebody."""
    open_ = [row for row in ncr.disposition_rows() if row.done_by_id is None]
    if not open_:
        return None
    words = listed([row.kind.replace("_", " ") for row in open_])
    return f"{counted(len(open_), 'disposition')} not carried out yet: {words}."


def lacks_reinspection(ncr: NonconformityLike) -> str | None:
    """Reworked and repaired pieces are inspected again, by somebody else."""
    for row in ncr.disposition_rows():
        if row.kind not in NEEDS_REINSPECTION:
            continue
        if not row.reinspection:
            return f"Enter the re-inspection result of the {row.kind} of {counted(row.quantity, 'piece')}."
        if row.reinspection != "accepted":
            pieces = counted(row.quantity, "piece")
            return f"The re-inspection rejected the {row.kind} of {pieces}: return it to evaluation and withdraw it."
        if row.reinspected_by_id == row.done_by_id:
            return f"The {row.kind} was inspected by the person who did it: another inspector must confirm it."
    return None


def verified_by_its_reworker(ncr: NonconformityLike, actor_id: int | None) -> str | None:
    """The verifying inspector is not the reworker."""
    if any(row.kind in NEEDS_REINSPECTION and row.done_by_id == actor_id for row in ncr.disposition_rows()):
        return "You carried out the rework: another inspector must verify it."
    return None


def approved_by_originator_alone(ncr: NonconformityLike, actor_id: int | None) -> str | None:
    """Whoever reported it does not decide it alone."""
    others = ncr.signers("agree_engineering") | ncr.signers("agree_production")
    if actor_id == ncr.originator_id and not (others - {actor_id}):
        return (
            "You reported this nonconformity: somebody else must approve its disposition,"
            " or agree for engineering or production first."
        )
    return None


def quality_is_engineering(ncr: NonconformityLike, actor_id: int | None) -> str | None:
    """Engineering and quality are two people."""
    kinds = {row.kind for row in ncr.disposition_rows()} & set(NEEDS_ENGINEERING)
    if kinds and not (ncr.signers("agree_engineering") - {actor_id}):
        return "You signed for engineering: quality must be another person."
    return None


def escalation_open(ncr: NonconformityLike) -> str | None:
    """What calls for a CAPA gets one, or a reason why not."""
    if not ncr.escalation or ncr.has_corrective_action or ncr.escalation_refusal.strip():
        return None
    return f"This calls for a CAPA ({listed(ncr.escalation)}): open one, or record why none is needed."


def send_back(ncr: NonconformityLike) -> None:
    """What was signed before a return does not count for the next round."""
    ncr.returned_at = timezone.now()


NCR_FLOW: Flow[NonconformityLike] = Flow(
    states=(
        State("reported", "Reported", "todo", within=Within(hours=24)),
        State("contained", "Contained", "hold", within=TO_DISPOSE),
        State("evaluation", "Evaluation", "hold", within=TO_DISPOSE),
        State("disposition_proposed", "Disposition proposed", "learn", within=TO_DISPOSE),
        State("disposition_approved", "Disposition approved", "learn", within=TO_CLOSE),
        State("in_disposition", "In disposition", "learn", within=TO_CLOSE),
        State("verified", "Verified", "done", within=TO_CLOSE),
        State("closed", "Closed", "done", final=True),
        State("void", "Void", "miss", final=True),
    ),
    steps=(
        Step(
            name="contain",
            label="Contain",
            source=("reported",),
            target="contained",
            permission="nonconformity.contain",
            guards=(lacks_quantity, lacks_containment, containment_unverified),
            meaning="Containment verified",
            section="containment",
        ),
        Step(
            name="evaluate",
            label="Start evaluation",
            source=("contained",),
            target="evaluation",
            permission="nonconformity.evaluate",
        ),
        Step(
            name="propose_disposition",
            label="Propose disposition",
            source=("evaluation",),
            target="disposition_proposed",
            permission="nonconformity.propose",
            guards=(lacks_quantity, lacks_finding, lacks_disposition, ledger_over, containment_void, permit_refuses),
        ),
        Step(
            name="agree_engineering",
            label="Agree for engineering",
            source=("disposition_proposed",),
            target="disposition_proposed",
            permission="nonconformity.approve",
            done=once("agree_engineering"),
            meaning="Disposition agreed, engineering",
            section="disposition",
        ),
        Step(
            name="agree_production",
            label="Agree for production",
            source=("disposition_proposed",),
            target="disposition_proposed",
            permission="nonconformity.approve",
            done=once("agree_production"),
            meaning="Disposition agreed, production",
            section="disposition",
        ),
        Step(
            name="record_customer_approval",
            label="Record customer approval",
            source=("disposition_proposed",),
            target="disposition_proposed",
            permission="nonconformity.approve",
            guards=(not_asked, lacks_concession, concession_out_of_time, concession_exceeded),
            done=once("record_customer_approval"),
            meaning="Customer approval seen and recorded",
            section="disposition",
        ),
        Step(
            name="reject_disposition",
            label="Reject disposition",
            source=("disposition_proposed",),
            target="evaluation",
            permission="nonconformity.approve",
            meaning="Disposition rejected",
            section="disposition",
            reason=True,
            back=True,
            effect=send_back,
        ),
        Step(
            name="approve_disposition",
            label="Approve disposition",
            source=("disposition_proposed",),
            target="disposition_approved",
            permission="nonconformity.decide",
            guards=(
                ledger_over,
                containment_void,
                lacks_engineering,
                lacks_production,
                lacks_concession,
                concession_out_of_time,
                concession_exceeded,
                customer_silent,
                permit_refuses,
            ),
            persons=(approved_by_originator_alone, quality_is_engineering, quality_is_production),
            meaning="Disposition approved",
            section="disposition",
        ),
        Step(
            name="start_disposition",
            label="Start disposition",
            source=("disposition_approved",),
            target="in_disposition",
            permission="nonconformity.edit",
            guards=(containment_void, approval_void),
        ),
        Step(
            name="return_to_evaluation",
            label="Return to evaluation",
            source=("disposition_approved", "in_disposition", "verified"),
            target="evaluation",
            permission="nonconformity.evaluate",
            reason=True,
            back=True,
            effect=send_back,
        ),
        Step(
            name="verify",
            label="Verify",
            source=("in_disposition",),
            target="verified",
            permission="nonconformity.verify",
            guards=(disposition_undone, lacks_reinspection, containment_void, approval_void),
            persons=(verified_by_its_reworker,),
            meaning="Disposition verified",
            section="verification",
        ),
        Step(
            name="close",
            label="Close",
            source=("verified",),
            target="closed",
            permission="nonconformity.close",
            guards=(ledger_open, lacks_finding, escalation_open, containment_void, approval_void, verification_void),
        ),
        Step(
            name="confirm_containment",
            label="Confirm containment",
            source=("evaluation",),
            target="evaluation",
            permission="nonconformity.contain",
            guards=(containment_holds, lacks_quantity, lacks_containment, containment_unverified),
            meaning="Containment verified",
            section="containment",
        ),
        Step(
            name="void",
            label="Void",
            source=IN_WORK,
            target="void",
            permission="nonconformity.void",
            meaning="Voided",
            section="whole",
            reason=True,
            back=True,
        ),
    ),
)
