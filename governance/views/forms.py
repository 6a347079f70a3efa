"""Dialogs that make and change master data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from governance import forms, queries, services
from governance.models import Characteristic, Equipment, Parameter, Part, Process, UnmappedTopic
from qms.web.context import sites_of
from qms.web.forms import Styled
from qms.web.pages import FormDialog, Guarded, found_or_404


class _New(FormDialog):
    """A new row of one of the person's sites."""

    nav = "master-data"
    form_class: ClassVar[type[forms.SiteForm]]

    def form(self, data: Any = None) -> Styled:
        return self.form_class(data, initial=self.initial(), sites=sites_of(self.actor))


class ImportTable(_New):
    """Characteristics from a table, every row or none."""

    policy = "characteristic.edit"
    form_class = forms.ImportForm
    heading = "Import characteristics"
    lead = "Stations, parameters and parts that are not there yet are made. A code that exists stays as it is."
    button = "Import"

    def form(self, data: Any = None) -> Styled:
        files = self.request.FILES if data is not None else None
        return forms.ImportForm(data, files, sites=sites_of(self.actor))

    def act(self, data: dict[str, Any]) -> str:
        done = services.import_characteristics(data["file"], site=data["site"], by=self.actor)
        messages.success(self.request, f"{done.added} characteristics imported, {done.present} were there already.")
        return reverse("iot:characteristics")


class _Edit(FormDialog):
    """A change of one row the person may see."""

    nav = "master-data"
    edits = True
    fields: tuple[str, ...] = ()

    def rows(self) -> QuerySet[Any]:
        """The rows the person may see."""
        raise TypeError(f"{type(self).__name__} does not say which rows.")

    def find(self, **kwargs: Any) -> Any:
        return found_or_404(self.rows(), kwargs["pk"], "row")

    def initial(self) -> Mapping[str, Any]:
        return {name: getattr(self.about, name) for name in self.fields}


class PartNew(_New):
    """A new part."""

    policy = "part.edit"
    form_class = forms.PartForm
    heading = "New part"
    button = "Add part"

    def act(self, data: dict[str, Any]) -> str:
        services.add_part(**data, by=self.actor)
        return reverse("governance:parts")


class PartEdit(_Edit):
    """A part."""

    policy: ClassVar = {"GET": "part.view", "POST": "part.edit"}
    form_class = forms.PartEditForm
    heading = "Part"
    fields = ("number", "revision", "name", "active")

    def rows(self) -> QuerySet[Part]:
        return queries.parts_visible_to(self.actor)

    def act(self, data: dict[str, Any]) -> str:
        services.edit_part(self.about, by=self.actor, **data)
        return reverse("governance:parts")


class EquipmentNew(_New):
    """A new area, line or station."""

    policy = "equipment.edit"
    form_class = forms.EquipmentForm
    heading = "New equipment"
    button = "Add equipment"

    def act(self, data: dict[str, Any]) -> str:
        services.add_equipment(**data, by=self.actor)
        return reverse("governance:equipment-list")


class EquipmentEdit(_Edit):
    """An area, line or station."""

    policy: ClassVar = {"GET": "equipment.view", "POST": "equipment.edit"}
    form_class = forms.EquipmentEditForm
    heading = "Equipment"
    fields = ("parent", "code", "name", "sequence", "active")

    def rows(self) -> QuerySet[Equipment]:
        return queries.equipment_visible_to(self.actor)

    def form(self, data: Any = None) -> Styled:
        return forms.EquipmentEditForm(data, initial=self.initial(), row=self.about)

    def act(self, data: dict[str, Any]) -> str:
        services.edit_equipment(self.about, by=self.actor, **data)
        return reverse("governance:equipment-list")


class ProcessNew(_New):
    """A new process step."""

    policy = "process.edit"
    form_class = forms.ProcessForm
    heading = "New process"
    button = "Add process"

    def act(self, data: dict[str, Any]) -> str:
        return services.add_process(**data, by=self.actor).get_absolute_url()


class ProcessEdit(_Edit):
    """A process step."""

    policy: ClassVar = {"GET": "process.edit", "POST": "process.edit"}
    form_class = forms.ProcessEditForm
    heading = "Process"
    fields = ("code", "name", "active")

    def rows(self) -> QuerySet[Process]:
        return queries.processes_visible_to(self.actor)

    def act(self, data: dict[str, Any]) -> str:
        return services.edit_process(self.about, by=self.actor, **data).get_absolute_url()


