"""Extend the time of a record: later, with a reason, by somebody who may, and counted."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused, because
from qms.core.models import Extension
from qms.core.records import R, locked, touched
from qms.core.trail import acting


def extend(record: R, due: datetime, *, reason: str, by: Actor) -> R:
    """Move the due date of an open record to a later time; returns the fresh record.

    Raises Denied, Invalid, or Refused when the record is closed. `record.extensions` counts and explains them all.
    """
    by.require("record.extend", record)
    reason = because(reason, "Say why more time is needed.")
    with acting(by, reason=reason):
        fresh = locked(type(record), record.pk)
        if fresh.closed_at:
            raise Refused(f"{fresh.number} is closed, its clock has ended.")
        if due <= max(fresh.due or due.min.replace(tzinfo=due.tzinfo), timezone.now()):
            raise Invalid({"due": ["Choose a time after the current due date and after now."]})
        Extension.objects.create(
            record_id=fresh.pk,
            state=fresh.state,
            old_due=fresh.due,
            new_due=due,
            reason=reason[:500],
            by=by.name,
        )
        fresh.due = due
        fresh.save(update_fields=["due"])
        touched(fresh, by=by)
    return fresh
