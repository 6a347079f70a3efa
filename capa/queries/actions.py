"""The actions of all plans an actor may see."""

from __future__ import annotations

from django.db.models import F, QuerySet

from capa.models import Action, Capa
from qms.core.actor import Actor
from qms.core.records import visible


def actions_of(actor: Actor) -> QuerySet[Action]:
    """Actions of the present plans of visible CAPAs; those of finished plans stay on their record."""
    capas = visible(Capa, actor).order_by().values("pk")
    rows = Action.objects.filter(capa__in=capas, revision=F("capa__plan_revision"))
    return rows.select_related("capa", "cause", "owner")
