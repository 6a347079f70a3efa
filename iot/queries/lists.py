"""Which rows of the floor an actor sees."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db.models import Count, Model, Q, QuerySet, Sum
from django.utils import timezone

from governance.models import Characteristic
from iot.models import (
    Annotation,
    ChartState,
    ControlLimits,
    Correction,
    Device,
    Exclusion,
    IngestCount,
    ProductionRun,
    Quarantine,
    Reading,
    Signal,
    SignalState,
    StoredReading,
    Subgroup,
)
from qms.core.actor import ALL, Actor
from qms.core.errors import Denied
from qms.core.health import LATE, Finding, silence
from qms.core.models import Heartbeat
from qms.core.records import visible

M = TypeVar("M", bound=Model)


def within(rows: QuerySet[M], actor: Actor, action: str, path: str = "site_id") -> QuerySet[M]:
    """Those of the sites where the actor may do something."""
    sites = actor.sites(action)
    return rows if sites is ALL else rows.filter(**{f"{path}__in": sites})


def see(characteristic: Characteristic, actor: Actor) -> None:
    """Raise Denied when the actor may not see a characteristic."""
    if not actor.can("characteristic.view", characteristic.site_id):
        raise Denied("You may not see this characteristic. An administrator of its site can give you a role there.")


def devices_visible_to(actor: Actor) -> QuerySet[Device]:
    """Devices of the actor's sites with what was last seen of them."""
    return within(Device.objects.select_related("site", "activity"), actor, "device.view")


def signals_visible_to(actor: Actor) -> QuerySet[Signal]:
    """Signals of the actor's sites that late data did not withdraw."""
    rows = Signal.objects.exclude(state=SignalState.WITHDRAWN)
    return within(rows.select_related("characteristic", "characteristic__parameter"), actor, "signal.view")


def limits_visible_to(actor: Actor) -> QuerySet[ControlLimits]:
    """Versions of control limits of the actor's sites."""
    return visible(ControlLimits, actor).select_related("characteristic")


def corrections_visible_to(actor: Actor) -> QuerySet[Correction]:
    """Readings heard twice with different values."""
    rows = Correction.objects.select_related("parameter")
    return within(rows, actor, "quarantine.view", "parameter__site_id")


def exclusions_visible_to(actor: Actor) -> QuerySet[Exclusion]:
    """Spans of points out of the estimates, lifted ones too."""
    rows = Exclusion.objects.select_related("characteristic")
    return within(rows, actor, "characteristic.view", "characteristic__site_id")


def annotations_visible_to(actor: Actor) -> QuerySet[Annotation]:
    """What people noted under the charts of the actor's sites."""
    rows = Annotation.objects.select_related("characteristic")
    return within(rows, actor, "characteristic.view", "characteristic__site_id")


def runs_visible_to(actor: Actor) -> QuerySet[ProductionRun]:
    """Parts in production at charts of short runs."""
    rows = ProductionRun.objects.select_related("characteristic")
    return within(rows, actor, "characteristic.view", "characteristic__site_id")


def quarantine_visible_to(actor: Actor) -> QuerySet[Quarantine]:
    """Refused payloads of the actor's sites; those of no known site for who may replay anywhere."""
    sites = actor.sites("quarantine.view")
    rows = Quarantine.objects.select_related("site")
    if sites is ALL:
        return rows
    homeless = Q(site__isnull=True) if actor.can("quarantine.replay") else Q(pk__in=())
    return rows.filter(Q(site_id__in=sites) | homeless)


def has_readings(parameter: int) -> bool:
    """Whether anything was stored for a parameter."""
    return StoredReading.objects.filter(parameter_id=parameter).exists()


def refused_below(device: Device, *, actor: Actor) -> QuerySet[Quarantine]:
    """Refused payloads on the topics below a device's prefix, with or without an enterprise before it."""
    pattern = rf"^/?([^/]+/)?{re.escape(device.topic_prefix)}(/|$)"
    return quarantine_visible_to(actor).filter(site_id=device.site_id, topic__iregex=pattern)


def readings_of(
    characteristic: Characteristic, *, actor: Actor, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[StoredReading]:
    """The readings of a characteristic in a span, newest last."""
    see(characteristic, actor)
    rows = StoredReading.objects.filter(parameter_id=characteristic.parameter_id)
    rows = rows.filter(t__gte=since, part_last__gte=since) if since else rows
    return (rows.filter(t__lt=until, part_first__lt=until) if until else rows).order_by("t", "seq")


def readings_visible_to(actor: Actor, *, whole: bool) -> QuerySet[Reading]:
    """Readings of the actor's sites; not `whole`: only those of the last hour, for callers without a filter."""
    rows = within(Reading.objects.select_related("parameter"), actor, "reading.view", "parameter__site_id")
    return rows if whole else rows.filter(t__gte=timezone.now() - timedelta(hours=1))


def present_points(characteristic: Characteristic) -> QuerySet[Subgroup]:
    """The points formed by the chart and subgroup size of today; those of another chart stay readable, unmixed.

    Right after a change there is none until the next reading.
    """
    return points_under(characteristic, ChartState.objects.filter(pk=characteristic.pk).first())


def points_under(characteristic: Characteristic, state: ChartState | None) -> QuerySet[Subgroup]:
    """The points that `present_points` means, for who knows the state of the chart."""
    rows = Subgroup.objects.filter(characteristic=characteristic)
    if state is None or not state.chart:
        return rows
    if (state.chart, state.size) != (characteristic.chart, characteristic.subgroup_size):
        return rows.none()
    return rows.filter(n__gte=state.begun) if state.begun > 1 else rows


def open_signals_by_characteristic(ids: Iterable[int]) -> dict[int, int]:
    """How many signals wait for a decision, per characteristic."""
    rows = Signal.objects.filter(characteristic_id__in=list(ids), state=SignalState.OPEN)
    return dict(rows.values_list("characteristic_id").annotate(n=Count("id")))


def ingest_health() -> Finding:
    """Whether an ingest worker is at work; readings wait at the broker while none is."""
    seconds = [silent for slot in range(16) if (silent := silence(f"ingest-{slot}")) is not None]
    if not seconds:
        return Finding("ingest", ok=False, text="No ingest worker has started yet.")
    if min(seconds) <= LATE and Heartbeat.objects.filter(name__startswith="ingest-", data__contested=True).exists():
        return Finding("ingest", ok=False, text="Another client takes the session of an ingest worker from it: end it.")
    return Finding("ingest", ok=min(seconds) <= LATE, text=f"An ingest worker was last heard {min(seconds):.0f} s ago.")


def ingest_accounts(day: date) -> dict[str, int]:
    """How the readings of a day ended: outcome -> number, over all workers."""
    rows = IngestCount.objects.filter(day=day).values_list("outcome").annotate(n=Sum("count"))
    return dict(rows.order_by("-n"))
