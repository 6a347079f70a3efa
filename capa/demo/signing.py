"""Signatures of the past: bound to what is signed by the kernel's own digest, at the time they were given."""

from __future__ import annotations

from datetime import datetime

from qms.core.models import Record, Signature, User
from qms.core.signing import digest_of, manifest


def signed(
    record: Record, user: User, *, at: datetime, step: str, meaning: str, section: str = "", note: str = "",
    covered: str = "",
) -> Signature:  # fmt: skip
    """A signature over the record as it stands, not saved; the record must be complete in what the section covers.

    `covered`: what the section says, where the caller has read it already.
    """
    covered = covered or manifest(record, section)
    return Signature(
        record_id=record.pk, signer=user, printed_name=user.name, meaning=meaning, step=step, section=section,
        note=note, at=at, timezone=user.timezone, record_version=record.version, digest=digest_of(covered),
        manifest=covered,
    )  # fmt: skip
