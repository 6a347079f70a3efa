"""Writes of the room."""

from __future__ import annotations

from analytics.services.analysing import (
    WORDING,
    Origin,
    analyse,
    freeze_analysis,
    open_analysis,
    propose,
    reword_analysis,
    used,
)
from analytics.services.gaging import LEAST, LONGEST, USUAL, Plan, correct_reading, enter_reading, plan_study, task_key
from analytics.services.judging import STUDIES, WORDS, Judgement, complete_runs, finish_tasks, judge_study, judgement_of

__all__ = [
    "LEAST",
    "LONGEST",
    "STUDIES",
    "USUAL",
    "WORDING",
    "WORDS",
    "Judgement",
    "Origin",
    "Plan",
    "analyse",
    "complete_runs",
    "correct_reading",
    "enter_reading",
    "finish_tasks",
    "freeze_analysis",
    "judge_study",
    "judgement_of",
    "open_analysis",
    "plan_study",
    "propose",
    "reword_analysis",
    "task_key",
    "used",
]
