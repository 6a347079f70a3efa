"""The request as pages know it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from qms.core.actor import Actor


class PageRequest(HttpRequest):
    """A request with the actor, htmx's headers and the id an error page quotes; for annotations only."""

    actor: Actor
    htmx: HtmxDetails
    id: str
