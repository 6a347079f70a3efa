"""The whole check of the trail: log, checkpoints, state, signatures, frozen evidence, files."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.evidence import intact
from qms.core.files import path_of
from qms.core.models import Blob, Checkpoint, FrozenEvidence, Signature
from qms.core.seal import keys
from qms.core.seal.findings import Report, Tell
from qms.core.seal.keys import Verifier
from qms.core.seal.log_check import LogCheck
from qms.core.seal.state_check import check_state
from qms.core.signing import digest_of
from qms.core.trail import reading

VERIFIER = system("verify")
PIECE = 1 << 20


def quiet(stage: str, share: float) -> None:
    """Tell nobody how far it is."""


def check(*, verifier: Verifier | None = None, files: bool = False, tell: Tell = quiet) -> Report:
    """Check everything; `verifier`: the public key as somebody kept it, else the one beside the checkpoints.

    Call it outside any transaction: the log is read in pieces, the state in one moment.
    """
    began, report = time.monotonic(), Report()
    with _told_apart(tell, 0.0, 0.7) as part:
        _check_log(report, verifier, part)
    with _told_apart(tell, 0.7, 0.9) as part:
        check_state(report, part, by=VERIFIER)
    tell("signatures and evidence", 0.9)
    with reading(VERIFIER):
        _check_signatures(report)
        _check_evidence(report)
    if files:
        tell("files", 0.95)
        _check_files(report)
    report.seconds = time.monotonic() - began
    return report


def _check_log(report: Report, verifier: Verifier | None, tell: Tell) -> None:
    try:
        known = verifier or keys.verifier()
    except Refused as why:
        if Checkpoint.objects.exists():
            report.add("key missing", str(why).rstrip("."))
        return
    LogCheck(known, report, tell).run()


def _check_signatures(report: Report) -> None:
    for signature in Signature.objects.select_related("record").order_by("id").iterator(chunk_size=2000):
        report.count("signatures")
        if digest_of(signature.manifest) != signature.digest:
            text = f"Signature {signature.pk:,} of {signature.printed_name} under {signature.record.number}"
            report.add("signature changed", f"{text} does not belong to what it says was signed")


def _check_evidence(report: Report) -> None:
    for evidence in FrozenEvidence.objects.select_related("record").order_by("id").iterator(chunk_size=200):
        report.count("frozen evidence")
        if not intact(evidence):
            text = f"The frozen evidence “{evidence.title}” of {evidence.record.number} is not what was frozen"
            report.add("evidence changed", text)


def _check_files(report: Report) -> None:
    for digest in Blob.objects.order_by("pk").values_list("digest", flat=True).iterator(chunk_size=500):
        report.count("files")
        if _digest(path_of(digest)) != digest:
            report.add("file changed", f"The stored file {digest[:16]}… is missing or not what was stored")


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                found.update(piece)
    except OSError:
        return ""
    return found.hexdigest()


@contextmanager
def _told_apart(tell: Tell, low: float, high: float) -> Iterator[Tell]:
    """A part of the whole, told as a share of it."""
    yield lambda stage, share: tell(stage, low + share * (high - low))
