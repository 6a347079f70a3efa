"""Write the queue of topics that are heard but not known, and make them known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from governance.events import TopicMapped
from governance.models import Characteristic, Parameter, UnmappedState, UnmappedTopic
from governance.queries import Proposal, proposal_for
from governance.services.equipment import station_of
from governance.services.measurement import add_characteristic, add_parameter
from qms.core.actor import Actor
from qms.core.errors import Denied, Invalid, Refused
from qms.core.events import publish
from qms.core.models import Site
from qms.core.trail import acting

MOST_TOPICS = 5_000  # a flood of made-up topics must not fill the queue; their payloads stay in quarantine
MOST_SAMPLES = 60


@dataclass(frozen=True)
class Heard:
    """What one batch heard on one unknown topic."""

    topic: str
    site: int | None
    first: datetime
    last: datetime
    count: int
    values: tuple[float, ...] = ()
    unit: str = ""


_NOTE = """
insert into governance_unmappedtopic as u
  (topic, site_id, first_seen, last_seen, count, last_value, unit, samples, state)
select %s, %s, %s, %s, %s, %s, %s, %s::float8[], 'open'
where exists (select 1 from governance_unmappedtopic where topic = %s)
   or (select count(*) from governance_unmappedtopic where state = 'open') < %s
on conflict (topic) do update set last_seen = greatest(u.last_seen, excluded.last_seen),
  count = u.count + excluded.count, last_value = coalesce(excluded.last_value, u.last_value),
  unit = case when excluded.unit = '' then u.unit else excluded.unit end,
  samples = (u.samples || excluded.samples)[greatest(1, cardinality(u.samples) + cardinality(excluded.samples) - %s):]
"""


def note_unmapped(heard: Sequence[Heard], *, by: Actor) -> None:
    """Count what was heard on unknown topics and keep the newest values; in order, so that workers never deadlock."""
    with acting(by), connection.cursor() as cursor:
        for one in sorted(heard, key=lambda row: row.topic):
            values = list(one.values[-MOST_SAMPLES:])
            newest = values[-1] if values else None
            cursor.execute(
                _NOTE,
                [one.topic, one.site, one.first, one.last, one.count, newest, one.unit[:40], values,
                 one.topic, MOST_TOPICS, MOST_SAMPLES - 1],
            )  # fmt: skip


@dataclass(frozen=True)
class Mapping:
    """What a person makes of a topic; what is left out is taken from the proposal."""

    code: str = ""
    name: str = ""
    unit: str | None = None
    kind: str = ""
    path: str = ""
    characteristic: dict[str, Any] | None = None  # chart, subgroup_size, lsl, target, usl, decimals, rules, ...


def map_topic(topic: UnmappedTopic, *, by: Actor, mapping: Mapping = Mapping()) -> Characteristic:
    """Make the station (when new), the parameter and the characteristic of a topic in one act.

    What was heard so far is replayed from the quarantine afterwards. Raises Denied, Invalid, or Refused when the
    topic is no valid path or was mapped before.
    """
    with acting(by):
        row = UnmappedTopic.objects.select_for_update().get(pk=topic.pk)
        if row.state == UnmappedState.MAPPED:
            raise Refused("This topic was mapped already.")
        proposal = proposal_for(row)
        path = mapping.path.strip().strip("/").lower() or proposal.path
        if not path:
            raise Refused(proposal.refusal)
        site = Site.objects.filter(code__iexact=path.split("/")[0]).first()
        if site is None or path.count("/") != 4:
            raise Invalid({"path": ["The path reads site/area/line/station/parameter and begins with a site's code."]})
        by.require("topic.map", site.pk)
        parameter = add_parameter(
            site=site, path=path, station=station_of(site, path, by=by), by=by,
            name=mapping.name or proposal.name, unit=proposal.unit if mapping.unit is None else mapping.unit,
            kind=mapping.kind or proposal.kind,
        )  # fmt: skip
        characteristic = _characteristic(parameter, proposal, mapping, by)
        row.state, row.site, row.parameter = UnmappedState.MAPPED, site, parameter
        row.save(update_fields=["state", "site", "parameter"])
        event = TopicMapped(topic=row.topic, parameter=parameter.pk, path=parameter.path, site=site.pk)
        publish(event, key=f"topic:{row.pk}")
    return characteristic


def _characteristic(parameter: Parameter, proposal: Proposal, mapping: Mapping, by: Actor) -> Characteristic:
    guessed = {
        "chart": proposal.chart, "subgroup_size": proposal.subgroup_size,
        "decimals": proposal.decimals, "stale_after": proposal.stale_after,
    }  # fmt: skip
    fields = guessed | (mapping.characteristic or {})
    return add_characteristic(
        parameter=parameter, code=mapping.code or proposal.code, name=mapping.name or proposal.name, by=by, **fields
    )


def ignore_topic(topic: UnmappedTopic, *, by: Actor, reason: str) -> UnmappedTopic:
    """Take a topic out of the queue; it is still counted, and can be mapped later."""
    if not by.can("topic.map", topic.site_id):
        raise Denied("You may not decide about this topic. A quality engineer of the site can.")
    with acting(by, reason=reason):
        row = UnmappedTopic.objects.select_for_update().get(pk=topic.pk)
        if row.state == UnmappedState.MAPPED:
            raise Refused("This topic is mapped. Take its characteristic out of use instead.")
        row.state = UnmappedState.IGNORED
        row.save(update_fields=["state"])
    return row
