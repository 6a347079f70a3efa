"""What follows when a gage study is closed."""

from __future__ import annotations

from analytics.models import GageStudy
from analytics.services import finish_tasks
from qms.core.actor import Actor
from qms.core.events import StepTaken, handles


@handles(StepTaken)
def ask_no_more(event: StepTaken, by: Actor) -> None:
    """Nobody is asked to measure for a study that was judged or voided."""
    if event.kind == GageStudy.KIND and GageStudy.flow.state(event.target).final:
        finish_tasks(event.record, by)
