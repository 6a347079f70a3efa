"""Whose signature still covers what the record says now."""

from __future__ import annotations

from datetime import datetime

from qms.core.models import Record, Signature
from qms.core.signing import digest_of, manifests


def signers_of(record: Record, step: str, since: datetime | None) -> frozenset[int]:
    """People whose signature of a step is valid: not void, given since the last return, over the present content."""
    found = Signature.objects.filter(record_id=record.pk, step=step, void=None).only("signer_id", "section", "digest")
    given = list(found if since is None else found.filter(at__gt=since))
    present = manifests(record, (sign.section for sign in given))
    return frozenset(sign.signer_id for sign in given if sign.digest == digest_of(present[sign.section]))
