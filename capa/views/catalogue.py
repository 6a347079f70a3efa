"""Defect codes, and the limits from which a nonconformity calls for a CAPA."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse

from capa import queries, services
from capa.filters import DefectCodeFilter
from capa.forms import DefectCodeEditForm, DefectCodeForm, LimitsForm
from capa.models import DefectCode
from qms.core.actor import ALL
from qms.core.filters import SiteFilter
from qms.core.models import Site
from qms.web.context import sites_of
from qms.web.forms import Styled
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, ListPage, NamedView, found_or_404

SECTIONS = (("capa:defect-codes", "Defect codes"), ("capa:escalation", "Calls for a CAPA"))
NEW_CODE = Command(
    label="New defect code", url="capa:defect-code-new", permission="defectcode.edit", words="catalogue kind of defect"
)


class DefectCodes(ListPage):
    """The kinds of defect a nonconformity is sorted by."""

    key, nav, title = "defect-codes", "records", "Defect codes"
    family = "What is agreed beforehand"
    sections: ClassVar[Sequence[tuple[str, str]]] = SECTIONS
    policy = "defectcode.view"
    model = DefectCode
    filterset_class = DefectCodeFilter
    search_fields = ("code", "name")
    default_sort = "code"
    noun = "codes"
    new = NEW_CODE
    purpose = (
        "Every nonconformity is given the code of its defect before a disposition is proposed, so that repetitions are"
        " found and the Pareto adds up. No code is made yet."
    )
    views = (NamedView("In use", "active=true"), NamedView("All", ""))
    columns: ClassVar[Sequence[Column]] = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Defect", kind="what", sort="name"),
        Column(key="site", label="Site", value=lambda row: row.site.code if row.site else "every", sort="site__code"),
        Column(key="active", label="State", kind="state", sort="active",
               value=lambda row: ("done", "In use") if row.active else ("todo", "Not in use")),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        """Those of the person's sites and of every site."""
        return queries.defect_codes_visible_to(self.actor)

    def url_of(self, row: DefectCode) -> str:
        """Where it is changed."""
        return reverse("capa:defect-code", args=[row.pk]) if self.actor.can("defectcode.edit", row.site_id) else ""


class NewDefectCode(FormDialog):
    """A new kind of defect."""

    policy = "defectcode.edit"
    nav = "records"
    heading = "New defect code"
    button = "Add code"

    def form(self, data: Any = None) -> Styled:
        return DefectCodeForm(data, sites=sites_of(self.actor), everywhere=self.actor.sites("defectcode.edit") is ALL)

    def act(self, data: dict[str, Any]) -> str:
        services.add_defect_code(**data, by=self.actor)
        return reverse("capa:defect-codes")


class EditDefectCode(FormDialog):
    """Change a code, or take it out of use."""

    policy = "defectcode.edit"
    nav = "records"
    form_class = DefectCodeEditForm
    heading = "Defect code"
    lead = "Records that carry this code keep it."

    def find(self, **kwargs: Any) -> DefectCode:
        return found_or_404(queries.defect_codes_visible_to(self.actor), kwargs["pk"], "code")

    def initial(self) -> Mapping[str, Any]:
        return {name: getattr(self.about, name) for name in ("code", "name", "active")}

    def act(self, data: dict[str, Any]) -> str:
        services.edit_defect_code(self.about, by=self.actor, **data)
        return reverse("capa:defect-codes")


class EscalationLimits(ListPage):
    """From when on a nonconformity calls for a CAPA, by site."""

    key, nav, title = "escalation", "records", "Calls for a CAPA"
    family = "What is agreed beforehand"
    sections: ClassVar[Sequence[tuple[str, str]]] = SECTIONS
    policy = "escalation.view"
    model = Site
    filterset_class = SiteFilter
    search_fields = ("code", "name")
    default_sort = "code"
    noun = "sites"
    purpose = "A site has limits from which a nonconformity calls for a CAPA. There is no site yet."
    columns: ClassVar[Sequence[Column]] = (
        Column(key="code", label="Site", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="repeats", label="Same defect and process", value="limits.repeats", kind="number", unit="times"),
        Column(key="days", label="Within", value="limits.days", kind="number", unit="days"),
        Column(key="cost", label="Or cost above", value="limits.cost", kind="number", decimals=2),
        Column(key="currency", label="Currency", value="limits.currency"),
        Column(key="set", label="Set", value=lambda row: "by the site" if row.limits.pk else "as delivered"),
    )

    def queryset(self) -> QuerySet[Any]:
        """The person's sites."""
        return queries.sites_with_limits(self.actor)

    def prepared(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Each site with its limits."""
        for row in rows:
            row.limits = services.rule_of(row.pk)
            yield row

    def url_of(self, row: Site) -> str:
        """Where they are set."""
        return reverse("capa:escalation-limits", args=[row.pk]) if self.actor.can("escalation.edit", row.pk) else ""


class SetLimits(FormDialog):
    """Set the limits of a site."""

    policy = "escalation.edit"
    nav = "records"
    form_class = LimitsForm
    heading = "When a nonconformity calls for a CAPA"
    lead = "A safety matter and one the customer found always do. Open records are looked at again when they change."

    def find(self, **kwargs: Any) -> Site:
        return found_or_404(queries.sites_with_limits(self.actor), kwargs["pk"], "site")

    def initial(self) -> Mapping[str, Any]:
        rule = services.rule_of(self.about.pk)
        return {name: getattr(rule, name) for name in ("repeats", "days", "cost", "currency")}

    def act(self, data: dict[str, Any]) -> str:
        services.set_escalation_limits(self.about, by=self.actor, **data)
        return reverse("capa:escalation")
