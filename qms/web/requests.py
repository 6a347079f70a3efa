"""The request as pages know it, and the numbers in it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from qms.core.actor import Actor

_DIGITS = 18  # every number of so many digits fits a key of the database


class PageRequest(HttpRequest):
    """A request with the actor, htmx's headers and the id an error page quotes; for annotations only."""

    actor: Actor
    htmx: HtmxDetails
    id: str


def whole_number(text: str | None) -> int | None:
    """A key or count as it is typed or sent: plain digits that fit the database; None for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
