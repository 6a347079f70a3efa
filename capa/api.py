"""The room's endpoints: two records and their rows; every write calls one service."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from capa import services
from capa.filters import CapaFilter, NonconformityFilter
from capa.models import Action, Capa, Cause, Containment, Criterion, Disposition, Nonconformity, Verdict
from capa.serializers import (
    ActionChange,
    ActionIn,
    ActionOut,
    CapaChange,
    CapaIn,
    CapaOut,
    CauseChange,
    CauseIn,
    CauseOut,
    ContainmentIn,
    ContainmentOut,
    CostIn,
    CostOut,
    CriterionChange,
    CriterionIn,
    CriterionOut,
    DispositionIn,
    DispositionOut,
    FinishIn,
    NonconformityChange,
    NonconformityIn,
    NonconformityOut,
    Nothing,
    ReasonIn,
    ReinspectIn,
    TeamIn,
    VerdictOut,
    VerifyCauseIn,
    VerifyIn,
)
from iot import queries as floor
from qms.core.models import Record
from qms.core.records import visible
from qms.core.rest import conditions
from qms.core.rest.records import RecordViewSet
from qms.core.rest.views import ListViewSet, ReadViewSet


class NonconformityViewSet(RecordViewSet[Nonconformity]):
    """Nonconformities."""

    model = Nonconformity
    filterset_class = NonconformityFilter
    queryset = Nonconformity.objects.none()
    gives: ClassVar[Any] = {"default": NonconformityOut, "costs": CostOut}
    takes: ClassVar[Any] = {
        "create": NonconformityIn, "partial_update": NonconformityChange, "refuse_capa": ReasonIn, "costs": CostIn,
    }  # fmt: skip
    policy: ClassVar[Any] = {"refuse_capa": "nonconformity.close", "costs": "nonconformity.edit"}

    def visible(self) -> QuerySet[Nonconformity]:
        """Those of the actor's sites."""
        return super().visible().select_related("defect_code").prefetch_related("capas")

    def open(self, data: dict[str, Any]) -> Nonconformity:
        """By hand, or from a signal."""
        signal = data.pop("signal", None)
        if signal is None:
            return services.open_nonconformity(by=self.actor, **data)
        with self.reading():
            found = floor.signals_visible_to(self.actor).filter(pk=signal).first()
        if found is None:
            raise Http404(f"There is no signal {signal} that you may see.")
        data.pop("site", None)
        return services.open_nonconformity_from_signal(found, by=self.actor, **data)

    def change(self, record: Nonconformity, data: dict[str, Any], *, version: int | None, reason: str) -> Nonconformity:
        """Fields of the record; the call for a CAPA follows."""
        return services.save_nonconformity(record, by=self.actor, version=version, **data)

    @extend_schema(summary="Record why no CAPA is needed")
    @action(detail=True, methods=["post"], url_path="refuse-capa")
    def refuse_capa(self, request: Request, pk: str) -> Response:
        """The rationale is mandatory."""
        record = self.found()
        version = conditions.version_seen(request, record, needed=False)
        changed = services.refuse_escalation(record, rationale=self.taken()["reason"], by=self.actor, version=version)
        return self.answer_record(changed)

    @extend_schema(summary="Book cost")
    @action(detail=True, methods=["post"])
    def costs(self, request: Request, pk: str) -> Response:
        """Scrap, rework hours, sorting, freight; negative when it was recovered."""
        return self.answer(services.add_cost(self.found(), by=self.actor, **self.taken()), status=201)


