"""Reference data the worker keeps in memory: sites, parameters, devices and plans; read again when they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from governance.models import Parameter, UnmappedState, UnmappedTopic, ValueKind
from iot.charting.charts import Charts
from iot.charting.plan import Plan
from iot.charting.plans import plans
from iot.formats import OWN_UNIT
from iot.models import Device, DeviceProfile
from iot.profiles import Profile
from qms.core.models import Site

if TYPE_CHECKING:
    from iot.ingest.topics import Place

MOST_TOPICS = 50_000  # that are remembered
MOST_PROFILED = 20_000  # topics whose profile is remembered
_FLOAT = ValueKind.FLOAT.value


@dataclass(frozen=True)
class Known:
    """A parameter as the door needs it."""

    id: int
    site: int
    unit: str
    kind: str
    active: bool
    plain: frozenset[str | None] = field(init=False, compare=False)  # units in which a number is taken as it is

    def __post_init__(self) -> None:
        units: set[str | None] = {self.unit, OWN_UNIT} | (set() if self.unit else {None})
        object.__setattr__(self, "plain", frozenset(units if self.active and self.kind == _FLOAT else ()))


@dataclass
class Catalogue:
    """Everything that turns a topic into a parameter and a parameter into a chart."""

    sites: dict[str, int] = field(default_factory=dict)  # code in lower case -> id
    parameters: dict[str, Known] = field(default_factory=dict)  # path -> parameter
    plans: dict[int, Plan] = field(default_factory=dict)  # parameter id -> plan
    devices: dict[str, tuple[int, bool]] = field(default_factory=dict)  # topic prefix -> id, may publish

    profiles: tuple[Profile, ...] = ()
    profiled: dict[str, Profile | None] = field(default_factory=dict)  # topic -> the profile that reads it
    named: dict[str, str] = field(default_factory=dict)  # topic that is no path of its own -> path
    places: dict[str, Place] = field(default_factory=dict)  # topic -> what it stands for

    @cached_property
    def charts(self) -> Charts:
        """The charts as columns; as old as the catalogue, so that a batch that failed takes them with it."""
        return Charts(self.plans)

    def profile(self, topic: str) -> Profile | None:
        """The first profile that reads a topic, if any."""
        if topic not in self.profiled:
            if len(self.profiled) >= MOST_PROFILED:
                self.profiled.clear()
            self.profiled[topic] = next((one for one in self.profiles if one.expression.fullmatch(topic)), None)
        return self.profiled[topic]

    def named_path(self, topic: str) -> str:
        """The path a person gave to a topic that reads otherwise; empty when nobody did."""
        return self.named.get(topic.strip("/").lower(), "") if self.named else ""

    def named_parameter(self, topic: str) -> Known | None:
        """The parameter of such a topic."""
        return self.parameters.get(self.named_path(topic)) if self.named else None

    def find(self, topic: str) -> tuple[int | None, Known | None]:
        """The site and the parameter a topic stands for, by its levels or by the name a person gave it."""
        levels = topic.lower().split("/")
        base = self.base(levels)
        known = self.parameters.get("/".join(levels[base:])) if base is not None else None
        known = known or self.named_parameter(topic)
        if known is not None:
            return known.site, known
        return (None if base is None else self.sites[levels[base]]), None

    def base(self, levels: list[str]) -> int | None:
        """At which level of a topic (lower case) the site stands: the second, or the first without an enterprise.

        Behind a leading slash it may be the third; the second still goes first, because the broker reads it so.
        """
        places = (1, 2) if levels[0] == "" else (1, 0)
        return next((at for at in places if len(levels) > at and levels[at] in self.sites), None)

    def site_of(self, topic: str) -> int | None:
        """The site a topic is of; None when no level of it is the code of one."""
        levels = topic.rstrip("/").lower().split("/")
        base = self.base(levels)
        return None if base is None else self.sites[levels[base]]

    def device(self, path: str) -> tuple[int, bool, int] | None:
        """The device with the longest prefix of a path: its id, whether it may publish, the levels of the prefix."""
        while path:
            if path in self.devices:
                return *self.devices[path], path.count("/") + 1
            path = path.rpartition("/")[0]
        return None


def load() -> Catalogue:
    """Read the catalogue; seven queries. Needs an act or a reading of the whole."""
    spoken = Parameter.objects.exclude(kind=ValueKind.JOINT)  # nobody sends what is put together here
    parameters = spoken.values_list("path", "id", "site_id", "unit", "kind", "active")
    return Catalogue(
        sites={code.lower(): pk for code, pk in Site.objects.values_list("code", "id")},
        parameters={path: Known(pk, site, unit, kind, active) for path, pk, site, unit, kind, active in parameters},
        plans={plan.parameter: plan for plan in plans()},
        profiles=tuple(row.compiled() for row in DeviceProfile.objects.filter(active=True).select_related("site")),
        named=_named(),
        devices={
            prefix.strip("/").lower(): (pk, state == Device.State.ACTIVE)
            for pk, prefix, state in Device.objects.exclude(state=Device.State.RETIRED).values_list(
                "id", "topic_prefix", "state"
            )
        },
    )


def _named() -> dict[str, str]:
    """Topics that were given a path they do not spell themselves."""
    mapped = UnmappedTopic.objects.filter(state=UnmappedState.MAPPED, parameter__isnull=False)
    found = ((topic.lower(), path) for topic, path in mapped.values_list("topic", "parameter__path"))
    return {topic: path for topic, path in found if topic != path and not topic.endswith(f"/{path}")}
