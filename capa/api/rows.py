"""Endpoints of the rows of a record: containments, dispositions, causes, actions, criteria, verdicts."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from capa import services
from capa.models import Action, Capa, Cause, Containment, Criterion, Disposition, Nonconformity, Verdict
from capa.serializers import (
    ActionChange,
    ActionIn,
    ActionOut,
    CauseChange,
    CauseIn,
    CauseOut,
    ChooseCauseIn,
    ContainmentChange,
    ContainmentIn,
    ContainmentOut,
    CriterionChange,
    CriterionIn,
    CriterionOut,
    DispositionIn,
    DispositionOut,
    FinishIn,
    MoveIn,
    Nothing,
    ReasonIn,
    ReinspectIn,
    VerdictOut,
    VerifyCauseIn,
    VerifyIn,
)
from qms.core.models import Record
from qms.core.records import locked, visible
from qms.core.rest import conditions
from qms.core.rest.views import ListViewSet, ReadViewSet


class OfCapa(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Rows of one CAPA."""

    capa = django_filters.NumberFilter("capa_id", help_text="Id of the CAPA.")


class OfNonconformity(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Rows of one nonconformity."""

    nonconformity = django_filters.NumberFilter("nonconformity_id", help_text="Id of the nonconformity.")


class OfRecord(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Rows of one record."""

    record = django_filters.NumberFilter("record_id", help_text="Id of the nonconformity or CAPA.")


class RowViewSet(ListViewSet[Any]):
    """Rows of records the actor may see; `parent` names the field that points at the record."""

    model: ClassVar[type[Model]]
    parent: ClassVar[str] = "capa"
    parents: ClassVar[tuple[type[Record], ...]] = (Capa,)
    tagged = True

    def visible(self) -> QuerySet[Any]:
        """Rows of visible records."""
        allowed = Q()
        for kind in self.parents:
            allowed |= Q(**{f"{self.parent}__in": visible(kind, self.actor).order_by().values("pk")})
        return self.model._default_manager.filter(allowed).select_related(self.parent)

    def record_of(self, pk: int) -> Any:
        """The record a new row is for; 404 when the actor may not see it."""
        with self.reading():
            for kind in self.parents:
                if found := visible(kind, self.actor).filter(pk=pk).first():
                    return found
        raise Http404(f"There is no record {pk} that you may see.")

    def row(self) -> Any:
        """The row of the address."""
        with self.reading():
            return self.get_object()

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields of one; what is not sent stays."""
        row, data = self.row(), self.taken()
        changed = self.change(row, {name: value for name, value in data.items() if name in request.data})
        return self.answer_tagged(changed)

    def unchanged(self, thing: Any) -> None:
        """The record's lock goes before the row's own, as in every service."""
        locked(Record, getattr(thing, f"{self.parent}_id"))
        super().unchanged(thing)


class ContainmentViewSet(RowViewSet):
    """Places that were searched for suspect pieces."""

    model, parent, parents = Containment, "record", (Nonconformity, Capa)
    filterset_class = OfRecord
    queryset = Containment.objects.none()
    gives = ContainmentOut
    takes: ClassVar[Any] = {"create": ContainmentIn, "partial_update": ContainmentChange, "verify": VerifyIn}
    policy: ClassVar[Any] = {
        "list": "record.view",
        "retrieve": "record.view",
        "create": "nonconformity.contain",
        "partial_update": "nonconformity.contain",
        "verify": "nonconformity.contain",
    }

    def open(self, data: dict[str, Any]) -> Containment:
        """Add a place."""
        return services.add_containment(self.record_of(data.pop("record")), by=self.actor, **data)

    def change(self, thing: Containment, data: dict[str, Any]) -> Containment:
        """Correct it before it is signed."""
        return services.change_containment(thing, by=self.actor, **data)

    @extend_schema(summary="Say that the hold works")
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """And how that was seen."""
        return self.answer(services.verify_containment(self.row(), how=self.taken()["how"], by=self.actor))


class DispositionViewSet(RowViewSet):
    """What is done with nonconforming pieces."""

    model, parent, parents = Disposition, "nonconformity", (Nonconformity,)
    filterset_class = OfNonconformity
    queryset = Disposition.objects.none()
    http_method_names = ("get", "post", "head")  # type: ignore[assignment]  # fewer methods than the base
    gives = DispositionOut
    takes: ClassVar[Any] = {
        "create": DispositionIn,
        "withdraw": Nothing,
        "carry_out": Nothing,
        "reinspect": ReinspectIn,
    }
    policy: ClassVar[Any] = {
        "list": "nonconformity.view",
        "retrieve": "nonconformity.view",
        "create": "nonconformity.propose",
        "withdraw": "nonconformity.propose",
        "carry_out": "nonconformity.verify",
        "reinspect": "nonconformity.verify",
    }

    def open(self, data: dict[str, Any]) -> Disposition:
        """Propose one; the ledger refuses more pieces than are nonconforming."""
        return services.add_disposition(self.record_of(data.pop("nonconformity")), by=self.actor, **data)

    @extend_schema(summary="Take a proposed disposition back")
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """It stays in the history."""
        return self.answer(services.withdraw_disposition(self.row(), by=self.actor))

    @extend_schema(summary="Say that the pieces were dealt with")
    @action(detail=True, methods=["post"], url_path="carry-out")
    def carry_out(self, request: Request, pk: str) -> Response:
        """By who asks."""
        return self.answer(services.carry_out(self.row(), by=self.actor))

    @extend_schema(summary="Enter the inspection after rework or repair")
    @action(detail=True, methods=["post"])
    def reinspect(self, request: Request, pk: str) -> Response:
        """By somebody else than who did the work."""
        return self.answer(services.reinspect(self.row(), by=self.actor, **self.taken()))


class CauseViewSet(RowViewSet):
    """Causes of a CAPA."""

    model = Cause
    filterset_class = OfCapa
    queryset = Cause.objects.none()
    gives = CauseOut
    takes: ClassVar[Any] = {
        "create": CauseIn,
        "partial_update": CauseChange,
        "verify": VerifyCauseIn,
        "choose": ChooseCauseIn,
    }
    policy: ClassVar[Any] = {
        "list": "capa.view",
        "retrieve": "capa.view",
        "create": "capa.analyse",
        "partial_update": "capa.analyse",
        "destroy": "capa.analyse",
        "verify": "capa.analyse",
        "choose": "capa.analyse",
    }

    def open(self, data: dict[str, Any]) -> Cause:
        """Add a cause, or the answer to why behind another."""
        capa = self.record_of(data.pop("capa"))
        if parent := data.pop("parent", None):
            with self.reading():
                data["parent"] = get_object_or_404(Cause, pk=parent, capa_id=capa.pk)
        return services.add_cause(capa, by=self.actor, **data)

    def change(self, thing: Cause, data: dict[str, Any]) -> Cause:
        """Change it; its verification counts no more."""
        return services.change_cause(thing, by=self.actor, **data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a candidate away that nobody verified."""
        services.drop_cause(self.row(), by=self.actor)
        return Response(status=204)

    @extend_schema(summary="Choose a cause as root cause")
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str) -> Response:
        """Or take that back; the guards of the step ask for evidence of root causes only."""
        return self.answer(services.choose_cause(self.row(), by=self.actor, **self.taken()))

    @extend_schema(summary="Confirm or refute a cause")
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """And how that was seen."""
        return self.answer(services.verify_cause(self.row(), by=self.actor, **self.taken()))