class ProcessStation(_Edit):
    """A station that runs a process."""

    policy = "process.edit"
    form_class = forms.StationForm
    heading = "Runs at a station"
    button = "Assign"

    def rows(self) -> QuerySet[Process]:
        return queries.processes_visible_to(self.actor)

    def form(self, data: Any = None) -> Styled:
        return forms.StationForm(data, row=self.about)

    def act(self, data: dict[str, Any]) -> str:
        count = services.run_process_at(self.about, station=data["station"], by=self.actor)
        messages.success(self.request, f"{count} characteristics of {data['station']} belong to this process now.")
        return str(self.about.get_absolute_url())


class ParameterEdit(_Edit):
    """A parameter."""

    policy: ClassVar = {"GET": "parameter.view", "POST": "parameter.edit"}
    form_class = forms.ParameterEditForm
    heading = "Parameter"
    fields = ("name", "unit", "active")

    def rows(self) -> QuerySet[Parameter]:
        return queries.parameters_visible_to(self.actor)

    def act(self, data: dict[str, Any]) -> str:
        services.edit_parameter(self.about, by=self.actor, **data)
        return reverse("governance:parameters")


class RuleNew(_New):
    """A naming rule in place of the one before."""

    policy = "part.edit"
    form_class = forms.RuleForm
    heading = "New naming rule"
    lead = "The rule is set only when every test string comes out as you say."
    button = "Set rule"

    def act(self, data: dict[str, Any]) -> str:
        services.set_number_rule(**data, by=self.actor)
        return reverse("governance:rules")


class CharacteristicEdit(_Edit):
    """A characteristic."""

    policy: ClassVar = {"GET": "characteristic.view", "POST": "characteristic.edit"}
    form_class = forms.CharacteristicForm
    heading = "Characteristic"
    lead = "A new chart or subgroup size makes the limits unfit: the chart then learns again."
    fields = (
        "code", "name", "chart", "subgroup_size", "lsl", "target", "usl", "decimals", "rules", "stale_after",
        "critical", "part", "process", "sequence", "active",
    )  # fmt: skip

    def rows(self) -> QuerySet[Characteristic]:
        return queries.characteristics_visible_to(self.actor)

    def form(self, data: Any = None) -> Styled:
        given = {**self.initial(), **self.about.design, "own_rules": queries.written_own(self.about.own_rules)}
        return forms.CharacteristicForm(data, initial=given, row=self.about)

    def act(self, data: dict[str, Any]) -> str:
        given = {name: data.pop(name) for name in queries.DESIGN_NAMES}
        data["design"] = {name: value for name, value in given.items() if value is not None}
        return services.edit_characteristic(self.about, by=self.actor, **data).get_absolute_url()


class RulesPrice(Guarded):
    """What a set of rules costs in false alarms, as it is picked."""

    policy = "characteristic.view"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """One sentence."""
        words = forms.price_in_words(request.GET.getlist("rules"), request.GET.get("own_rules", ""))
        return HttpResponse(words, content_type="text/plain; charset=utf-8")


class MapTopic(_Edit):
    """Make a parameter and a characteristic of a topic."""

    policy: ClassVar = {"GET": "topic.view", "POST": "topic.map"}
    template_name = "governance/map.html"
    form_class = forms.MappingForm
    heading = "Map this topic"
    edits = False
    button = "Map"

    def rows(self) -> QuerySet[UnmappedTopic]:
        return queries.unmapped_visible_to(self.actor)

    def initial(self) -> Mapping[str, Any]:
        return queries.proposal_for(self.about).as_json()

    def context(self, **kwargs: Any) -> dict[str, Any]:
        return {"proposal": queries.proposal_for(self.about), "row": self.about}

    def act(self, data: dict[str, Any]) -> str:
        charted = {name: data[name] for name in ("chart", "subgroup_size", "decimals", "lsl", "target", "usl")}
        wanted = services.Mapping(
            code=data["code"], name=data["name"], unit=data["unit"], kind=data["kind"], path=data["path"],
            characteristic=charted,
        )  # fmt: skip
        return services.map_topic(self.about, by=self.actor, mapping=wanted).get_absolute_url()


class IgnoreTopic(_Edit):
    """Take a topic out of the queue."""

    policy = "topic.map"
    form_class = forms.IgnoreForm
    heading = "Ignore this topic"
    lead = "It is still counted, and can be mapped later."
    edits = False
    button = "Ignore"

    def rows(self) -> QuerySet[UnmappedTopic]:
        return queries.unmapped_visible_to(self.actor)

    def initial(self) -> Mapping[str, Any]:
        return {}

    def act(self, data: dict[str, Any]) -> str:
        services.ignore_topic(self.about, reason=data["reason"], by=self.actor)
        return reverse("governance:unmapped")
