"""The flow of control limits: proposed from a frozen span, released by signature, superseded by the next version."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.utils import timezone

from qms.core.flow import Flow, State, Step

LEARNING_POINTS = 25  # subgroups of phase I before limits can be proposed


class LimitsLike(Protocol):
    """What the guards read of a version of limits."""

    n_points: int
    reason: str
    sigma: float
    effective_from: datetime | None

    def has_successor(self) -> bool:
        """Whether a newer version is in force."""
        ...


def has_few_points(limits: LimitsLike) -> str | None:
    """Limits from a handful of points are themselves noise."""
    if limits.n_points >= LEARNING_POINTS:
        return None
    return f"The limits rest on {limits.n_points} points; {LEARNING_POINTS} are needed."


def lacks_reason(limits: LimitsLike) -> str | None:
    """Every version of limits says why it exists."""
    return None if limits.reason.strip() else "Say why the limits change."


def lacks_variation(limits: LimitsLike) -> str | None:
    """With no variation no rule can be judged."""
    return None if limits.sigma > 0 else "The points do not vary, so no limit can be drawn. Check the sensor."


def lacks_successor(limits: LimitsLike) -> str | None:
    """Limits leave only when others take their place."""
    return None if limits.has_successor() else "Limits stay in force until a newer version is released."


def take_force(limits: LimitsLike) -> None:
    """Released limits judge every point measured from now on, unless a date was set."""
    limits.effective_from = limits.effective_from or timezone.now()


LIMITS_FLOW: Flow[LimitsLike] = Flow(
    states=(
        State("proposed", "Proposed", "learn"),
        State("in_force", "In force", "done"),
        State("superseded", "Superseded", "todo", final=True),
        State("withdrawn", "Withdrawn", "miss", final=True),
    ),
    steps=(
        Step(
            name="release",
            label="Release limits",
            source=("proposed",),
            target="in_force",
            permission="limits.release",
            guards=(has_few_points, lacks_variation, lacks_reason),
            meaning="approved",
            effect=take_force,
        ),
        Step(
            name="withdraw",
            label="Withdraw proposal",
            source=("proposed",),
            target="withdrawn",
            permission="limits.withdraw",
            reason=True,
            back=True,
        ),
        Step(
            name="supersede",
            label="Supersede",
            source=("in_force",),
            target="superseded",
            permission="limits.release",
            guards=(lacks_successor,),
            back=True,
        ),
    ),
)
