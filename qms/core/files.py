"""Files of records: streamed in, checked, kept once under their SHA-256, given out only to who may see the record."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from qms.core.actor import Actor
from qms.core.errors import Denied, Refused, because
from qms.core.file_types import checked_type, label_of, refusal
from qms.core.live import announce
from qms.core.models import Attachment, Blob, Record
from qms.core.records import R, child_of, locked, touched
from qms.core.trail import acting


@dataclass(frozen=True)
class Kept:
    """Bytes that were received, checked and kept; `row()` writes their row inside the act that needs it."""

    digest: str
    size: int
    media_type: str
    name: str

    def row(self) -> Blob:
        """The row of the bytes, made once."""
        made = {"size": self.size, "media_type": self.media_type}
        return Blob.objects.get_or_create(digest=self.digest, defaults=made)[0]


def keep(upload: UploadedFile[bytes]) -> Kept:
    """Receive, check and keep the bytes of an upload outside any act; raises Invalid for type, size or content."""
    name = label_of(upload.name or "")
    with _received(upload) as (arrived, digest, size):
        with arrived.open("rb") as stream:
            media_type = checked_type(name, stream)
        _keep(arrived, digest)
    return Kept(digest, size, media_type, name)


def attach(record: R, upload: UploadedFile[bytes], *, by: Actor, section: str = "") -> Attachment:
    """Keep an uploaded file with a record; the same file again is the attachment that is there already.

    A file of a `section` is part of what is signed there. Raises Denied or Invalid (type, size, content).
    """
    by.require("record.attach", record)
    kept = keep(upload)
    with acting(by):
        fresh = locked(type(record), record.pk)
        _still_open(fresh, section)
        same = Attachment.objects.filter(
            record_id=fresh.pk, blob__digest=kept.digest, name=kept.name, section=section, withdrawn_at=None
        ).first()
        if same:
            return same
        attachment = Attachment.objects.create(
            record_id=fresh.pk, blob=kept.row(), name=kept.name, section=section, uploaded_by_id=by.id
        )
        touched(fresh, by=by)
        announce(f"record:{fresh.pk}", {"kind": "file", "file": attachment.pk})
    return attachment


def withdraw(attachment: Attachment, *, reason: str, by: Actor) -> Attachment:
    """Take a file out of a record, with a reason; its bytes and the trail stay."""
    reason = because(reason, "Say why this file is taken out.")
    with acting(by, reason=reason):
        record = child_of(Record.objects.get(pk=attachment.record_id))
        by.require("record.attach", record)
        fresh = locked(type(record), record.pk)
        found = Attachment.objects.get(pk=attachment.pk)
        if found.withdrawn_at:
            raise Refused("This file was taken out already.")
        _still_open(fresh, found.section)
        found.withdrawn_at = timezone.now()
        found.save(update_fields=["withdrawn_at"])
        touched(fresh, by=by)
        announce(f"record:{fresh.pk}", {"kind": "file", "file": found.pk})
    return found


def _still_open(record: Record, section: str) -> None:
    """What was signed at the end stays as it was signed; a closed record takes files beside it, not into it."""
    if section and record.closed_at:
        raise Refused(f"{record.number} is closed, the files of its sections stay as they were signed.")


def readable(pk: int, actor: Actor) -> Attachment:
    """The attachment, if the actor may see its record; raises Denied for a foreign one and one that is not there."""
    found = Attachment.objects.select_related("blob").filter(pk=pk).first()
    record = Record.objects.filter(pk=found.record_id).first() if found else None
    if found is None or record is None or not actor.can("record.view", record):
        raise Denied("There is no such file, or it belongs to a site you have no role at.")
    return found


def opened(attachment: Attachment) -> IO[bytes]:
    """The bytes of an attachment, once they have shown to be unchanged; raises Refused when they are not."""
    return bytes_of(attachment.blob, attachment.name)


def bytes_of(blob: Blob, name: str) -> IO[bytes]:
    """The bytes of a blob, which people know by a name; raises Refused when they are missing or have changed."""
    path = path_of(blob.digest)
    try:
        stream = path.open("rb")
    except FileNotFoundError as problem:
        raise Refused(f"The bytes of {name} are missing. Restore the files from the backup.") from problem
    if hashlib.file_digest(stream, "sha256").hexdigest() != blob.digest:
        stream.close()
        raise Refused(f"The bytes of {name} have changed since it was kept. Restore it from the backup.")
    stream.seek(0)
    return stream


def path_of(digest: str) -> Path:
    """Where the bytes of a digest are."""
    return Path(settings.FILES_DIR) / digest[:2] / digest[2:4] / digest


@contextmanager
def _received(upload: UploadedFile[bytes]) -> Iterator[tuple[Path, str, int]]:
    """The upload as a file of our own, with its digest and size; gone at the end unless it was kept."""
    incoming = Path(settings.FILES_DIR) / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=incoming)
    try:
        with os.fdopen(number, "wb") as stream:
            digest, size = _copy(upload, stream)
            stream.flush()
            os.fsync(stream.fileno())
        yield Path(name), digest, size
    finally:
        Path(name).unlink(missing_ok=True)


def _copy(upload: UploadedFile[bytes], stream: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in upload.chunks():
        size += len(chunk)
        if size > settings.FILE_UPLOAD_LIMIT:
            raise refusal(f"The file is larger than {settings.FILE_UPLOAD_LIMIT // 2**20} MB. Split or shrink it.")
        digest.update(chunk)
        stream.write(chunk)
    if not size:
        raise refusal("The file is empty.")
    return digest.hexdigest(), size


def _keep(arrived: Path, digest: str) -> None:
    """Move the bytes to their place; the same bytes that are there already stay as they are."""
    place = path_of(digest)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        arrived.chmod(0o440)
        arrived.replace(place)
