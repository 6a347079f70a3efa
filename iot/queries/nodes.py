"""Edge nodes that speak Sparkplug B, and whether what they feed is still of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q, QuerySet

from governance.models import Parameter, UnmappedTopic
from governance.queries.proposals import path_levels
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
    parameter: Parameter | None = None  # what its readings are of
    waiting: UnmappedTopic | None = None  # where a person gives it its path


def nodes_visible_to(actor: Actor) -> QuerySet[EdgeNode]:
    """Edge nodes of the actor's sites, and those of no site for who may set up devices."""
    rows = EdgeNode.objects.select_related("site").annotate(devices=Count("births", filter=~Q(births__device="")))
    sites = actor.sites("device.view")
    if sites is ALL:
        return rows
    homeless = Q(site__isnull=True) if actor.can("device.edit") else Q(pk__in=())
    return rows.filter(Q(site_id__in=sites) | homeless)


def metrics_of(node: EdgeNode) -> list[MetricRow]:
    """What the births of a node and its devices named, by device and name, and where its values go."""
    found = [
        MetricRow(name, birth.device, alias, unit, datatype in NUMBERS)
        for birth in NodeBirth.objects.filter(node=node)
        for name, (datatype, unit, alias) in birth.metrics.items()
        if not name.startswith("Node Control/") and name != BD_SEQ
    ]
    return _led(node, sorted(found, key=lambda one: (one.device, one.name)))


def _led(node: EdgeNode, rows: Sequence[MetricRow]) -> list[MetricRow]:
    """The metrics with the parameter each one stands for, or the topic that waits for a person."""
    topics = ["/".join(filter(None, (node.group, node.name, row.device, row.name))) for row in rows]
    site = {node.site.code.lower()} if node.site else set()
    paths = ["/".join(path_levels(topic, site)) for topic in topics]
    mapped = UnmappedTopic.objects.filter(topic__in=topics).select_related("parameter__characteristic")
    charted = Parameter.objects.filter(path__in=[path for path in paths if path]).select_related("characteristic")
    heard, known = {row.topic: row for row in mapped}, {row.path: row for row in charted}
    found = []
    for row, topic, path in zip(rows, topics, paths, strict=True):
        waiting = heard.get(topic)
        parameter = known.get(path) or (waiting.parameter if waiting else None)
        found.append(replace(row, parameter=parameter, waiting=None if parameter else waiting))
    return found


def is_cut_off(parameter: int) -> bool:
    """Whether the edge node or device that a parameter has its values from has died and was not born again."""
    fed = NodeBirth.objects.filter(parameters__contains=[parameter])
    states = list(fed.values_list("state", flat=True))
    return bool(states) and EdgeNode.State.ONLINE not in states
