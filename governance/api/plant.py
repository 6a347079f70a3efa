"""The API of master data; every write calls one service."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from governance import queries, services
from governance.filters import (
    EquipmentFilter,
    ParameterFilter,
    PartFilter,
    ProcessFilter,
    RuleFilter,
    UnmappedFilter,
)
from governance.models import Equipment, NumberRule, Parameter, Part, Process, UnmappedTopic
from governance.serializers import (
    CharacteristicOut,
    EquipmentChange,
    EquipmentIn,
    EquipmentOut,
    IgnoreIn,
    MapIn,
    NumberRuleIn,
    NumberRuleOut,
    ParameterChange,
    ParameterIn,
    ParameterOut,
    PartChange,
    PartIn,
    PartOut,
    ProcessChange,
    ProcessIn,
    ProcessOut,
    StationIn,
    StationOut,
    UnmappedTopicOut,
)
from qms.core.rest.views import ApiViewSet, ListViewSet, ReadViewSet

M = TypeVar("M", bound=Model)


def _rule(noun: str, write: str = "edit") -> dict[str, str]:
    view, change = f"{noun}.view", f"{noun}.{write}"
    return {"list": view, "retrieve": view, "create": change, "partial_update": change}


def one_of(rows: QuerySet[M], pk: int, name: str) -> M:
    """The row of an id a client named; 404 when the actor may not see it."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no {name} {pk} that you may see.")
    return found


def belonging(view: ApiViewSet[Any], data: dict[str, Any]) -> dict[str, Any]:
    """The part and the process a client named by id, as rows; 404 when the actor may not see one."""
    sources: dict[str, QuerySet[Any]] = {
        "part": queries.parts_visible_to(view.actor),
        "process": queries.processes_visible_to(view.actor),
    }
    with view.reading():
        found = {name: one_of(rows, data[name], name) for name, rows in sources.items() if data.get(name) is not None}
    return {**data, **found}


class EquipmentViewSet(ListViewSet[Equipment]):
    """Areas, lines and stations."""

    policy: ClassVar[Any] = _rule("equipment")
    gives: ClassVar[Any] = {"default": EquipmentOut}
    takes: ClassVar[Any] = {"create": EquipmentIn, "partial_update": EquipmentChange}
    tagged = True
    filterset_class = EquipmentFilter
    queryset = Equipment.objects.none()
    ordering = "id"

    def visible(self) -> QuerySet[Equipment]:
        """Those of the actor's sites."""
        return queries.equipment_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Equipment:
        """Add one."""
        above = data.pop("parent")
        if above is not None:
            with self.reading():
                above = one_of(self.visible(), above, "equipment")
        return services.add_equipment(**data, parent=above, by=self.actor)

    def change(self, thing: Equipment, data: dict[str, Any]) -> Equipment:
        """Change one, or move it below another."""
        if data.get("parent") is not None:
            with self.reading():
                data["parent"] = one_of(self.visible(), data["parent"], "equipment")
        return services.edit_equipment(thing, by=self.actor, **data)


class PartViewSet(ListViewSet[Part]):
    """Parts."""

    policy: ClassVar[Any] = _rule("part")
    gives: ClassVar[Any] = {"default": PartOut}
    takes: ClassVar[Any] = {"create": PartIn, "partial_update": PartChange}
    tagged = True
    filterset_class = PartFilter
    queryset = Part.objects.none()
    ordering = "id"
    orderings = ("number",)

    def visible(self) -> QuerySet[Part]:
        """Those of the actor's sites."""
        return queries.parts_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Part:
        """Add one."""
        return services.add_part(**data, by=self.actor)

    def change(self, thing: Part, data: dict[str, Any]) -> Part:
        """Change one."""
        return services.edit_part(thing, by=self.actor, **data)


class ProcessViewSet(ListViewSet[Process]):
    """Process steps."""

    policy: ClassVar[Any] = {**_rule("process"), "stations": "process.view", "assign": "process.edit"}
    gives: ClassVar[Any] = {"default": ProcessOut, "stations": StationOut}
    takes: ClassVar[Any] = {"create": ProcessIn, "partial_update": ProcessChange, "assign": StationIn}
    lists: ClassVar[tuple[str, ...]] = ("list", "stations")
    tagged = True
    filterset_class = ProcessFilter
    queryset = Process.objects.none()
    ordering = "id"
    orderings = ("code",)

    def visible(self) -> QuerySet[Process]:
        """Those of the actor's sites."""
        return queries.processes_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Process:
        """Add one."""
        return services.add_process(**data, by=self.actor)

    def change(self, thing: Process, data: dict[str, Any]) -> Process:
        """Change one."""
        return services.edit_process(thing, by=self.actor, **data)

    @extend_schema(summary="The stations that run a process")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def stations(self, request: Request, pk: str) -> Response:
        """Where its characteristics are measured."""
        return self.answer_list(queries.stations_of(self.get_object()))

    @extend_schema(summary="Say that a station runs a process")
    @stations.mapping.post
    def assign(self, request: Request, pk: str) -> Response:
        """Every characteristic measured there belongs to the process from now on."""
        with self.reading():
            process = self.get_object()
        wanted = self.taken()["station"]
        with self.reading():
            station = one_of(queries.equipment_visible_to(self.actor), wanted, "station")
        services.run_process_at(process, station=station, by=self.actor)
        return self.answer(process)


