"""Endpoints of what a plant agrees on beforehand: defect codes and the limits that call for a CAPA."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet

from capa import queries, services
from capa.filters import DefectCodeFilter
from capa.models import DefectCode, EscalationRule
from capa.serializers import (
    DefectCodeChange,
    DefectCodeIn,
    DefectCodeOut,
    EscalationChange,
    EscalationIn,
    EscalationOut,
)
from qms.core.rest.views import ListViewSet


class DefectCodeViewSet(ListViewSet[DefectCode]):
    """Defect codes."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve"), "defectcode.view"),
        **dict.fromkeys(("create", "partial_update"), "defectcode.edit"),
    }
    gives: ClassVar[Any] = {"default": DefectCodeOut}
    takes: ClassVar[Any] = {"create": DefectCodeIn, "partial_update": DefectCodeChange}
    tagged = True
    filterset_class = DefectCodeFilter
    queryset = DefectCode.objects.none()
    ordering = "id"
    orderings = ("code",)

    def visible(self) -> QuerySet[DefectCode]:
        """Those of the actor's sites and of every site."""
        return queries.defect_codes_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> DefectCode:
        """Add one; without a site it is one of every site."""
        return services.add_defect_code(**data, by=self.actor)

    def change(self, thing: DefectCode, data: dict[str, Any]) -> DefectCode:
        """Change one, or take it out of use."""
        return services.edit_defect_code(thing, by=self.actor, **data)


class EscalationViewSet(ListViewSet[EscalationRule]):
    """Limits from which a nonconformity calls for a CAPA; a site without a row has the usual ones."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve"), "escalation.view"),
        **dict.fromkeys(("create", "partial_update"), "escalation.edit"),
    }
    gives: ClassVar[Any] = {"default": EscalationOut}
    takes: ClassVar[Any] = {"create": EscalationIn, "partial_update": EscalationChange}
    tagged = True
    filterset_class = None
    queryset = EscalationRule.objects.none()
    ordering = "id"

    def visible(self) -> QuerySet[EscalationRule]:
        """Those of the actor's sites."""
        return queries.escalation_rules_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> EscalationRule:
        """Set the limits of a site."""
        return services.set_escalation_limits(data.pop("site"), by=self.actor, **data)

    def change(self, thing: EscalationRule, data: dict[str, Any]) -> EscalationRule:
        """Change some of them."""
        return services.set_escalation_limits(thing.site, by=self.actor, **data)
