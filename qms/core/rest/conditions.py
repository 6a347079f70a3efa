"""Conditional requests on records: ETag, If-None-Match, If-Match (RFC 9110)."""

from __future__ import annotations

from django.utils.http import parse_etags
from rest_framework.request import Request

from qms.core.errors import Conflict
from qms.core.models import Record
from qms.core.rest.problems import Problem


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
