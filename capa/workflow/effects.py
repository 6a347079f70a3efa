"""What a step changes on the record itself, saved together with its state."""

from __future__ import annotations

from django.utils import timezone

from capa.workflow.record import CapaLike


def send_back(capa: CapaLike) -> None:
    """What was signed before a return does not count for the next round."""
    capa.returned_at = timezone.now()


def count_return(capa: CapaLike) -> None:
    """A failed verification is counted; the third one alerts the champion."""
    capa.return_count += 1
    send_back(capa)


def start_revision(capa: CapaLike) -> None:
    """An ineffective plan stays as it was; the next one is a new revision."""
    capa.ineffective_count += 1
    capa.plan_revision += 1
    capa.implemented_at = None
    send_back(capa)


def start_again(capa: CapaLike) -> None:
    """A recurrence keeps the number and starts a new round of containment and a new plan."""
    capa.reopen_count += 1
    capa.plan_revision += 1
    capa.implemented_at = None
    send_back(capa)
