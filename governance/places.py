"""Master data in the navigation and the palette."""

from __future__ import annotations

from django.urls import reverse

from governance.models import UnmappedState
from governance.queries import unmapped_visible_to
from governance.views.gages import NEW_GAGE
from qms.core.actor import Actor
from qms.web.nav import Command, Place
from qms.web.starts import Start, Way


def waiting_topics(actor: Actor) -> int:
    """How many topics wait to be named."""
    return unmapped_visible_to(actor).filter(state=UnmappedState.OPEN).count()


PLACES = (
    Place(key="master-data", label="Master data", url="governance:unmapped", icon="database", permission="topic.view",
          go="d", order=60, count=waiting_topics),
    Place(key="parts", label="Parts", url="governance:parts", icon="box", permission="part.view", group="more"),
    Place(key="processes", label="Processes", url="governance:processes", icon="git-branch",
          permission="process.view", group="more"),
    Place(key="equipment", label="Equipment", url="governance:equipment-list", icon="building-factory-2",
          permission="equipment.view", group="more"),
    Place(key="parameters", label="Parameters", url="governance:parameters", icon="ruler-measure",
          permission="parameter.view", group="more"),
    Place(key="gages", label="Gages", url="governance:gages", icon="ruler-measure", permission="gage.view",
          group="more"),
    Place(key="naming-rules", label="Naming rules", url="governance:rules", icon="abc", permission="part.view",
          group="more"),
)  # fmt: skip
COMMANDS = (
    NEW_GAGE,
    Command(label="New part", url="governance:part-new", permission="part.edit", words="number revision"),
    Command(label="New process", url="governance:process-new", permission="process.edit", words="step operation"),
    Command(label="Judge several characteristics together", url="governance:together-new",
            permission="characteristic.edit", words="multivariate T2 Hotelling MEWMA group"),
    Command(label="Import characteristics", url="governance:import", permission="characteristic.edit",
            icon="file-import", words="csv table master data"),
)  # fmt: skip
IMPORT = Start(
    key="import", label="Import", order=20, begin=lambda _site, _by: reverse("governance:import"),
    text="A table of characteristics from a spreadsheet, saved as CSV: topics, units, limits of specification, parts.",
)  # fmt: skip
WAYS = (
    Way(key="topics", label="Unmapped topics", url="governance:unmapped", icon="database", permission="topic.map",
        order=10, text="What machines publish already is heard at once and waits here, each topic with a proposal."),
    Way(key="files", label="Import characteristics", url="governance:import", icon="file-import",
        permission="characteristic.edit", order=30,
        text="A table saved as CSV makes parameters and characteristics before the first reading comes."),
)  # fmt: skip
