"""Retention: how long readings are kept, what is held, and what the next run would drop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse

from governance.models import Parameter
from iot import queries, services
from iot.filters import RetentionFilter
from iot.forms import RetentionClassForm, RetentionForm
from iot.models import RetentionClass
from qms.core.actor import ALL
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, ListPage, NamedView, Page, found_or_404

_RUNS = 12
_PAGES = (
    ("iot:overview", "Process"),
    ("iot:retention", "Retention"),
    ("iot:retention-parameters", "Retention of parameters"),
    ("iot:retention-next", "What would be dropped"),
)


def _kept(name: str) -> Any:
    return lambda row: "for good" if getattr(row, name) is None else f"{getattr(row, name)} days"


class RetentionClasses(ListPage):
    """Every class."""

    key = "retention"
    title = "Retention"
    nav = "process"
    family = "Retention"
    sections = _PAGES
    policy = "retention.view"
    model = RetentionClass
    search_fields = ("name",)
    default_sort = "name"
    noun = "classes"
    purpose = (
        "Everything is kept for good until a class says otherwise. A class says how long single readings, minutes, ten"
        " minutes and hours are kept; what a day came to stays."
    )
    views = (NamedView("All", ""),)
    new = Command(label="New class", url="iot:retention-new", permission="retention.edit")
    columns = (
        Column(key="name", label="Class", kind="what", sort="name", link=True),
        Column(key="raw", label="Single readings", value=_kept("raw_days")),
        Column(key="minute", label="Minutes", value=_kept("minute_days")),
        Column(key="ten_minute", label="Ten minutes", value=_kept("ten_minute_days")),
        Column(key="hour", label="Hours", value=_kept("hour_days")),
        Column(key="default", label="Holds by default", value=lambda row: "yes" if row.is_default else ""),
        Column(key="count", label="Parameters of its own", kind="number", sort="count"),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.retention_classes(self.actor)

    def context(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().context(**kwargs), "new_allowed": self.actor.sites("retention.edit") is ALL}


class RetentionClassNew(FormDialog):
    """A new class."""

    policy = "retention.edit"
    form_class = RetentionClassForm
    heading = "New retention class"
    lead = "The next nightly run goes by it. Nothing is dropped whose roll-ups do not hold it."
    button = "Add class"
    nav = "process"

    def act(self, data: dict[str, Any]) -> str:
        services.add_retention_class(**data, by=self.actor)
        return reverse("iot:retention")


class RetentionClassEdit(FormDialog):
    """Change a class."""

    policy: ClassVar = {"GET": "retention.view", "POST": "retention.edit"}
    form_class = RetentionClassForm
    heading = "Retention class"
    lead = RetentionClassNew.lead
    edits = True
    nav = "process"

    def find(self, **kwargs: Any) -> RetentionClass:
        return found_or_404(queries.retention_classes(self.actor), kwargs["pk"], "retention class")

    def initial(self) -> Mapping[str, Any]:
        return {name: getattr(self.about, name) for name in RetentionClassForm.base_fields}

    def act(self, data: dict[str, Any]) -> str:
        services.edit_retention_class(self.about, by=self.actor, **data)
        return reverse("iot:retention")


class RetentionParameters(ListPage):
    """Every parameter with its class and hold."""

    key = "retention-parameters"
    title = "Retention of parameters"
    nav = "process"
    family = "Retention"
    sections = _PAGES
    policy = "retention.view"
    model = Parameter
    filterset_class = RetentionFilter
    search_fields = ("path", "name", "retention__hold_reason")
    default_sort = "path"
    noun = "parameters"
    purpose = "Every parameter with its retention class, and whether everything of it is held as evidence."
    views = (NamedView("All", ""), NamedView("Held", "hold=true"))
    columns = (
        Column(key="path", label="Parameter", kind="mono", sort="path", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="class", label="Class", value=lambda row: _of(row, "retention_class") or "by default"),
        Column(key="hold", label="Hold", kind="state",
               value=lambda row: ("watch", "Held") if _of(row, "hold") else ("todo", "None")),
        Column(key="reason", label="Held for", value=lambda row: _of(row, "hold_reason") or ""),
        Column(key="since", label="Readings since", kind="time",
               value=lambda row: getattr(getattr(row, "retention_mark", None), "raw", None)),
        Column(key="site", label="Site", value="site.code", sort="site__code", shown=False),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        return queries.retention_of_parameters(self.actor)

    def url_of(self, row: Parameter) -> str:
        return reverse("iot:retention-parameter", args=[row.pk])


class RetentionParameter(FormDialog):
    """The class of one parameter, and its hold."""

    policy: ClassVar = {"GET": "retention.view", "POST": "retention.edit"}
    form_class = RetentionForm
    heading = "Retention of a parameter"
    lead = "A hold keeps everything of it, whatever its class says."
    edits = True
    nav = "process"

    def find(self, **kwargs: Any) -> Parameter:
        return found_or_404(queries.retention_of_parameters(self.actor), kwargs["pk"], "parameter")

    def initial(self) -> Mapping[str, Any]:
        return {name: _of(self.about, name) for name in RetentionForm.base_fields}

    def act(self, data: dict[str, Any]) -> str:
        services.set_retention(self.about, **data, by=self.actor)
        return reverse("iot:retention-parameters")


class RetentionNext(Page):
    """What the next run would drop, and what past ones dropped."""

    policy = "retention.view"
    template_name = "iot/retention_next.html"
    nav = "process"
    title = "What would be dropped"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        found = queries.next_run(self.actor)
        return {"found": found, "runs": queries.retention_runs(self.actor)[:_RUNS]}


def _of(row: Parameter, name: str) -> Any:
    return getattr(getattr(row, "retention", None), name, None)
