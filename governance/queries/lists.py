"""Which rows of master data an actor sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Count, Model, Q, QuerySet

from governance.models import Characteristic, Equipment, NumberRule, Parameter, Part, Process, UnmappedTopic
from qms.core.actor import ALL, Actor

M = TypeVar("M", bound=Model)


def within(rows: QuerySet[M], actor: Actor, action: str) -> QuerySet[M]:
    """The rows of the sites where the actor may do this."""
    sites = actor.sites(action)
    return rows if sites is ALL else rows.filter(site_id__in=sites)


def equipment_visible_to(actor: Actor) -> QuerySet[Equipment]:
    """Areas, lines and stations of the actor's sites."""
    return within(Equipment.objects.select_related("site", "parent"), actor, "equipment.view")


def parts_visible_to(actor: Actor) -> QuerySet[Part]:
    """Parts of the actor's sites."""
    return within(Part.objects.select_related("site"), actor, "part.view")


def processes_visible_to(actor: Actor) -> QuerySet[Process]:
    """Processes of the actor's sites, each with how much is measured in it."""
    counted = Process.objects.select_related("site").annotate(
        measured=Count("characteristics", distinct=True), places=Count("characteristics__station", distinct=True)
    )
    return within(counted, actor, "process.view")


def stations_of(process: Process) -> QuerySet[Equipment]:
    """The stations that run a process: where its characteristics are measured."""
    rows = Equipment.objects.filter(characteristics__process=process).select_related("parent", "site")
    return rows.annotate(measured=Count("characteristics")).order_by("parent__code", "sequence", "code")


def parameters_visible_to(actor: Actor) -> QuerySet[Parameter]:
    """Parameters of the actor's sites with their station."""
    return within(Parameter.objects.select_related("site", "station__parent"), actor, "parameter.view")


def characteristics_visible_to(actor: Actor) -> QuerySet[Characteristic]:
    """Characteristics of the actor's sites with what a page names beside them."""
    rows = Characteristic.objects.select_related("site", "station__parent", "part", "process", "parameter")
    return within(rows, actor, "characteristic.view")


def number_rules_visible_to(actor: Actor) -> QuerySet[NumberRule]:
    """Naming rules of the actor's sites."""
    return within(NumberRule.objects.select_related("site"), actor, "part.view")


def unmapped_visible_to(actor: Actor) -> QuerySet[UnmappedTopic]:
    """Topics heard but not known, at the actor's sites; those of no known site for who may map anywhere."""
    rows = UnmappedTopic.objects.select_related("site")
    sites = actor.sites("topic.view")
    if sites is ALL:
        return rows
    homeless = Q(site__isnull=True) if actor.can("topic.map") else Q(pk__in=())
    return rows.filter(Q(site_id__in=sites) | homeless)


@dataclass
class Node:
    """A piece of equipment with what stands below it."""

    equipment: Equipment
    children: list[Node] = field(default_factory=list)


def equipment_tree(rows: Iterable[Equipment]) -> list[Node]:
    """Equipment as a forest, in the order given; rows whose parent is not among them are roots."""
    nodes = {row.pk: Node(row) for row in rows}
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.equipment.parent_id or 0)
        (parent.children if parent else roots).append(node)
    return roots
