"""Sparkplug messages of a batch: sessions from the database, metrics into the intake, requests for rebirth out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from iot.formats import OWN_UNIT, Entry, Refusal
from iot.ingest.catalogue import Catalogue, Known
from iot.ingest.intake import Intake, Message
from iot.models import EdgeNode, NodeBirth
from iot.sparkplug.session import Address, Node, Source, Spoken, address, moment
from iot.sparkplug.session import Known as Described
from iot.sparkplug.wire import PREFIX, rebirth_request

MOST_NODES = 2_000  # a flood of made-up topics must not fill the table
_POOR = 64  # OPC scale: uncertain
_NODE = (
    "state", "bd_seq", "seq", "digest", "doubtful", "errors", "rebirths", "born_at", "died_at", "heard_at",
    "asked_at", "asked_before",
)  # fmt: skip
_said: dict[tuple[int, datetime | None], tuple[dict[str, Described], dict[int, str]]] = {}  # by birth and its moment
_MOST_SAID = 4_000


@dataclass(frozen=True, slots=True)
class Command:
    """A message to a device, to be published once the batch is committed."""

    topic: str
    payload: bytes
    qos: int = 0


@dataclass
class Held:
    """A node under lock with the rows it was read from."""

    row: EdgeNode
    node: Node
    births: dict[str, NodeBirth]


def hear_nodes(messages: Sequence[Message], intake: Intake, catalogue: Catalogue, now: datetime) -> list[Command]:
    """Take the Sparkplug messages of a batch in their order; returns what nodes are to be told.

    Needs an act: a node's session is locked until it ends, and rolled back with it.
    """
    placed = [(message, address(message.topic)) for message in messages]
    held = _hold({(where.group, where.node) for _, where in placed if where and where.kind}, catalogue)
    commands = []
    for message, where in placed:
        if where is None:
            words = "The topic is none of Sparkplug B: spBv1.0/group/kind/node[/device]."
            intake.refuse(message, Refusal("sparkplug.topic", words), None)
        elif where.kind:
            one = held.get((where.group, where.node))
            if one is None:
                words = f"More than {MOST_NODES} edge nodes are known: remove old ones first."
                intake.refuse(message, Refusal("sparkplug.nodes", words), None)
            elif _hear(one, message, where, intake, catalogue, now=now):
                topic = f"{PREFIX}{where.group}/NCMD/{where.node}"
                commands.append(Command(topic, rebirth_request(int(now.timestamp() * 1000))))
    for one in held.values():
        _keep(one)
    return commands


def _hear(one: Held, message: Message, where: Address, intake: Intake, catalogue: Catalogue, *, now: datetime) -> bool:
    """Take one message; whether its node is to be asked for its births."""
    node, site = one.node, one.row.site_id
    done = node.recall(where, message.payload) if message.kept else node.hear(where, message.payload, now)
    for refusal in done.refusals:
        intake.refuse(message, Refusal(*refusal), site)
    copies: Counter[tuple[str, int | None]] = Counter()
    for spoken in done.spoken:
        key = (spoken.name, spoken.metric.at)
        known = _take(spoken, copies[key], message, where, intake, catalogue=catalogue)
        copies[key] += 1
        if known is not None:
            node.sources[where.device].feed(known.id)
    return done.ask and node.may_ask(now)


def _take(
    spoken: Spoken, copy: int, message: Message, where: Address, intake: Intake, *, catalogue: Catalogue
) -> Known | None:
    """One metric as a reading; the parameter it is one of. Texts and other kinds that are no number are passed over."""
    value, metric = spoken.metric.value, spoken.metric
    if isinstance(value, str) or (value is None and not metric.null):
        return None
    topic = f"{where.place}/{spoken.name}"
    site, known = catalogue.find(topic)
    at = moment(metric.at)
    if at is None or (value is not None and not math.isfinite(value)):
        reason = ("time.missing", "The metric has no time.") if at is None else ("value.not_finite", "No finite value.")
        intake.refuse(message, Refusal(*reason, spoken.name), site)
    elif value is None:
        intake.nulls += [(known.id, at)] if known is not None else []
    else:
        entry = Entry(
            v=value, t=at, u=spoken.unit or OWN_UNIT, seq=copy, lot=spoken.lot, serial=spoken.serial,
            q=_POOR if spoken.doubtful else 192, hist=metric.historical,
        )  # fmt: skip
        intake.take_alone(entry, known, topic, site, message)
    return known


def _hold(wanted: set[tuple[str, str]], catalogue: Catalogue) -> dict[tuple[str, str], Held]:
    """The sessions of these nodes, locked in order of id so that workers never deadlock; new ones are made."""
    known = {(row.group, row.name) for row in EdgeNode.objects.filter(group__in={group for group, _ in wanted})}
    room = MOST_NODES - EdgeNode.objects.count() if wanted - known else 0
    fresh = sorted(wanted - known)[: max(0, room)]
    EdgeNode.objects.bulk_create(
        [EdgeNode(group=group, name=name, site_id=catalogue.sites.get(group.lower())) for group, name in fresh],
        ignore_conflicts=True,
    )
    names = {name for _, name in wanted}
    rows = EdgeNode.objects.filter(group__in={group for group, _ in wanted}, name__in=names)
    found = [row for row in rows.order_by("pk").select_for_update() if (row.group, row.name) in wanted]
    births: dict[int, dict[str, NodeBirth]] = {row.pk: {} for row in found}
    for birth in NodeBirth.objects.filter(node__in=found).defer("metrics"):
        births[birth.node_id][birth.device] = birth
    return {(row.group, row.name): Held(row, _node(row, births[row.pk]), births[row.pk]) for row in found}


def _node(row: EdgeNode, births: dict[str, NodeBirth]) -> Node:
    fields: dict[str, Any] = {name: getattr(row, name) for name in _NODE}
    sources = {device: _source(birth) for device, birth in births.items()}
    return Node(row.group, row.name, sources=sources, **fields)


def _source(birth: NodeBirth) -> Source:
    """A source with its metrics; those are read once for each birth."""
    key = (birth.pk, birth.born_at)
    if key not in _said:
        if len(_said) >= _MOST_SAID:
            _said.clear()
        metrics = {name: Described(*values) for name, values in birth.metrics.items()}
        _said[key] = (metrics, {one.alias: name for name, one in metrics.items() if one.alias is not None})
    metrics, names = _said[key]
    return Source(
        birth.device, birth.state, birth.born_at, metrics, birth.lot, birth.serial, names, set(birth.parameters)
    )


def _keep(one: Held) -> None:
    row, node = one.row, one.node
    for name in _NODE:
        setattr(row, name, getattr(node, name))
    row.save(update_fields=_NODE)
    for source in node.sources.values():
        if source.changed:
            _keep_birth(one, source)


def _keep_birth(one: Held, source: Source) -> None:
    """Write what changed; the metrics only after a birth."""
    was = one.births.get(source.device)
    fields: dict[str, Any] = {
        "state": source.state, "born_at": source.born_at, "lot": source.lot, "serial": source.serial,
        "parameters": sorted(source.parameters),
    }  # fmt: skip
    if was is None or was.born_at != source.born_at:
        fields["metrics"] = {name: [d.datatype, d.unit, d.alias] for name, d in source.metrics.items()}
    NodeBirth.objects.update_or_create(node=one.row, device=source.device, defaults=fields)
