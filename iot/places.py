"""The floor in the navigation, the palette, the alarm count and the live stream."""

from __future__ import annotations

from django.db.models import Q

from governance.queries import characteristics_visible_to
from iot.models import SignalState
from iot.queries import signals_visible_to
from qms.core.actor import Actor
from qms.web.nav import Found, Place
from qms.web.starts import Way


def open_signals(actor: Actor) -> int:
    """How many signals wait for a cause."""
    return signals_visible_to(actor).filter(state=SignalState.OPEN, retrospective=False).count()


def may_hear(pk: int, actor: Actor) -> bool:
    """Whether a person may follow a characteristic live."""
    return characteristics_visible_to(actor).filter(pk=pk).exists()


def find_characteristics(text: str, actor: Actor) -> list[Found]:
    """Characteristics whose code begins so, or in whose name or station every word occurs."""
    if not actor.can("characteristic.view"):
        return []
    named = Q()
    for word in text.split():
        named &= Q(code__istartswith=word) | Q(name__icontains=word) | Q(station__name__icontains=word)
    rows = characteristics_visible_to(actor).filter(named).order_by("code")[:MOST_FOUND]
    return [
        Found(group="Characteristics", label=row.name, note=row.station.name, icon="chart-line", mono=row.code,
              url=row.get_absolute_url())
        for row in rows
    ]  # fmt: skip


MOST_FOUND = 6
ALARMS = open_signals
PLACES = (
    Place(key="process", label="Process", url="iot:overview", icon="activity-heartbeat",
          permission="characteristic.view", go="p", order=20, count=open_signals),
    Place(key="characteristics", label="Characteristics", url="iot:characteristics", icon="chart-line",
          permission="characteristic.view", group="more"),
    Place(key="signals", label="Signals", url="iot:signals", icon="alert-triangle", permission="signal.view",
          group="more"),
    Place(key="control-limits", label="Control limits", url="iot:limits-list", icon="arrows-vertical",
          permission="limits.view", group="more"),
    Place(key="devices", label="Devices", url="iot:devices", icon="router", permission="device.view", group="more"),
    Place(key="sources", label="Sources", url="iot:sources", icon="router", permission="device.view", group="more"),
    Place(key="nodes", label="Edge nodes", url="iot:nodes", icon="router", permission="device.view", group="more"),
    Place(key="profiles", label="Device profiles", url="iot:profiles", icon="router", permission="profile.view",
          group="more"),
    Place(key="try", label="Try a message", url="iot:try", icon="router", permission="profile.view", group="more"),
    Place(key="quarantine", label="Quarantine", url="iot:quarantine", icon="archive", permission="quarantine.view",
          group="more"),
    Place(key="corrections", label="Corrections", url="iot:corrections", icon="arrows-diff",
          permission="quarantine.view", group="more"),
    Place(key="retention", label="Retention", url="iot:retention", icon="archive", permission="retention.view",
          group="more"),
    Place(key="retention-next", label="What would be dropped", url="iot:retention-next", icon="archive",
          permission="retention.view", group="more"),
    Place(key="retention-parameters", label="Retention of parameters", url="iot:retention-parameters", icon="archive",
          permission="retention.view", group="more"),
)  # fmt: skip
_APART = {"try", "retention-next", "retention-parameters"}
SECTIONS = tuple(
    (place.url, "Overview" if place.key == "process" else place.label) for place in PLACES if place.key not in _APART
)  # (URL name, word) of the pages of the floor beside each other
WAYS = (
    Way(key="devices", label="Devices", url="iot:devices", icon="router", permission="device.edit", order=20,
        text="Each device gets a credential of its own, the broker's address and the topics it may publish to."),
)  # fmt: skip
