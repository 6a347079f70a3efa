"""Decide about signals: give the cause, or hand the signal to a record."""

from __future__ import annotations

from django.utils import timezone

from iot.events import SignalDecided
from iot.models import Signal, SignalDecision, SignalState
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
from qms.core.events import publish
from qms.core.live import announce
from qms.core.models import Record
from qms.core.trail import acting

UNDECIDED = (SignalState.OPEN, SignalState.ACKNOWLEDGED)  # a cause that was given may be given anew


def acknowledge_signal(signal: Signal, *, cause: str, by: Actor, note: str = "") -> Signal:
    """Give the assignable cause of a signal. Raises Denied, Invalid without a cause, Refused when it was decided."""
    by.require("signal.acknowledge", signal.site_id)
    if not cause.strip():
        raise Invalid({"cause": ["Name the cause, even if it is “not found”."]})
    with acting(by, reason=note or cause):
        row = _undecided(signal)
        return decide(row, SignalState.ACKNOWLEDGED, by=by, cause=cause, note=note)


def convert_signal(signal: Signal, *, record: Record, by: Actor) -> Signal:
    """Hand a signal to the record that now deals with it; a repeat changes nothing.

    Raises Refused when another record has it, its points were excluded or late data withdrew it.
    """
    by.require("signal.acknowledge", signal.site_id)
    with acting(by):
        row = _locked(signal)
        if row.state == SignalState.CONVERTED and row.record_id == record.pk:
            return row
        if row.record_id not in (None, record.pk):
            raise Refused("Another record deals with this signal already.")
        if row.state not in UNDECIDED:
            raise Refused(f"This signal is settled: {row.get_state_display().lower()}.")
        return decide(row, SignalState.CONVERTED, by=by, cause=row.cause, record=record)


def decide(
    row: Signal, state: SignalState, *, by: Actor, cause: str = "", note: str = "", record: Record | None = None
) -> Signal:
    """Write a decision: on the signal for the lists, as a row of its own for the trail. Needs the lock and an act."""
    row.state, row.cause, row.note = state, cause.strip()[:120], note.strip()
    row.decided_by_id, row.decided_at = by.id, timezone.now()
    row.record_id = record.pk if record else row.record_id
    row.save(update_fields=["state", "cause", "note", "decided_by", "decided_at", "record"])
    SignalDecision.objects.create(
        signal=row, state=state, cause=row.cause, note=row.note, record=record, by_id=by.id, at=row.decided_at
    )
    event = SignalDecided(signal=row.pk, characteristic=row.characteristic_id, site=row.site_id, state=state.value)
    publish(event, key=f"characteristic:{row.characteristic_id}")
    announce(f"characteristic:{row.characteristic_id}", {"reload": True})
    announce(f"site:{row.site_id}", {"kind": "charts", "moved": [row.characteristic_id], "raised": False})
    return row


def _locked(signal: Signal) -> Signal:
    return Signal.objects.select_for_update(no_key=True).get(pk=signal.pk)


def _undecided(signal: Signal) -> Signal:
    row = _locked(signal)
    if row.state not in UNDECIDED:
        raise Refused(f"This signal is settled: {row.get_state_display().lower()}.")
    return row
