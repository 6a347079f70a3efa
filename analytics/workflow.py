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


class GageStudyLike(Protocol):
    """What the guards read of a gage study."""

    verdict: str


def lacks_verdict(study: GageStudyLike) -> str | None:
    """Only figures judge."""
    return None if study.verdict else "Take the readings that are left, or compute it from the complete rounds."


GAGE_STUDY_FLOW: Flow[GageStudyLike] = Flow(
    states=(
        State("planned", "Planned", "todo"),
        State("running", "Being measured", "learn"),
        State("judged", "Judged", "done", final=True),
        State("void", "Void", "miss", final=True),
    ),
    steps=(
        Step(
            name="begin",
            label="Begin measuring",
            source=("planned",),
            target="running",
            permission="gagestudy.measure",
        ),
        Step(
            name="judge",
            label="Judge",
            source=("running",),
            target="judged",
            permission="gagestudy.measure",
            guards=(lacks_verdict,),
        ),
        Step(
            name="void",
            label="Void",
            source=("planned", "running", "judged"),
            target="void",
            permission="gagestudy.void",
            reason=True,
            back=True,
        ),
    ),
)