class NumberRuleViewSet(ReadViewSet[NumberRule]):
    """Naming rules; the newest of a site and target is in use, older ones stay to be read."""

    policy: ClassVar[Any] = {"list": "part.view", "retrieve": "part.view", "create": "part.edit"}
    gives: ClassVar[Any] = {"default": NumberRuleOut}
    takes: ClassVar[Any] = {"create": NumberRuleIn}
    tagged = True
    filterset_class = RuleFilter
    queryset = NumberRule.objects.none()
    ordering = "id"
    orderings = ("target",)

    def visible(self) -> QuerySet[NumberRule]:
        """Those of the actor's sites."""
        return queries.number_rules_visible_to(self.actor)

    @extend_schema(summary="Set a rule in place of the one before")
    def create(self, request: Request) -> Response:
        """Only when every test string comes out as demanded."""
        return self.answer_tagged(services.set_number_rule(**self.taken(), by=self.actor), status=201)


class ParameterViewSet(ListViewSet[Parameter]):
    """Parameters."""

    policy: ClassVar[Any] = _rule("parameter")
    gives: ClassVar[Any] = {"default": ParameterOut}
    takes: ClassVar[Any] = {"create": ParameterIn, "partial_update": ParameterChange}
    tagged = True
    filterset_class = ParameterFilter
    queryset = Parameter.objects.none()
    ordering = "id"
    orderings = ("path",)

    def visible(self) -> QuerySet[Parameter]:
        """Those of the actor's sites."""
        return queries.parameters_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Parameter:
        """Add one."""
        with self.reading():
            station = one_of(queries.equipment_visible_to(self.actor), data.pop("station"), "station")
        return services.add_parameter(**data, station=station, by=self.actor)

    def change(self, thing: Parameter, data: dict[str, Any]) -> Parameter:
        """Change one."""
        return services.edit_parameter(thing, by=self.actor, **data)


class UnmappedTopicViewSet(ReadViewSet[UnmappedTopic]):
    """Topics heard but not known."""

    policy: ClassVar[Any] = {"list": "topic.view", "retrieve": "topic.view", "map": "topic.map", "ignore": "topic.map"}
    gives: ClassVar[Any] = {"default": UnmappedTopicOut, "map": CharacteristicOut}
    takes: ClassVar[Any] = {"map": MapIn, "ignore": IgnoreIn}
    creates: ClassVar[tuple[str, ...]] = ("map",)
    filterset_class = UnmappedFilter
    queryset = UnmappedTopic.objects.none()
    ordering = "-last_seen"
    orderings = ("count", "topic", "id")

    def visible(self) -> QuerySet[UnmappedTopic]:
        """Those of the actor's sites."""
        return queries.unmapped_visible_to(self.actor)

    @extend_schema(summary="Make a parameter and a characteristic of a topic")
    @action(detail=True, methods=["post"])
    def map(self, request: Request, pk: str) -> Response:
        """What was heard so far is replayed afterwards."""
        with self.reading():
            topic = self.get_object()
        data = belonging(self, self.taken())
        own = {name: data.pop(name) for name in ("code", "name", "unit", "kind", "path")}
        mapping = services.Mapping(**own, characteristic=data)
        return self.answer(services.map_topic(topic, mapping=mapping, by=self.actor), status=201)

    @extend_schema(summary="Take a topic out of the queue")
    @action(detail=True, methods=["post"])
    def ignore(self, request: Request, pk: str) -> Response:
        """It is still counted, and can be mapped later."""
        with self.reading():
            topic = self.get_object()
        return self.answer(services.ignore_topic(topic, reason=self.taken()["reason"], by=self.actor))


API_ROUTES: list[tuple[str, type[ViewSetMixin], str]] = [
    ("equipment", EquipmentViewSet, "equipment"),
    ("parts", PartViewSet, "part"),
    ("processes", ProcessViewSet, "process"),
    ("naming-rules", NumberRuleViewSet, "naming-rule"),
    ("parameters", ParameterViewSet, "parameter"),
    ("unmapped-topics", UnmappedTopicViewSet, "unmapped-topic"),
]
