"""The API of the floor; every write calls one service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import belonging, one_of
from governance.models import Characteristic
from governance.queries import behind_characteristic, characteristics_visible_to, parameters_visible_to
from governance.serializers import BehindOut, CharacteristicChange, CharacteristicIn, CharacteristicOut
from governance.services import add_characteristic, edit_characteristic
from iot import queries, services
from iot.access import COMMANDS
from iot.filters import (
    AnnotationFilter,
    CharacteristicFilter,
    CorrectionFilter,
    DeviceFilter,
    ExclusionFilter,
    LimitsFilter,
    QuarantineFilter,
    SignalFilter,
)
from iot.models import Annotation, ControlLimits, Correction, Device, Exclusion, Quarantine, Signal
from iot.serializers import (
    AcknowledgeIn,
    AnnotationIn,
    AnnotationOut,
    CapabilityOut,
    CorrectionOut,
    CredentialOut,
    DecideIn,
    DeviceChange,
    DeviceIn,
    DeviceOut,
    ExcludeIn,
    ExclusionOut,
    LimitsIn,
    LimitsOut,
    OutcomesOut,
    QuarantineOut,
    SignalOut,
    WhyIn,
)
from qms.core.errors import Refused
from qms.core.rest.records import RecordReadViewSet
from qms.core.rest.views import ListViewSet, ReadViewSet

_READ = ("list", "retrieve")


class CharacteristicViewSet(ListViewSet[Characteristic]):
    """Characteristics with their charts."""

    policy: ClassVar[Any] = {
        **dict.fromkeys((*_READ, "chart", "readings", "capability", "rules"), "characteristic.view"),
        "measurement": "gage.view",
        **dict.fromkeys(("create", "partial_update"), "characteristic.edit"),
        "exclude": "signal.exclude",
        "annotate": "signal.annotate",
    }
    gives: ClassVar[Any] = {
        "default": CharacteristicOut, "capability": CapabilityOut, "exclude": ExclusionOut, "annotate": AnnotationOut,
        "measurement": BehindOut,
    }  # fmt: skip
    lists: ClassVar[tuple[str, ...]] = ("list", "measurement")
    takes: ClassVar[Any] = {
        "create": CharacteristicIn, "partial_update": CharacteristicChange, "exclude": ExcludeIn,
        "annotate": AnnotationIn,
    }  # fmt: skip
    creates: ClassVar[tuple[str, ...]] = ("create", "exclude", "annotate")
    tagged = True
    filterset_class = CharacteristicFilter
    queryset = Characteristic.objects.none()
    ordering = "id"
    orderings = ("code", "sequence")

    def visible(self) -> QuerySet[Characteristic]:
        """Those of the actor's sites."""
        return characteristics_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Characteristic:
        """Add one on a parameter."""
        with self.reading():
            parameter = one_of(parameters_visible_to(self.actor), data.pop("parameter"), "parameter")
        return add_characteristic(parameter=parameter, by=self.actor, **belonging(self, data))

    def change(self, thing: Characteristic, data: dict[str, Any]) -> Characteristic:
        """Change one."""
        return edit_characteristic(thing, by=self.actor, **belonging(self, data))

    def found(self) -> Characteristic:
        """The characteristic of the address."""
        with self.reading():
            return self.get_object()

    @extend_schema(summary="The control chart of a span", responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def chart(self, request: Request, pk: str) -> Response:
        """Points, stages, signals and events; `range=shift|24h|7d|30d|365d|all`, or `from` and `to`."""
        row = self.get_object()
        return Response(queries.chart_json(row, queries.chart_asked(row, request.query_params, actor=self.actor)))

    @extend_schema(summary="The readings of a span, in at most 2,000 points", responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def readings(self, request: Request, pk: str) -> Response:
        """Of `range` as for the chart; one by one, or by stretch with every reading beyond a limit; exact summary."""
        row = self.get_object()
        span = queries.span_asked(row, request.query_params)
        return Response(queries.readings_json(row, queries.readings_chart(row, *span, actor=self.actor)))

    @extend_schema(summary="The rules that judge, and their price", responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def rules(self, request: Request, pk: str) -> Response:
        """Each rule in words, and the points between two false alarms of a process in control."""
        return Response(queries.rules_json(self.get_object()))

    @extend_schema(summary="Capability of the newest points")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def capability(self, request: Request, pk: str) -> Response:
        """Under the limits in force; greyed while it must not be quoted."""
        return self.answer(queries.capability_of(self.get_object(), actor=self.actor))

    @extend_schema(summary="What it is measured with, and whether that can be trusted")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def measurement(self, request: Request, pk: str) -> Response:
        """Each gage with its calibration, the study behind it, the readings in doubt, and the warnings."""
        return self.answer_list(behind_characteristic(self.get_object(), actor=self.actor))

    @extend_schema(summary="Take points out of the estimates")
    @action(detail=True, methods=["post"])
    def exclude(self, request: Request, pk: str) -> Response:
        """They stay on the chart."""
        return self.answer(services.exclude_points(self.found(), by=self.actor, **self.taken()), status=201)

    @extend_schema(summary="Note an event under the chart")
    @action(detail=True, methods=["post"])
    def annotate(self, request: Request, pk: str) -> Response:
        """A lot, a tool, a set-up, a change."""
        return self.answer(services.annotate(self.found(), by=self.actor, **self.taken()), status=201)


class SignalViewSet(ReadViewSet[Signal]):
    """Signals."""

    policy: ClassVar[Any] = {**dict.fromkeys(_READ, "signal.view"), "acknowledge": "signal.acknowledge"}
    gives: ClassVar[Any] = {"default": SignalOut}
    takes: ClassVar[Any] = {"acknowledge": AcknowledgeIn}
    filterset_class = SignalFilter
    queryset = Signal.objects.none()
    ordering = "-first_at"
    orderings = ("id", "last_at")

    def visible(self) -> QuerySet[Signal]:
        """Those of the actor's sites."""
        return queries.signals_visible_to(self.actor).select_related("site")

    @extend_schema(summary="Give the cause of a signal")
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """409 when it is settled already."""
        with self.reading():
            signal = self.get_object()
        services.acknowledge_signal(signal, by=self.actor, **self.taken())
        with self.reading():
            return self.answer(self.get_object())


class DeviceViewSet(ListViewSet[Device]):
    """Devices."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(_READ, "device.view"),
        **dict.fromkeys(("create", "partial_update", "credential", "revoke"), "device.edit"),
    }  # fmt: skip
    gives: ClassVar[Any] = {"default": DeviceOut, "credential": CredentialOut}
    takes: ClassVar[Any] = {"create": DeviceIn, "partial_update": DeviceChange}
    creates: ClassVar[tuple[str, ...]] = ("create", "credential")
    tagged = True
    whole = True  # its ETag stands for what people enter; when it was heard last changes with every message
    filterset_class = DeviceFilter
    queryset = Device.objects.none()
    ordering = "id"
    orderings = ("code",)

    def visible(self) -> QuerySet[Device]:
        """Those of the actor's sites."""
        return queries.devices_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Device:
        """Add one."""
        return services.add_device(**data, by=self.actor)

    def change(self, thing: Device, data: dict[str, Any]) -> Device:
        """Change one."""
        return services.edit_device(thing, by=self.actor, **data)

    @extend_schema(summary="Issue a new credential", request=None)
    @action(detail=True, methods=["post"])
    def credential(self, request: Request, pk: str) -> Response:
        """The secret is shown this once; the one before stops working."""
        with self.reading():
            device = self.get_object()
        secret = services.issue_credential(device, by=self.actor)
        with self.reading():
            topics = queries.topics_of(device)
        commands = f"{COMMANDS}{device.user_name}/#"
        answer = {"username": device.user_name, "secret": secret, "publish": topics, "subscribe": [commands]}
        return self.answer(answer, status=201)

    def keepable(self, data: Any) -> Any:
        """A repeated request does not get the secret."""
        return {**data, "secret": None} if self.action == "credential" else data

    @extend_schema(summary="Revoke the credential", request=None, responses={204: None})
    @credential.mapping.delete
    def revoke(self, request: Request, pk: str) -> Response:
        """The device is refused from now on and its connection is cut."""
        with self.reading():
            device = self.get_object()
        services.revoke_credential(device, by=self.actor)
        return Response(status=204)


class ControlLimitsViewSet(RecordReadViewSet[ControlLimits]):
    """Versions of control limits; proposed here, released by the step `release`."""

    model = ControlLimits
    queryset = ControlLimits.objects.none()
    filterset_class = LimitsFilter
    gives: ClassVar[Any] = {"default": LimitsOut}
    takes: ClassVar[Any] = {"create": LimitsIn}
    creates: ClassVar[tuple[str, ...]] = ("create", *RecordReadViewSet.creates)
    policy: ClassVar[Any] = {"create": "limits.open"}

    def create(self, request: Request) -> Response:
        """Estimate limits from points; they judge nothing until they are released."""
        data = self.taken()
        with self.reading():
            row = one_of(characteristics_visible_to(self.actor), data.pop("characteristic"), "characteristic")
        limits = services.propose_limits(row, by=self.actor, **data)
        response = self.answer_record(limits, status=201)
        response["Location"] = f"{request.path}{limits.pk}/"
        return response


class QuarantineViewSet(ReadViewSet[Quarantine]):
    """Payloads that could not be taken."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(_READ, "quarantine.view"),
        **dict.fromkeys(("replay", "discard"), "quarantine.replay"),
    }
    gives: ClassVar[Any] = {"default": QuarantineOut, "replay": OutcomesOut}
    takes: ClassVar[Any] = {"discard": WhyIn}
    filterset_class = QuarantineFilter
    queryset = Quarantine.objects.none()
    ordering = "-id"

    def visible(self) -> QuerySet[Quarantine]:
        """Those of the actor's sites."""
        return queries.quarantine_visible_to(self.actor)

    @extend_schema(summary="Send a payload through the door again", request=None)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """What is refused again is kept again."""
        with self.reading():
            row = self.get_object()
        return self.answer({"outcomes": services.replay(Quarantine.objects.filter(pk=row.pk), by=self.actor)})

    @extend_schema(summary="Let a payload go")
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """It stays readable and is no longer offered for replay; 409 when it does not wait any more."""
        with self.reading():
            row = self.get_object()
        reason = self.taken()["reason"]
        if not services.discard(Quarantine.objects.filter(pk=row.pk), reason=reason, by=self.actor):
            raise Refused("This payload does not wait for your decision: it was replayed or discarded already.")
        with self.reading():
            return self.answer(self.get_object())


class CorrectionViewSet(ReadViewSet[Correction]):
    """Readings heard twice with different values."""

    policy: ClassVar[Any] = {**dict.fromkeys(_READ, "quarantine.view"), "decide": "quarantine.replay"}
    gives: ClassVar[Any] = {"default": CorrectionOut}
    takes: ClassVar[Any] = {"decide": DecideIn}
    filterset_class = CorrectionFilter
    queryset = Correction.objects.none()
    tagged = True
    orderings = ("heard_at", "t")

    def visible(self) -> QuerySet[Correction]:
        """Those of the actor's sites."""
        return queries.corrections_visible_to(self.actor).select_related("parameter__site")

    @extend_schema(summary="Say which value holds")
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Both stay on record; when the later one holds, the chart is judged again. 409 when it was decided."""
        with self.reading():
            row = self.get_object()
        data = self.taken()
        done = services.decide_correction(row, accept=data["holds"] == "heard", reason=data["reason"], by=self.actor)
        return self.answer(done)


class ExclusionViewSet(ReadViewSet[Exclusion]):
    """Spans of points out of the estimates; made at a characteristic's `exclude`."""

    policy: ClassVar[Any] = {**dict.fromkeys(_READ, "characteristic.view"), "lift": "signal.exclude"}
    gives: ClassVar[Any] = {"default": ExclusionOut}
    takes: ClassVar[Any] = {"lift": WhyIn}
    filterset_class = ExclusionFilter
    queryset = Exclusion.objects.none()
    tagged = True

    def visible(self) -> QuerySet[Exclusion]:
        """Those of the actor's sites."""
        return queries.exclusions_visible_to(self.actor)

    @extend_schema(summary="Let excluded points count again")
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """With the reason; the exclusion and why it ended stay on record. 409 when it was lifted."""
        with self.reading():
            row = self.get_object()
        return self.answer(services.lift_exclusion(row, reason=self.taken()["reason"], by=self.actor))


class AnnotationViewSet(ReadViewSet[Annotation]):
    """What was noted under the charts; added at a characteristic's `annotate`."""

    policy: ClassVar[Any] = {**dict.fromkeys(_READ, "characteristic.view"), "remove": "signal.annotate"}
    gives: ClassVar[Any] = {"default": AnnotationOut}
    takes: ClassVar[Any] = {"remove": WhyIn}
    filterset_class = AnnotationFilter
    queryset = Annotation.objects.none()
    tagged = True
    orderings = ("at",)

    def visible(self) -> QuerySet[Annotation]:
        """Those of the actor's sites."""
        return queries.annotations_visible_to(self.actor)

    @extend_schema(summary="Take a note out", responses={204: None})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """With the reason; what it said stays in the trail."""
        with self.reading():
            row = self.get_object()
        services.remove_annotation(row, reason=self.taken()["reason"], by=self.actor)
        return Response(status=204)
