"""Say how long readings are kept, and hold those of a parameter."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from governance.models import Parameter
from governance.services.saving import assign, store
from iot.models import Retention, RetentionClass, RetentionRun
from iot.storage.closing import Told, room, silent
from iot.storage.dropping import Dropped, drop, drop_empty_parts, limits_at
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.trail import acting

_FIELDS = frozenset({"name", "is_default", *RetentionClass.WIDTHS})
_WORDS = ("single readings", "minutes", "ten minutes", "hours")


def add_retention_class(*, by: Actor, **fields: Any) -> RetentionClass:
    """Add a class. Raises Invalid by field."""
    by.require("retention.edit")
    with acting(by):
        return _store(RetentionClass(), fields)


def edit_retention_class(row: RetentionClass, *, by: Actor, reason: str = "", **fields: Any) -> RetentionClass:
    """Change a class; the next run goes by it. Raises Invalid by field."""
    by.require("retention.edit")
    with acting(by, reason=reason):
        return _store(RetentionClass.objects.select_for_update().get(pk=row.pk), fields)


def set_retention(
    parameter: Parameter, *, retention_class: RetentionClass | None, hold: bool, hold_reason: str = "", by: Actor
) -> Retention:
    """Give a parameter a class of its own (None: the one that holds by default), or hold everything of it.

    Raises Invalid when a hold has no reason.
    """
    by.require("retention.edit", parameter.site_id)
    reason = hold_reason.strip()
    if hold and not reason:
        raise Invalid({"hold_reason": ["Say what everything is held for, such as the number of a complaint."]})
    with acting(by, reason=reason):
        row, _ = Retention.objects.select_for_update().get_or_create(parameter=parameter)
        row.retention_class, row.hold, row.hold_reason = retention_class, hold, reason[:300] if hold else ""
        return store(row)


def drop_expired(*, by: Actor, told: Told = silent) -> RetentionRun | None:
    """Let go of what the classes say, parameter by parameter, and note what went; None when no class lets go."""
    now, done = timezone.now(), Dropped()
    limits = limits_at(now)
    if not limits:
        return None
    before = room()
    for place, one in enumerate(limits):
        told("Dropping what is not kept", place / len(limits))
        done.add(drop(one))
    drop_empty_parts(now)
    after = room()
    freed = max(0, before.rows + before.pieces - after.rows - after.pieces)
    with acting(by):
        return RetentionRun.objects.create(at=now, size=freed, **vars(done))


def _store(row: RetentionClass, fields: dict[str, Any]) -> RetentionClass:
    stripped = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    assign(row, stripped, allowed=_FIELDS)
    if refused := _refusals(row):
        raise Invalid(refused)
    return store(row)


def _refusals(row: RetentionClass) -> dict[str, list[str]]:
    """A wider roll-up holds what a narrower one held, so it is kept at least as long."""
    refused: dict[str, list[str]] = {}
    days = [getattr(row, name) for name in RetentionClass.WIDTHS]
    for place in range(1, len(days)):
        narrow, wide, held = days[place - 1], days[place], _WORDS[place - 1]
        if wide is not None and (narrow is None or wide < narrow):
            long = "for good" if narrow is None else f"{narrow} days"
            refused[RetentionClass.WIDTHS[place]] = [f"At least as long as {held} ({long}): then these hold them."]
    return refused
