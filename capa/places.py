"""Where the room stands in the navigation, and what it offers in the palette."""

from __future__ import annotations

from capa.models import Capa, Nonconformity
from capa.views.catalogue import NEW_CODE
from capa.views.deviation import NEW_DEVIATION
from capa.views.lists import NEW_CAPA, NEW_NONCONFORMITY
from qms.core.actor import Actor
from qms.core.models import Record
from qms.core.records import visible
from qms.web import nav


def _open(kind: type[Record]) -> nav.Count:
    def count(actor: Actor) -> int:
        return visible(kind, actor).filter(closed_at=None).count()

    return count


PLACES = (
    nav.Place(
        key="records",
        label="Quality records",
        short="Records",
        url="capa:nonconformities",
        icon="clipboard-check",
        permission="nonconformity.view",
        go="n",
        order=30,
        count=_open(Nonconformity),
    ),
    nav.Place(
        key="capa",
        label="CAPA",
        url="capa:capas",
        icon="target-arrow",
        permission="capa.view",
        go="c",
        order=31,
        count=_open(Capa),
    ),
    nav.Place(
        key="actions",
        label="Actions",
        url="capa:actions",
        icon="list-details",
        permission="capa.view",
        group="more",
    ),
    nav.Place(
        key="deviations",
        label="Deviation permits",
        url="capa:deviations",
        icon="clipboard-check",
        permission="deviation.view",
        group="more",
    ),
    nav.Place(
        key="defect-codes",
        label="Defect codes",
        url="capa:defect-codes",
        icon="list-details",
        permission="defectcode.view",
        group="more",
    ),
    nav.Place(
        key="escalation",
        label="Calls for a CAPA",
        url="capa:escalation",
        icon="target-arrow",
        permission="escalation.view",
        group="more",
    ),
)


def take() -> None:
    """Called once when the apps are ready."""
    nav.register(*PLACES)
    nav.offer(NEW_NONCONFORMITY, NEW_CAPA, NEW_DEVIATION, NEW_CODE)
