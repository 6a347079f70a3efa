"""What the room asks of people when something happened to its records."""

from __future__ import annotations

from capa.events import CapaOpened, EscalationCalled, VerdictReached
from capa.models import Action, Capa, Deviation, Nonconformity
from capa.services.deviating import extension_key
from capa.services.planning import ask_to_act
from capa.workflow.approval import lacks_production
from capa.workflow.nonconformity import lacks_engineering
from qms.core import inbox
from qms.core.actor import Actor
from qms.core.events import RecordChanged, RecordOpened, StepTaken, handles
from qms.core.flow import AnyFlow
from qms.core.models import Record, Task
from qms.core.notify import tell
from qms.core.records import model_of

KINDS = (Nonconformity.KIND, Capa.KIND, Deviation.KIND)
Asking = Nonconformity | Capa | Deviation
ALARMING_RETURNS = 3


OWNERS: dict[tuple[str, str], str] = {
    ("ncr", "reported"): "Contain",
    ("ncr", "contained"): "Evaluate",
    ("ncr", "evaluation"): "Propose a disposition for",
    ("ncr", "disposition_approved"): "Start the disposition of",
    ("ncr", "in_disposition"): "Carry out the disposition of",
    ("ncr", "verified"): "Close",
    ("capa", "initiated"): "Describe the symptom of",
    ("capa", "containment"): "Contain (D3)",
    ("capa", "root_cause"): "Find the root cause (D4) of",
    ("capa", "plan"): "Plan the actions (D5) of",
    ("capa", "implementation"): "See the plan through (D6) of",
    ("capa", "prevention"): "Answer prevention (D7) of",
    ("capa", "reopened"): "Contain again",
    ("deviation", "draft"): "Describe and request",
}
# who is asked to sign once nothing is missing
SIGNERS: dict[tuple[str, str], str] = {
    ("ncr", "agree_engineering"): "approver",
    ("ncr", "agree_production"): "approver",
    ("ncr", "approve_disposition"): "manager",
    ("capa", "accept"): "manager",
    ("capa", "accept_preventive"): "manager",
    ("capa", "approve_plan"): "approver",
    ("capa", "release_plan"): "manager",
    ("capa", "confirm_implementation"): "manager",
    ("capa", "confirm_verdict"): "approver",
    ("capa", "confirm_ineffective"): "approver",
    ("capa", "close"): "manager",
    ("deviation", "agree_engineering"): "approver",
    ("deviation", "approve"): "manager",
}
# who agrees only where the kind of the disposition asks for it
AGREE = {"agree_engineering": lacks_engineering, "agree_production": lacks_production}


@handles(RecordOpened)
def ask_for_the_first_step(event: RecordOpened, by: Actor) -> None:
    """The owner of a new record is asked for its first step, unless it has moved on by now."""
    record = _record(event.kind, event.record) if event.kind in KINDS else None
    if record is not None and record.state == record.flow.initial:
        _ask_owner(record, by)


@handles(StepTaken)
def ask_for_the_next_step(event: StepTaken, by: Actor) -> None:
    """What was asked before is done; the next state asks anew."""
    record = _record(event.kind, event.record) if event.kind in KINDS else None
    if record is None or record.state != event.target:
        return  # it has moved on since: a later event asks
    if event.source != event.target:
        asked = Task.objects.filter(record_id=record.pk, key__startswith=_prefix(record), done_at=None)
        for key in asked.exclude(key__startswith=_here(record)).values_list("key", flat=True):
            inbox.done(key, by)
        _ask_owner(record, by)
    _ask_signers(record, by)
    if event.step == "release_plan":
        _ask_action_owners(record, by)
    if event.step == "return_to_cause":
        _alert_champion(record)
    if isinstance(record, Deviation) and record.state != "active":
        inbox.done(extension_key(record), by)
    if isinstance(record, Deviation) and event.step == "extend":
        inbox.done(f"deviation:{record.pk}:extension:{record.extended - 1}", by)


@handles(RecordChanged)
def ask_for_signatures(event: RecordChanged, by: Actor) -> None:
    """As soon as nothing is missing, the signer is asked."""
    if event.kind in KINDS and (record := _record(event.kind, event.record)):
        _ask_signers(record, by)


