"""The flow of control limits: proposed from a frozen span, released by signature, superseded by the next version."""

from __future__ import annotations

from typing import Protocol

from qms.core.flow import Flow, State, Step

LEARNING_POINTS = 25  # subgroups of phase I before limits can be proposed


class LimitsLike(Protocol):
    """What the guards read of a version of limits."""

    n_points: int
    reason: str
    sigma: float


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


LIMITS_FLOW: Flow[LimitsLike] = Flow(
    states=(
        State("proposed", "Proposed", "learning"),
        State("in_force", "In force", "done"),
        State("superseded", "Superseded", "empty"),
        State("withdrawn", "Withdrawn", "cross"),
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
        ),
        Step(
            name="withdraw",
            label="Withdraw proposal",
            source=("proposed",),
            target="withdrawn",
            permission="limits.withdraw",
            reason=True,
            primary=False,
        ),
        Step(
            name="supersede",
            label="Supersede",
            source=("in_force",),
            target="superseded",
            permission="limits.supersede",
            primary=False,
        ),
    ),
    initial="proposed",
)
