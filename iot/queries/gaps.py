"""Readings that are missing: of an actor's sites, of a device, on a chart."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from iot.models import Device, ReadingGap
from qms.core.actor import ALL, Actor

MOST_SHOWN = 200


def gaps_visible_to(actor: Actor) -> QuerySet[ReadingGap]:
    """What is missing of the actor's sites, filled gaps too."""
    rows = ReadingGap.objects.select_related("parameter")
    sites = actor.sites("reading.view")
    return rows if sites is ALL else rows.filter(parameter__site_id__in=sites)


def gaps_of(device: Device, *, actor: Actor) -> QuerySet[ReadingGap]:
    """What a device counted and never delivered, newest first."""
    return gaps_visible_to(actor).filter(device=device).order_by("-since")


def gaps_on(parameter: int, first: datetime, last: datetime) -> list[ReadingGap]:
    """The stretches of a chart in which readings are missing still, oldest first; the newest when there are many."""
    rows = ReadingGap.objects.filter(parameter_id=parameter, filled_at=None, until__gt=first, since__lte=last)
    return list(rows.order_by("-since")[:MOST_SHOWN])[::-1]
