"""Prevention (D7): documents updated or not, and other places asked and answered."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from capa.models import Capa, DocumentUpdate, ReadAcross
from capa.services.changing import changing, fresh_row, save_row, writable
from qms.core.actor import Actor
from qms.core.errors import Invalid, because


def answer_document(
    capa: Capa, *, kind: str, answer: str, by: Actor, reference: str = "", reason: str = ""
) -> DocumentUpdate:
    """Say whether the FMEA, control plan or instructions changed; yes needs a reference, no a reason."""
    with changing(Capa, capa.pk, "prevent", by=by) as fresh:
        writable(fresh, "prevention")
        row = DocumentUpdate.objects.filter(capa=fresh, kind=kind).first() or DocumentUpdate(capa=fresh, kind=kind)
        row.answer, row.reference, row.reason = answer, reference.strip(), reason.strip()
        if answer and not row.is_answered:
            missing = "reference" if answer == "yes" else "reason"
            raise Invalid(
                {missing: ["Give the number and revision." if answer == "yes" else "Say why no change is needed."]}
            )
        row.answered_by_id, row.answered_at = by.id, timezone.now()
        save_row(row)
    return row


def ask_read_across(capa: Capa, *, target: str, by: Actor, question: str = "", due: Any = None) -> ReadAcross:
    """Ask whether the cause can sit in another part, line or site."""
    with changing(Capa, capa.pk, "prevent", by=by) as fresh:
        writable(fresh, "prevention")
        row = ReadAcross(capa=fresh, target=target, question=question, due=due, asked_by_id=by.id)
        save_row(row)
    return row


def answer_read_across(row: ReadAcross, *, answer: str, reason: str, by: Actor, action: Any = None) -> ReadAcross:
    """Answer one place; the reason is mandatory, with the evidence where it applies."""
    reason = because(reason, "Say why, with the evidence if it applies.")
    with changing(Capa, row.capa_id, "prevent", by=by) as fresh:
        writable(fresh, "prevention")
        row = fresh_row(row, "capa", fresh)
        row.answer, row.reason, row.action = answer, reason, action
        row.answered_by_id, row.answered_at = by.id, timezone.now()
        save_row(row)
    return row
