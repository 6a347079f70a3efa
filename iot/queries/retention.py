"""How long readings are kept, what the next run would let go of, and what runs let go of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils import timezone

from governance.models import Parameter
from governance.queries import parameters_visible_to
from iot.models import RetentionClass, RetentionRun
from iot.storage.closing import Room, room
from iot.storage.dropping import Due, days_due, limits_at
from qms.core.actor import Actor

MOST = 200  # parameters named one by one


@dataclass(frozen=True)
class Expected:
    """What would go of one parameter, or of all of them: days, readings, bytes; days that would be held back."""

    parameter: Parameter | None
    days: int
    readings: int
    size: int
    held_back: int


@dataclass(frozen=True)
class NextRun:
    """What the next run would drop, parameter by parameter."""

    whole: Expected
    rows: list[Expected]
    more: int
    room: Room


def retention_classes(actor: Actor) -> QuerySet[RetentionClass]:
    """Every class with how many parameters have it as their own."""
    actor.require("retention.view")
    return RetentionClass.objects.annotate(count=Count("parameters"))


def retention_of_parameters(actor: Actor) -> QuerySet[Parameter]:
    """Parameters of the actor's sites with their class and hold."""
    actor.require("retention.view")
    return parameters_visible_to(actor).select_related("site", "retention__retention_class", "retention_mark")


def retention_runs(actor: Actor) -> QuerySet[RetentionRun]:
    """What past runs dropped."""
    actor.require("retention.view")
    return RetentionRun.objects.all()


def next_run(actor: Actor) -> NextRun:
    """What a run now would drop of the single readings of the actor's sites; nothing is dropped."""
    actor.require("retention.view")
    visible = parameters_visible_to(actor).in_bulk()
    taken = room()
    by_parameter: dict[int, list[Due]] = {}
    for due in days_due([one for one in limits_at(timezone.now()) if one.parameter in visible]):
        by_parameter.setdefault(due.parameter, []).append(due)
    rows = [_expected(visible[pk], days, taken) for pk, days in by_parameter.items()]
    rows.sort(key=lambda row: -row.size)
    sums = [sum(getattr(row, name) for row in rows) for name in ("days", "readings", "size", "held_back")]
    return NextRun(Expected(None, *sums), rows[:MOST], max(0, len(rows) - MOST), taken)


def _expected(parameter: Parameter, days: list[Due], taken: Room) -> Expected:
    going = [due for due in days if due.held]
    packed = sum(due.packed for due in going)
    readings = sum(due.readings for due in going)
    size = packed * taken.of_packed + (readings - packed) * taken.of_row
    return Expected(parameter, len(going), readings, round(size), len(days) - len(going))


def next_run_json(found: NextRun) -> Mapping[str, object]:
    """The same as plain data."""
    names = ("days", "readings", "size", "held_back")
    return {
        **{name: getattr(found.whole, name) for name in names},
        "parameters": [
            {"parameter": row.parameter.pk, "path": row.parameter.path, **{name: getattr(row, name) for name in names}}
            for row in found.rows
            if row.parameter
        ],
        "more": found.more,
    }
