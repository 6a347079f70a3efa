"""Master data in the navigation and the palette."""

from __future__ import annotations

from governance.models import UnmappedState
from governance.queries import unmapped_visible_to
from qms.core.actor import Actor
from qms.web.nav import Command, Place


def waiting_topics(actor: Actor) -> int:
    """How many topics wait to be named."""
    return unmapped_visible_to(actor).filter(state=UnmappedState.OPEN).count()


PLACES = (
    Place(key="master-data", label="Master data", url="governance:unmapped", icon="database", permission="topic.view",
          go="d", order=60, count=waiting_topics),
    Place(key="parts", label="Parts", url="governance:parts", icon="box", permission="part.view", group="more"),
    Place(key="equipment", label="Equipment", url="governance:equipment-list", icon="building-factory-2",
          permission="equipment.view", group="more"),
    Place(key="parameters", label="Parameters", url="governance:parameters", icon="ruler-measure",
          permission="parameter.view", group="more"),
    Place(key="naming-rules", label="Naming rules", url="governance:rules", icon="abc", permission="part.view",
          group="more"),
)  # fmt: skip
COMMANDS = (Command(label="New part", url="governance:part-new", permission="part.edit", words="number revision"),)
