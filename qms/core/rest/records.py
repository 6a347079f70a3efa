"""The API of a record kind: list, read, open, change, take steps, and everything around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core.actor import ALL
from qms.core.errors import Refused
from qms.core.extending import extend
from qms.core.models import Record, Site
from qms.core.records import change_record, locked, visible
from qms.core.rest import conditions
from qms.core.rest.around import AroundRecord
from qms.core.rest.idempotency import reason_of
from qms.core.rest.serializers import ActOut, AdvanceIn, ExtendIn, RecordChange, RecordIn, RecordOut, StepOut
from qms.core.stepping import advance, offers
from qms.core.trail import acting, history

R = TypeVar("R", bound=Record)
HANDED_ON = ("advance", "partial_update")


class RecordReadViewSet(AroundRecord[R]):
    """A kind that is not opened or changed by hand: read it, follow it, take its steps."""

    model: ClassVar[type[Record]]
    gives: ClassVar[Any] = {"default": RecordOut, "history": ActOut, "steps": StepOut}
    takes: ClassVar[Any] = {"advance": AdvanceIn}
    lists: ClassVar[tuple[str, ...]] = ("list", "history", "steps", *AroundRecord.lists)
    policy: ClassVar[Any] = dict.fromkeys(("list", "retrieve", "history", "steps", "advance"), "{noun}.view")
    conditional: ClassVar[bool] = True  # answers carry an ETag, changes need If-Match
    ordering = "-opened_at"
    orderings = ("opened_at", "updated_at", "state_since", "number", "id")

    def visible(self) -> QuerySet[R]:
        """The records of the kind at the actor's sites."""
        return visible(self.model, self.actor).select_related("site", "owner", "originator")  # type: ignore[return-value]  # the model of the class is R

    def retrieve(self, request: Request, pk: str) -> Response:
        """One record, with its ETag; 304 when you have it already."""
        record = self.get_object()
        if conditions.has_it(request, record.etag):
            return Response(status=304, headers={"ETag": record.etag})
        return self.answer_record(record)

    def answer_record(self, record: R, status: int = 200) -> Response:
        """A record with its ETag, read again so that the answer is what is stored."""
        with self.reading():
            return self.answer(self.visible().get(pk=record.pk), status=status, ETag=record.etag)

    @extend_schema(summary="Take a step of the flow")
    @action(detail=True, methods=["post"])
    def advance(self, request: Request, pk: str) -> Response:
        """Take one step: 409 with what is missing when it is refused, 403 when your roles do not include it."""
        record, data = self.found(), self.taken()
        taken = advance(
            record,
            data["step"],
            by=self.actor,
            reason=data["reason"],
            note=data["note"],
            password=data["password"],
            version=conditions.version_seen(request, record, needed=False),
        )
        return self.answer_record(taken)

    def as_seen(self, answer: Callable[[], Response]) -> Response:
        """With If-Match, hold the record's lock as the caller saw it; a change and a step hand the version on."""
        if self.action in HANDED_ON or "pk" not in self.kwargs or not self.request.headers.get("If-Match"):
            return answer()
        record = self.found()
        with acting(self.actor, reason=reason_of(self.request)):
            conditions.version_seen(self.request, locked(type(record), record.pk))
            return answer()

    def one_act(self) -> bool:
        """A signed step proves the person first, and a failed proof must stay on record."""
        sent = self.request.data
        step = sent.get("step") if self.action == "advance" and isinstance(sent, dict) else None
        return not any(other.meaning for other in self.model.flow.steps if other.name == step)

    @extend_schema(summary="The steps you may take from here")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def steps(self, request: Request, pk: str) -> Response:
        """Each step with what still refuses it."""
        return self.answer_list(
            [
                {
                    "name": offer.step.name,
                    "label": offer.step.label,
                    "target": offer.step.target,
                    "meaning": offer.step.meaning,
                    "reason_needed": offer.step.reason,
                    "ready": offer.ready,
                    "refusals": offer.refusals,
                }
                for offer in offers(self.get_object(), self.actor)
            ]
        )

    @extend_schema(summary="Everything that was done to the record")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def history(self, request: Request, pk: str) -> Response:
        """Act by act, oldest first: who, when, why, each field before and after."""
        return self.answer_list(history(self.get_object()))


class RecordViewSet(RecordReadViewSet[R]):
    """A kind that is opened and changed by hand. `open(data)` calls the room's own service."""

    takes: ClassVar[Any] = {"create": RecordIn, "partial_update": RecordChange, "extend": ExtendIn}
    creates: ClassVar[tuple[str, ...]] = ("create", *AroundRecord.creates)
    policy: ClassVar[Any] = {"create": "{noun}.open", "partial_update": "{noun}.edit", "extend": "record.extend"}

    def open(self, data: dict[str, Any]) -> R:
        """Call the service that opens one; `data` is the validated input, with `site` always filled."""
        raise TypeError(f"{type(self).__name__} does not say how one is opened.")

    def change(self, record: R, data: dict[str, Any], *, version: int | None, reason: str) -> R:
        """Call the service that changes one; override where the room has its own."""
        return change_record(record, by=self.actor, version=version, reason=reason, **data)

    def create(self, request: Request) -> Response:
        """Open one."""
        data = self.taken()
        data["site"] = data.get("site") or self.home_site()
        response = self.answer_record(self.open(data), status=201)
        response["Location"] = f"{request.path}{response.data['id']}/"
        return response

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields; If-Match says which version you saw (428 without, 412 when it is no longer current)."""
        record = self.found()
        version = conditions.version_seen(request, record)
        sent, data = request.data, self.taken()
        reason = data.pop("reason", "")
        given = {name: value for name, value in data.items() if name in sent}
        return self.answer_record(self.change(record, given, version=version, reason=reason))

    @extend_schema(summary="Extend the due date")
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str) -> Response:
        """To a later time, with a reason; extensions are counted."""
        record, data = self.found(), self.taken()
        return self.answer_record(extend(record, data["due"], reason=data["reason"], by=self.actor))

    def home_site(self) -> Site:
        """Where a record is opened when no site is named: the actor's first site with that right."""
        sites = self.actor.sites(f"{self.model.NOUN}.open")
        rows = Site.objects.order_by("id")
        first = (rows if sites is ALL else rows.filter(pk__in=sites)).first()
        if first is None:
            raise Refused("There is no site yet where this could be opened. Make one under Settings, Sites.")
        return first
