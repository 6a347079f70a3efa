"""Say how long readings are kept, and hold those of a parameter."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from governance.models import Parameter
from governance.services.saving import assign, store
from iot.models import Retention, RetentionClass, RetentionRun
from iot.storage.closing import Told, room, silent
from iot.storage.dropping import Dropped, drop, drop_empty_parts, limits_at
from qms.core.actor import ALL, Actor
from qms.core.errors import Denied, Invalid
from qms.core.trail import acting

MOST_DAYS = 36_500
_FIELDS = frozenset({"name", "is_default", *RetentionClass.WIDTHS})
_WORDS = ("single readings", "minutes", "ten minutes", "hours")


def add_retention_class(*, by: Actor, **fields: Any) -> RetentionClass:
    """Add a class. Raises Denied, or Invalid by field."""
    _may_edit_classes(by)
    with acting(by):
        return _store(RetentionClass(), fields)


def edit_retention_class(row: RetentionClass, *, by: Actor, reason: str = "", **fields: Any) -> RetentionClass:
    """Change a class; the next run goes by it. Raises Denied, or Invalid by field."""
    _may_edit_classes(by)
    with acting(by, reason=reason):
        return _store(RetentionClass.objects.select_for_update().get(pk=row.pk), fields)


def _may_edit_classes(by: Actor) -> None:
    by.require("retention.edit")
    if by.sites("retention.edit") is not ALL:
        raise Denied(
            "A class lets go of readings of every site, so it is for who may edit retention everywhere. "
            "At your sites you can choose the class of a parameter, and hold everything of it."
        )


def set_retention(parameter: Parameter, *, by: Actor, **fields: Any) -> Retention:
    """Give a parameter a class of its own (None: the one that holds by default), or hold everything of it.

    Takes `retention_class`, `hold` and `hold_reason`; what is not given stays as it is. Raises Denied, or Invalid when
    a hold has no reason or a reason holds nothing.
    """
    by.require("retention.edit", parameter.site_id)
    with acting(by, reason=str(fields.get("hold_reason", "")).strip()):
        row, _ = Retention.objects.select_for_update().get_or_create(parameter=parameter)
        held = row.hold
        assign(row, fields, allowed=("retention_class", "hold", "hold_reason"))
        row.hold_reason = row.hold_reason.strip()
        if row.hold and not row.hold_reason:
            raise Invalid({"hold_reason": ["Say what everything is held for, such as the number of a complaint."]})
        if row.hold_reason and not (row.hold or held):
            raise Invalid({"hold": ["The reason alone holds nothing: choose to hold everything too, or take it out."]})
        row.hold_reason = row.hold_reason[:300] if row.hold else ""
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
        done.add(drop(one.parameter, now=now))
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
    """Days that can be counted back; a wider roll-up holds what a narrower one held, so it is kept at least as long."""
    refused: dict[str, list[str]] = {}
    days = [getattr(row, name) for name in RetentionClass.WIDTHS]
    for name, long in zip(RetentionClass.WIDTHS, days, strict=True):
        if long is not None and long > MOST_DAYS:
            refused[name] = [f"At most {MOST_DAYS:,} days, a hundred years. Leave it empty to keep them for good."]
    for place in range(1, len(days)):
        narrow, wide, held = days[place - 1], days[place], _WORDS[place - 1]
        if wide is not None and (narrow is None or wide < narrow):
            long = "for good" if narrow is None else f"{narrow} days"
            words = f"At least as long as {held} ({long}): then these hold them."
            refused.setdefault(RetentionClass.WIDTHS[place], []).append(words)
    return refused
