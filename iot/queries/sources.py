"""The account of each device: what it sent, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import BigIntegerField, F, FloatField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from iot.models import Device, SourceCount
from iot.queries.lists import devices_visible_to
from qms.core.actor import Actor

COUNTED = ("received", "stored", "duplicate", "correction", "dead")
DAYS = 30


def sources_visible_to(actor: Actor, *, days: int = DAYS) -> QuerySet[Device]:
    """Devices of the actor's sites with their account of the last days; `unexplained` is 0 when it balances."""
    since = timezone.now().date() - timedelta(days=days - 1)
    mine = SourceCount.objects.filter(device=OuterRef("pk"), day__gte=since).order_by().values("device")
    sums = {
        name: Coalesce(Subquery(mine.annotate(n=Sum(name)).values("n"), output_field=BigIntegerField()), 0)
        for name in COUNTED
    }
    newest = SourceCount.objects.filter(device=OuterRef("pk"), lag_ms__isnull=False).order_by("-day").values("lag_ms")
    rows = devices_visible_to(actor).annotate(**sums, lag=Subquery(newest[:1], output_field=FloatField()))
    became = F("stored") + F("duplicate") + F("correction") + F("dead")
    return rows.annotate(unexplained=F("received") - became)


def accounts_of(actor: Actor) -> Mapping[str, Mapping[str, int]]:
    """What became of the readings of each device since it was first heard: code -> outcome -> number."""
    rows = SourceCount.objects.filter(device__in=devices_visible_to(actor)).order_by()
    sums = rows.values_list("device__code").annotate(*(Sum(name) for name in COUNTED))
    return {row[0]: dict(zip(COUNTED, row[1:], strict=True)) for row in sums}
