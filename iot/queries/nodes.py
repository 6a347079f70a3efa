"""Edge nodes that speak Sparkplug B, and whether what they feed is still of now."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from iot.models import EdgeNode, NodeBirth
from iot.sparkplug.wire import BD_SEQ, NUMBERS
from qms.core.actor import ALL, Actor


@dataclass(frozen=True)
class MetricRow:
    """One metric of a birth, for people."""

    name: str
    device: str
    alias: int | None
    unit: str
    taken: bool  # whether it can be a reading


def nodes_visible_to(actor: Actor) -> QuerySet[EdgeNode]:
    """Edge nodes of the actor's sites, and those of no site for who may set up devices."""
    rows = EdgeNode.objects.select_related("site").annotate(devices=Count("births", filter=~Q(births__device="")))
    sites = actor.sites("device.view")
    if sites is ALL:
        return rows
    homeless = Q(site__isnull=True) if actor.can("device.edit") else Q(pk__in=())
    return rows.filter(Q(site_id__in=sites) | homeless)


def metrics_of(node: EdgeNode) -> list[MetricRow]:
    """What the births of a node and its devices named, by device and name."""
    found = [
        MetricRow(name, birth.device, alias, unit, datatype in NUMBERS and name != BD_SEQ)
        for birth in NodeBirth.objects.filter(node=node)
        for name, (datatype, unit, alias) in birth.metrics.items()
        if not name.startswith("Node Control/")
    ]
    return sorted(found, key=lambda one: (one.device, one.name))


def is_cut_off(parameter: int) -> bool:
    """Whether the edge node or device that a parameter has its values from has died and was not born again."""
    fed = NodeBirth.objects.filter(parameters__contains=[parameter])
    states = list(fed.values_list("state", flat=True))
    return bool(states) and EdgeNode.State.ONLINE not in states
