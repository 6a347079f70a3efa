"""The eight disciplines of a CAPA as the page and the report show them: done, current, still ahead, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from capa.models import Capa
from capa.queries.effect import EffectCard
from capa.workflow.sections import ORDER, refusal
from qms.core.models import Signature

STEPS: tuple[tuple[str, str, str, str], ...] = (
    ("symptom", "D0 Symptom", "initiated", ""),
    ("team", "D1 Team", "triage", "accept"),
    ("problem", "D2 Problem", "containment", ""),
    ("containment", "D3 Contain", "containment", "confirm_containment"),
    ("causes", "D4 Root cause", "root_cause", ""),
    ("plan", "D5 Plan", "plan", "release_plan"),
    ("implementation", "D6 Implement", "implementation", "confirm_implementation"),
    ("prevention", "D7 Prevention", "prevention", "confirm_prevention"),
    ("effect", "E Effect", "effectiveness", "confirm_verdict"),
    ("closing", "D8 Close", "closed", "close"),
)
SKIPPED_BY_PREVENTIVE = ("containment",)


@dataclass(frozen=True)
class Discipline:
    """One discipline on the rail and on the page."""

    key: str
    label: str
    standing: str  # done | current | ahead | skipped
    mark: str
    tone: str
    word: str
    detail: str
    by: str
    at: datetime | None
    locked: str  # why it can no longer be written; empty when it can

    @property
    def current(self) -> bool:
        """Whether the record stands here."""
        return self.standing == "current"

    @property
    def href(self) -> str:
        """Its place on the page."""
        return f"#{self.key}"


def disciplines(capa: Capa, cards: list[EffectCard]) -> list[Discipline]:
    """All steps in order, as far as this CAPA has come."""
    signed = {
        sign.step: sign
        for sign in capa.signatures.all()
        if sign.holds and (capa.returned_at is None or sign.at > capa.returned_at or sign.step == "accept")
    }
    order = [*ORDER, "closed"]
    state = "containment" if capa.state == "reopened" else capa.state
    here = order.index(state) if state in order else 0
    return [_discipline(capa, step, here, order, signed, cards) for step in STEPS]


def _discipline(
    capa: Capa,
    step: tuple[str, str, str, str],
    here: int,
    order: list[str],
    signed: dict[str, Signature],
    cards: list[EffectCard],
) -> Discipline:
    key, label, state, gate = step
    place, sign = order.index(state), signed.get(gate)
    standing = "done" if place < here or capa.state == "closed" else "current" if place == here else "ahead"
    if key in SKIPPED_BY_PREVENTIVE and capa.nature == "preventive":
        standing = "skipped"
    if capa.closed_at is not None and capa.state != "closed":
        standing = "done" if place < here else "ahead"
    mark, tone, word = {
        "done": ("done", "goo", "Done"),
        "current": ("learn", "acc", "Now"),
        "ahead": ("lock", "i3", "Ahead"),
        "skipped": ("same", "i3", "Not needed"),
    }[standing]
    at = sign.at if sign and standing != "ahead" else None
    return Discipline(
        key=key,
        label=label,
        standing=standing,
        mark=mark,
        tone=tone,
        word=word,
        at=at,
        detail=_detail(capa, key, standing, at, cards),
        by=sign.printed_name if sign and at else "",
        locked=refusal("containment" if key == "effect" else key, capa.state) or "",
    )


def _detail(capa: Capa, key: str, standing: str, at: datetime | None, cards: list[EffectCard]) -> str:
    if at is not None:
        return f"{at.day} {at:%b}"
    if key == "effect" and cards and capa.implemented_at is not None and standing != "done":
        return f"day {max(card.day for card in cards)} of {max(card.days for card in cards)}"
    if standing == "current" and capa.due is not None:
        return f"due {capa.due.day} {capa.due:%b}"
    return " "