class CapaViewSet(RecordViewSet[Capa]):
    """CAPAs."""

    model = Capa
    filterset_class = CapaFilter
    queryset = Capa.objects.none()
    gives: ClassVar[Any] = {"default": CapaOut, "judge": VerdictOut}
    takes: ClassVar[Any] = {"create": CapaIn, "partial_update": CapaChange, "team": TeamIn, "judge": Nothing}
    policy: ClassVar[Any] = {"team": "capa.edit", "judge": "capa.judge"}
    lists: ClassVar[tuple[str, ...]] = (*RecordViewSet.lists, "judge")

    def visible(self) -> QuerySet[Capa]:
        """Those of the actor's sites."""
        return super().visible().select_related("champion").prefetch_related("team__person")

    def open(self, data: dict[str, Any]) -> Capa:
        """Empty, or from a nonconformity."""
        source = data.pop("nonconformity", None)
        if source is None:
            return services.open_capa(by=self.actor, **data)
        with self.reading():
            found = visible(Nonconformity, self.actor).filter(pk=source).first()
        if found is None:
            raise Http404(f"There is no nonconformity {source} that you may see.")
        data.pop("site", None)
        return services.open_capa(by=self.actor, source_ncr=found, **data)

    def change(self, record: Capa, data: dict[str, Any], *, version: int | None, reason: str) -> Capa:
        """Fields of any sections that are not settled yet, all in one act."""
        return services.save_sections(record, by=self.actor, version=version, reason=reason, **data)

    @extend_schema(summary="Set the team")
    @action(detail=True, methods=["post"])
    def team(self, request: Request, pk: str) -> Response:
        """The whole team at once; whoever is not named leaves it."""
        record = self.found()
        members = [(member["person"].pk, member["function"]) for member in self.taken()["members"]]
        version = conditions.version_seen(request, record, needed=False)
        return self.answer_record(services.set_team(record, members=members, by=self.actor, version=version))

    @extend_schema(summary="Compute the verdicts from the readings")
    @action(detail=True, methods=["post"], pagination_class=None, filterset_class=None)
    def judge(self, request: Request, pk: str) -> Response:
        """One verdict per criterion of the present plan, written and answered."""
        return self.answer_list(services.judge(self.found(), by=self.actor))


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
        return self.answer(self.change(row, {name: value for name, value in data.items() if name in request.data}))


class ContainmentViewSet(RowViewSet):
    """Places that were searched for suspect pieces."""

    model, parent, parents = Containment, "record", (Nonconformity, Capa)
    filterset_class = OfRecord
    queryset = Containment.objects.none()
    http_method_names = ("get", "post", "head")
    gives = ContainmentOut
    takes: ClassVar[Any] = {"create": ContainmentIn, "verify": VerifyIn}
    policy: ClassVar[Any] = {
        "list": "record.view", "retrieve": "record.view", "create": "nonconformity.contain", "verify": "nonconformity.contain",
    }  # fmt: skip

    def open(self, data: dict[str, Any]) -> Containment:
        """Add a place."""
        return services.add_containment(self.record_of(data.pop("record")), by=self.actor, **data)

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
    http_method_names = ("get", "post", "head")
    gives = DispositionOut
    takes: ClassVar[Any] = {"create": DispositionIn, "withdraw": Nothing, "carry_out": Nothing, "reinspect": ReinspectIn}
    policy: ClassVar[Any] = {
        "list": "nonconformity.view", "retrieve": "nonconformity.view", "create": "nonconformity.propose",
        "withdraw": "nonconformity.propose", "carry_out": "nonconformity.verify", "reinspect": "nonconformity.verify",
    }  # fmt: skip

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
    takes: ClassVar[Any] = {"create": CauseIn, "partial_update": CauseChange, "verify": VerifyCauseIn}
    policy: ClassVar[Any] = {
        "list": "capa.view", "retrieve": "capa.view", "create": "capa.analyse", "partial_update": "capa.analyse",
        "verify": "capa.analyse",
    }  # fmt: skip

    def open(self, data: dict[str, Any]) -> Cause:
        """Add a cause."""
        return services.add_cause(self.record_of(data.pop("capa")), by=self.actor, **data)

    def change(self, thing: Cause, data: dict[str, Any]) -> Cause:
        """Change it; its verification counts no more."""
        return services.change_cause(thing, by=self.actor, **data)

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
    takes: ClassVar[Any] = {"create": ActionIn, "partial_update": ActionChange, "finish": FinishIn, "cancel": ReasonIn}
    policy: ClassVar[Any] = {
        "list": "capa.view", "retrieve": "capa.view", "create": "capa.edit", "partial_update": "capa.edit",
        "finish": "capa.implement", "cancel": "capa.implement",
    }  # fmt: skip

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
        "list": "capa.view", "retrieve": "capa.view", "create": "capa.edit", "partial_update": "capa.edit",
        "destroy": "capa.edit",
    }  # fmt: skip

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


API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("nonconformities", NonconformityViewSet, "nonconformity"),
    ("capas", CapaViewSet, "capa"),
    ("containments", ContainmentViewSet, "containment"),
    ("dispositions", DispositionViewSet, "disposition"),
    ("causes", CauseViewSet, "cause"),
    ("actions", ActionViewSet, "action"),
    ("criteria", CriterionViewSet, "criterion"),
    ("verdicts", VerdictViewSet, "verdict"),
]