@handles(EscalationCalled)
def ask_for_a_capa(event: EscalationCalled, by: Actor) -> None:
    """A nonconformity over its limits wants a CAPA, or a reason."""
    record = _record(Nonconformity.KIND, event.record)
    if record is not None:
        inbox.ask(
            key=f"escalate:{event.record}",
            by=by,
            record=record,
            owner=record.owner_id,
            role="" if record.owner_id else "engineer",
            title=f"Open a CAPA for {event.number}, or say why none is needed",
            detail=", ".join(event.reasons),
            url=record.get_absolute_url(),
            priority=1,
        )


@handles(CapaOpened)
def the_capa_was_opened(event: CapaOpened, by: Actor) -> None:
    """The call for a CAPA is answered."""
    if event.nonconformity is not None:
        inbox.done(f"escalate:{event.nonconformity}", by)


@handles(VerdictReached)
def tell_the_owner(event: VerdictReached, by: Actor) -> None:  # noqa: ARG001 - the signature of a handler
    """A final verdict is news."""
    record = _record(Capa.KIND, event.record)
    if event.final and record is not None and record.owner_id is not None:
        tell(
            record.owner_id,
            "verdict",
            f"{event.number}: {event.sentence}",
            record.get_absolute_url(),
            record.pk,
            key=f"verdict:{event.criterion}:{event.outcome}",
        )


def _record(kind: str, pk: int) -> Asking | None:
    record = model_of(kind).objects.filter(pk=pk).first()
    return record if isinstance(record, Asking) else None


def _prefix(record: Record) -> str:
    return f"{record.kind}:{record.pk}:"


def _here(record: Record) -> str:
    """What the keys of this stay in this state begin with."""
    return f"{_prefix(record)}{record.state}:{record.state_since.timestamp():.0f}"


def _ask_owner(record: Asking, by: Actor) -> None:
    wanted = OWNERS.get((record.kind, record.state))
    if wanted is None:
        return
    inbox.ask(
        key=_here(record),
        by=by,
        record=record,
        title=f"{wanted} {record.number}",
        detail=record.title,
        owner=record.owner_id,
        role="" if record.owner_id else "engineer",
        due=record.due,
        url=record.get_absolute_url(),
        priority=1 if record.severity in ("safety", "critical") else 2,
    )


def _ask_signers(record: Asking, by: Actor) -> None:
    flow: AnyFlow = record.flow
    for step in flow.from_state(record.state):
        role = SIGNERS.get((record.kind, step.name))
        if record.signers(step.name):
            _signed(record, step.name, by)
            continue
        if role is None or any(step.refusals(record)):
            continue
        if (lacks := AGREE.get(step.name)) and isinstance(record, Nonconformity) and lacks(record) is None:
            continue
        inbox.ask(
            key=f"{_here(record)}:{step.name}:{record.signatures.filter(step=step.name).count()}",
            by=by,
            kind="signature",
            record=record,
            title=f"{step.label}: {record.number}",
            detail=record.title,
            role=role,
            due=record.due,
            url=record.get_absolute_url(),
        )


def _signed(record: Record, step: str, by: Actor) -> None:
    """Nobody is asked for a signature that is there; once it is void, its step is asked for anew."""
    asked = Task.objects.filter(record_id=record.pk, key__startswith=f"{_here(record)}:{step}:", done_at=None)
    for key in asked.values_list("key", flat=True):
        inbox.done(key, by)


def _ask_action_owners(record: Record, by: Actor) -> None:
    for action in Action.objects.filter(capa_id=record.pk, state="open", owner__isnull=False).select_related("capa"):
        ask_to_act(action, action.capa, by)


def _alert_champion(record: Record) -> None:
    capa = Capa.objects.get(pk=record.pk)
    if capa.return_count >= ALARMING_RETURNS and capa.champion_id is not None:
        tell(
            capa.champion_id,
            "alarm",
            f"{capa.number} came back from verification {capa.return_count} times",
            capa.get_absolute_url(),
            capa.pk,
            key=f"returns:{capa.pk}:{capa.return_count}",
        )
