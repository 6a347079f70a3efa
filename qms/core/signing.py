"""Electronic signatures: proof of person at each signing, bound to a digest, void when the content changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from qms.core.actor import Actor
from qms.core.errors import Refused, WrongPassword
from qms.core.models import Record, Signature, SignatureVoid, SigningAttempt, User
from qms.core.trail import acting

TRIES, WINDOW = 5, timedelta(minutes=5)


def manifest(record: Record, section: str) -> str:
    """Canonical JSON of what a signature covers: the record's identity, the section, its files by digest."""
    return manifests(record, [section])[section]


def manifests(record: Record, sections: Iterable[str]) -> dict[str, str]:
    """What signatures of these sections cover, by section; the files are read once for all of them."""
    if not (wanted := set(sections)):
        return {}
    files = record.attachments.filter(withdrawn_at=None).order_by("id").values_list("name", "blob__digest", "section")
    present = list(files)
    return {section: _canonical(record, section, present) for section in wanted}


def _canonical(record: Record, section: str, files: Iterable[tuple[str, str, str]]) -> str:
    covered: Mapping[str, Any] = {
        "kind": record.kind,
        "number": record.number,
        "section": section,
        "content": record.content(section),
        "files": [[name, digest] for name, digest, part in files if part == section],
    }
    return json.dumps(covered, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def prove(by: Actor, password: str) -> None:
    """Raise unless the person gives their password now; five failures in five minutes lock signing.

    Runs outside the act that signs: the hash is slow, and a failed try must stay on record. The tries of one person go
    one after the other, so that many at once are counted like many in a row.
    """
    if by.kind != "person" or by.id is None:
        raise Refused("Only a person can sign. Sign in on the page, not with a token.")
    with acting(by, reason="proof of person", source="signing"):
        user = User.objects.select_for_update(no_key=True).get(pk=by.id)
        if _failures(user) >= TRIES:
            raise Refused(
                "Signing is locked for five minutes after five wrong passwords. Wait, or ask an administrator."
            )
        right = user.is_active and user.check_password(password)
        SigningAttempt.objects.create(user=user, ok=right)
    if not right:
        raise WrongPassword("That is not your password. Nothing was signed; type the password you sign in with.")


def _failures(user: User) -> int:
    """How many tries failed since the last right one, within the window."""
    recent = SigningAttempt.objects.filter(user=user, at__gt=timezone.now() - WINDOW).order_by("-at")
    return sum(1 for _ in takewhile(lambda ok: not ok, recent.values_list("ok", flat=True)))


def sign(record: Record, *, by: Actor, meaning: str, step: str, section: str = "", note: str = "") -> Signature:
    """Write the signature row of a proven person; call it inside the act and the record's lock."""
    if by.id is None:
        raise Refused("Only a person can sign.")
    covered = manifest(record, section)
    return Signature.objects.create(
        record_id=record.pk,
        signer_id=by.id,
        printed_name=by.name,
        meaning=meaning,
        step=step,
        section=section,
        note=note,
        at=timezone.now(),
        timezone=by.timezone,
        record_version=record.version,
        digest=digest_of(covered),
        manifest=covered,
    )


def recheck(record: Record, *, by: str, reason: str = "the signed content changed") -> list[Signature]:
    """Void every valid signature whose content is no longer what was signed; returns those voided now."""
    held = list(Signature.objects.filter(record_id=record.pk, void=None).order_by("id"))
    present = manifests(record, (signature.section for signature in held))
    voided = [signature for signature in held if digest_of(present[signature.section]) != signature.digest]
    for signature in voided:
        SignatureVoid.objects.create(
            signature=signature, record_id=record.pk, at=timezone.now(), by=by, reason=reason[:200]
        )
    return voided
