"""The flow of an analysis: a draft can be worded, a saved one is locked by its digest, a void one stays readable."""

from __future__ import annotations

from typing import Any, Protocol

from qms.core.evidence import canonical
from qms.core.flow import Flow, State, Step
from qms.core.signing import digest_of


class AnalysisLike(Protocol):
    """What the guards and effects read of an analysis."""

    question: str
    result: dict[str, Any]
    digest: str

    def locked_content(self) -> dict[str, Any]:
        """Everything the digest covers."""
        ...


def lacks_question(analysis: AnalysisLike) -> str | None:
    """It says which question it answers."""
    return None if analysis.question.strip() else "Write down the question this analysis answers."


def lock(analysis: AnalysisLike) -> None:
    """From here on the digest proves that nothing was changed."""
    analysis.digest = digest_of(canonical(analysis.locked_content()))


ANALYSIS_FLOW: Flow[AnalysisLike] = Flow(
    states=(
        State("draft", "Draft", "todo"),
        State("saved", "Saved", "lock", final=True),
        State("void", "Void", "miss", final=True),
    ),
    steps=(
        Step(
            name="save",
            label="Save and lock",
            source=("draft",),
            target="saved",
            permission="analysis.edit",
            guards=(lacks_question,),
            effect=lock,
        ),
        Step(
            name="void",
            label="Void",
            source=("draft", "saved"),
            target="void",
            permission="analysis.void",
            reason=True,
            back=True,
        ),
    ),
)
