"""Lists of master data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from governance import queries
from governance.filters import (
    EquipmentFilter,
    MeasuredFilter,
    ParameterFilter,
    PartFilter,
    ProcessFilter,
    RuleFilter,
    UnmappedFilter,
)
from governance.models import Characteristic, Chart, Equipment, NumberRule, Parameter, Part, Process, UnmappedTopic
from qms.web.nav import Command
from qms.web.pages import Column, ListPage, NamedView, found_or_404
from qms.web.words import counted

SECTIONS = (
    ("governance:unmapped", "Unmapped topics"),
    ("governance:parameters", "Parameters"),
    ("governance:equipment-list", "Equipment"),
    ("governance:parts", "Parts"),
    ("governance:processes", "Processes"),
    ("governance:gages", "Gages"),
    ("governance:rules", "Naming rules"),
)


class MasterData(ListPage):
    """A list of master data with its siblings beside it."""

    nav = "master-data"
    family = "Master data"
    sections: ClassVar[Sequence[tuple[str, str]]] = SECTIONS


def _use(row: Any) -> tuple[str, str]:
    return ("done", "In use") if row.active else ("todo", "Not in use")


class Parts(MasterData):
    """Parts of the sites."""

    key = "parts"
    title = "Parts"
    policy = "part.view"
    model = Part
    filterset_class = PartFilter
    search_fields = ("number", "name")
    default_sort = "number"
    noun = "parts"
    purpose = "A part number checked against the site's own rule. None is entered yet."
    new = Command(label="New part", url="governance:part-new", permission="part.edit")
    views = (NamedView("In use", "active=true"), NamedView("All", ""))
    columns = (
        Column(key="number", label="Number", kind="mono", sort="number", link=True),
        Column(key="revision", label="Revision", kind="mono", sort="revision"),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="site", label="Site", value="site.code"),
        Column(key="active", label="State", value=_use, kind="state", sort="active"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.parts_visible_to(self.actor)


class EquipmentList(MasterData):
    """Areas, lines and stations."""

    key = "equipment"
    title = "Equipment"
    policy = "equipment.view"
    model = Equipment
    filterset_class = EquipmentFilter
    search_fields = ("code", "name", "parent__name")
    default_sort = "code"
    noun = "pieces of equipment"
    purpose = "Areas, lines and stations of the plant, as ISA-95 names them. None is entered yet."
    new = Command(label="New equipment", url="governance:equipment-new", permission="equipment.edit")
    views = (NamedView("Stations", "level=station"), NamedView("All", ""))
    columns = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="level", label="Level", value=lambda row: row.get_level_display(), sort="level"),
        Column(key="parent", label="Below", value=lambda row: str(row.parent or row.site.code), sort="parent__code"),
        Column(key="sequence", label="Order", kind="number", sort="sequence"),
        Column(key="active", label="State", value=_use, kind="state", sort="active"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.equipment_visible_to(self.actor)


class Processes(MasterData):
    """Process steps of the sites."""

    key = "processes"
    title = "Processes"
    policy = "process.view"
    model = Process
    filterset_class = ProcessFilter
    search_fields = ("code", "name")
    default_sort = "code"
    noun = "processes"
    purpose = "A process step, such as pressing or reflow soldering, and where it runs. None is entered yet."
    new = Command(label="New process", url="governance:process-new", permission="process.edit")
    views = (NamedView("In use", "active=true"), NamedView("All", ""))
    columns = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="places", label="Stations", kind="number", sort="places"),
        Column(key="measured", label="Characteristics", kind="number", sort="measured"),
        Column(key="site", label="Site", value="site.code", sort="site__code"),
        Column(key="active", label="State", value=_use, kind="state", sort="active"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.processes_visible_to(self.actor)


class ProcessPage(ListPage):
    """One process: where it runs, and what is measured in it."""

    key = "process-characteristics"
    nav = "master-data"
    policy = "process.view"
    template_name = "governance/process.html"
    model = Characteristic
    filterset_class = MeasuredFilter
    search_fields = ("code", "name", "station__name", "part__number")
    default_sort = "code"
    noun = "characteristics"
    purpose = "Nothing is measured in this process yet. Say which station runs it, or set it on a characteristic."
    columns = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="station", label="Station", value="station.name", sort="station__name"),
        Column(key="part", label="Part", value=lambda row: str(row.part or ""), kind="mono", sort="part__number"),
        Column(key="chart", label="Chart", value=lambda row: row.get_chart_display(), sort="chart"),
        Column(key="lsl", label="LSL", kind="number", decimals=3),
        Column(key="target", label="Target", kind="number", decimals=3),
        Column(key="usl", label="USL", kind="number", decimals=3),
        Column(key="unit", label="Unit", value="parameter.unit"),
        Column(key="active", label="State", value=_use, kind="state", sort="active"),
    )

    def process(self) -> Process:
        """The process of the address; 404 when the person may not see it."""
        return found_or_404(queries.processes_visible_to(self.actor), self.kwargs["pk"], "process")

    def queryset(self) -> QuerySet[Any]:
        return queries.characteristics_visible_to(self.actor).filter(process=self.process())

    def context(self, **kwargs: Any) -> dict[str, Any]:
        row = self.process()
        about = {"process": row, "stations": queries.stations_of(row), "title": str(row)}
        return {**super().context(**kwargs), **about, "may_edit": self.actor.can("process.edit", row.site_id)}


class Parameters(MasterData):
    """What is measured where, and in which unit."""

    key = "parameters"
    title = "Parameters"
    policy = "parameter.view"
    model = Parameter
    filterset_class = ParameterFilter
    search_fields = ("path", "name", "unit")
    default_sort = "path"
    noun = "parameters"
    purpose = "A parameter is a measured quantity of a station with one canonical unit. None is known yet."
    views = (NamedView("In use", "active=true"), NamedView("All", ""))
    columns = (
        Column(key="path", label="Path", kind="mono", sort="path", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="unit", label="Unit", sort="unit"),
        Column(key="kind", label="Kind", value=lambda row: row.get_kind_display(), sort="kind"),
        Column(key="station", label="Station", value=lambda row: str(row.station), sort="station__code"),
        Column(key="active", label="State", value=_use, kind="state", sort="active"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.parameters_visible_to(self.actor)


class Rules(MasterData):
    """Naming rules with their test strings."""

    key = "naming-rules"
    title = "Naming rules"
    policy = "part.view"
    model = NumberRule
    filterset_class = RuleFilter
    views = (NamedView("In use", "active=true"), NamedView("All", ""))
    search_fields = ("pattern", "explanation")
    default_sort = "target"
    noun = "rules"
    purpose = "A rule refuses a name before it spreads. None is set: any part number is taken."
    new = Command(label="New rule", url="governance:rule-new", permission="part.edit")
    columns = (
        Column(key="target", label="Checks", value=lambda row: row.get_target_display(), sort="target"),
        Column(key="pattern", label="Pattern", kind="mono"),
        Column(key="explanation", label="In words", kind="what"),
        Column(key="accepted", label="Takes", value=lambda row: ", ".join(row.accepted), kind="mono"),
        Column(key="refused", label="Refuses", value=lambda row: ", ".join(row.refused), kind="mono"),
        Column(key="site", label="Site", value="site.code", sort="site__code"),
        Column(key="active", label="State", value=_use, kind="state", sort="active"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.number_rules_visible_to(self.actor)

    def url_of(self, row: Any) -> str:
        return ""


def _proposed(row: UnmappedTopic) -> str:
    proposal: queries.Proposal = row.proposal  # type: ignore[attr-defined]  # given by the list
    if proposal.refusal:
        return proposal.refusal
    chart = dict(Parameter._meta.get_field("kind").flatchoices).get(proposal.kind, "")
    size = f" of {proposal.subgroup_size}" if proposal.subgroup_size > 1 else ""
    drawn = f"{Chart(proposal.chart).label} chart{size}"
    return f"{proposal.code}: {chart.lower()}, {drawn}, {counted(proposal.decimals, 'decimals')}"


_TOPIC = {"open": ("watch", "Waiting"), "mapped": ("done", "Mapped"), "ignored": ("todo", "Ignored")}


class Unmapped(MasterData):
    """Topics heard but not known, each with a proposal."""

    key = "unmapped-topics"
    title = "Unmapped topics"
    policy = "topic.view"
    model = UnmappedTopic
    filterset_class = UnmappedFilter
    search_fields = ("topic",)
    default_sort = "-last_seen"
    noun = "topics"
    purpose = "What the floor says on topics nobody has named yet appears here with a proposal. Nothing is waiting."
    views = (NamedView("Waiting", "state=open"), NamedView("All", ""))
    columns = (
        Column(key="topic", label="Topic", kind="mono", sort="topic", link=True),
        Column(key="last", label="Last value", value="last_value", kind="number", decimals=3),
        Column(key="unit", label="Unit"),
        Column(key="count", label="Heard", kind="number", sort="count"),
        Column(key="last_seen", label="Last heard", kind="time", sort="last_seen"),
        Column(key="proposal", label="Proposal", value=_proposed, kind="what"),
        Column(key="state", label="State", value=lambda row: _TOPIC[row.state], kind="state", sort="state"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.unmapped_visible_to(self.actor)

    def prepared(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Each topic with its proposal; what they are placed on is read once."""
        on = queries.ground()
        for row in rows:
            row.proposal = queries.proposal_for(row, on)
            yield row

    def url_of(self, row: UnmappedTopic) -> str:
        return row.get_absolute_url()
