"""Conditional requests on records and rows: ETag, If-None-Match, If-Match (RFC 9110)."""

from __future__ import annotations

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils.http import parse_etags
from rest_framework.request import Request

from qms.core.errors import Conflict
from qms.core.models import Record
from qms.core.rest.problems import Problem

UNSEEN = {"password", "last_login", "digest", "credential_hash", "credential_bcrypt"}


def has_it(request: Request, etag: str) -> bool:
    """Whether If-None-Match names the current version (weak comparison)."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in tags or etag in {tag.removeprefix("W/") for tag in tags}


def version_seen(request: Request, record: Record, *, needed: bool = True) -> int | None:
    """The version If-Match stands for; None for `*` or, when not needed, without one.

    Raises a 428 problem when the header is missing and needed, Conflict (412) when it is not the current version.
    """
    header = request.headers.get("If-Match")
    if not header:
        if needed:
            raise Problem(428, f"Send If-Match with the ETag of the version you saw; it is now {record.etag}.")
        return None
    tags = parse_etags(header)
    if "*" in tags:
        return None
    if record.etag not in tags:
        raise Conflict(
            f"{record.number} is not as you saw it (it is now {record.etag}). Nothing was changed: read it again first."
        )
    return record.version


def etag_of(row: Model, *more: object) -> str:
    """The ETag of a row that has no version: a digest of its columns (no secrets among them) and of `more`."""
    values = {f.column: f.value_from_object(row) for f in row._meta.concrete_fields if f.name not in UNSEEN}
    text = json.dumps([values, more], cls=DjangoJSONEncoder, sort_keys=True)
    return f'"{row.pk}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def require_seen(request: Request, row: Model, etag: str) -> None:
    """Raise Conflict (412) when If-Match names another version of a row; without the header nothing is asked."""
    header = request.headers.get("If-Match")
    if not header:
        return
    tags = parse_etags(header)
    if "*" not in tags and etag not in tags:
        raise Conflict(f"{row} is not as you saw it (it is now {etag}). Nothing was changed: read it again first.")
