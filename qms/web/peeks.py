"""What the side panel of the inbox shows for a kind of task; rooms add theirs in AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import SafeString

from qms.core.models import Task
from qms.web.requests import PageRequest

Peek = Callable[[Task, PageRequest], SafeString | None]

PEEKS: dict[str, Peek] = {}


def show(kind: str, peek: Peek) -> None:
    """Use a function for the side panel of a kind of task (or of a record kind: `record:ncr`)."""
    PEEKS[kind] = peek


def peek_of(task: Task, request: PageRequest) -> SafeString | None:
    """The body of the panel, from the room that knows this kind; None when the task's own words do."""
    record = f"record:{task.record.kind}" if task.record else ""
    for kind in (task.kind, record):
        if (peek := PEEKS.get(kind)) and (body := peek(task, request)):
            return body
    return None