class ActionViewSet(RowViewSet):
    """Actions of plans."""

    model = Action
    filterset_class = OfCapa
    queryset = Action.objects.none()
    gives = ActionOut
    takes: ClassVar[Any] = {
        "create": ActionIn,
        "partial_update": ActionChange,
        "finish": FinishIn,
        "move": MoveIn,
        "cancel": ReasonIn,
    }
    policy: ClassVar[Any] = {
        "list": "capa.view",
        "retrieve": "capa.view",
        "create": "capa.edit",
        "partial_update": "capa.edit",
        "finish": "capa.implement",
        "move": "capa.implement",
        "cancel": "capa.implement",
    }

    def open(self, data: dict[str, Any]) -> Action:
        """Plan an action."""
        return services.add_action(self.record_of(data.pop("capa")), by=self.actor, **data)

    def change(self, thing: Action, data: dict[str, Any]) -> Action:
        """Change it while the plan is not released."""
        return services.change_action(thing, by=self.actor, **data)

    @extend_schema(summary="Say that an action is done")
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """With what shows it."""
        return self.answer(services.finish_action(self.row(), evidence=self.taken()["evidence"], by=self.actor))

    @extend_schema(summary="Give an action of a released plan to another person or day")
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """With the reason; what was agreed stays, and how often it moved is counted."""
        return self.answer(services.move_action(self.row(), by=self.actor, **self.taken()))

    @extend_schema(summary="Drop an action")
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """With the reason."""
        return self.answer(services.cancel_action(self.row(), reason=self.taken()["reason"], by=self.actor))


class CriterionViewSet(RowViewSet):
    """How the effect of a plan is judged."""

    model = Criterion
    filterset_class = OfCapa
    queryset = Criterion.objects.none()
    gives = CriterionOut
    takes: ClassVar[Any] = {"create": CriterionIn, "partial_update": CriterionChange}
    policy: ClassVar[Any] = {
        "list": "capa.view",
        "retrieve": "capa.view",
        "create": "capa.edit",
        "partial_update": "capa.edit",
        "destroy": "capa.edit",
    }

    def etag(self, thing: Criterion) -> str:
        """The newest verdict is part of the answer."""
        return conditions.etag_of(thing, thing.outcome)

    def open(self, data: dict[str, Any]) -> Criterion:
        """Add a criterion to the present plan."""
        return services.fix_criterion(self.record_of(data.pop("capa")), by=self.actor, **data)

    def change(self, thing: Criterion, data: dict[str, Any]) -> Criterion:
        """Change it while the plan is not released."""
        return services.fix_criterion(thing.capa, criterion=thing, by=self.actor, **data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take it out of a plan that is not released."""
        services.drop_criterion(self.row(), by=self.actor)
        return Response(status=204)


class VerdictViewSet(ReadViewSet[Verdict]):
    """What the readings said; made by `capas/{id}/judge/`, never changed."""

    filterset_class = OfCapa
    queryset = Verdict.objects.none()
    gives = VerdictOut
    policy = "capa.view"
    ordering = "-at"
    orderings = ("at", "id")

    def visible(self) -> QuerySet[Verdict]:
        """Verdicts of visible CAPAs."""
        return Verdict.objects.filter(capa__in=visible(Capa, self.actor).order_by().values("pk"))
