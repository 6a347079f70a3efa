"""The plants: zone, calendar, shifts, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from qms.core.actor import ALL
from qms.core.filters import SiteFilter
from qms.core.models import Site
from qms.core.sites import change_site, create_site
from qms.web.forms import SiteEditForm, SiteForm
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog
from qms.web.views.settings import SettingsList

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Sites(SettingsList):
    """The plants of the person."""

    key = "sites"
    title = "Sites"
    policy = "site.view"
    model = Site
    filterset_class = SiteFilter
    search_fields = ("code", "name")
    default_sort = "code"
    noun = "sites"
    purpose = "A plant with its time zone, working calendar and record numbers. None is made yet."
    new = Command(label="Add a site", url="web:site-new", permission="site.edit")
    columns = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="timezone", label="Time zone", sort="timezone"),
        Column(key="workdays", label="Works", value=lambda row: ", ".join(DAYS[day] for day in row.workdays)),
        Column(key="shifts", label="Shifts begin",
               value=lambda row: ", ".join(f"{shift['name']}: {shift['start']}" for shift in row.shifts)),
        Column(key="numbers", label="Numbers", value="number_pattern", kind="mono"),
        Column(key="demo", label="Data", value=lambda row: "demo" if row.demo else "real", sort="demo"),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        """The sites of the person."""
        sites = self.actor.sites("site.view")
        return Site.objects.all() if sites is ALL else Site.objects.filter(pk__in=sites)

    def url_of(self, row: Site) -> str:
        """Where its administrators change it."""
        return reverse("web:site", args=[row.pk]) if self.actor.can("site.edit", row.pk) else ""


class SiteNew(FormDialog):
    """A new plant."""

    policy = "site.edit"
    form_class = SiteForm
    heading = "Add a site"
    button = "Add site"
    nav = "settings"

    def act(self, data: dict[str, Any]) -> str:
        """Make it."""
        site = create_site(**data, by=self.actor)
        messages.success(self.request, f"{site.code} {site.name} is made.")
        return reverse("web:sites")


class SiteEdit(FormDialog):
    """One plant: names, zone, working calendar, shifts, holidays, numbers."""

    policy = "site.edit"
    form_class = SiteEditForm
    heading = "Site"
    lead = "What ran before keeps its due time; clocks started from now on follow the new calendar."
    edits = True
    nav = "settings"

    def find(self, **kwargs: Any) -> Site:
        """A site this person administers."""
        site = get_object_or_404(Site, pk=kwargs["pk"])
        self.actor.require("site.edit", site.pk)
        return site

    def initial(self) -> Mapping[str, Any]:
        """As it is now, lists as lines."""
        site: Site = self.about
        plain = {name: getattr(site, name) for name in ("name", "timezone", "language", "number_pattern", "workdays")}
        shifts = "\n".join(f"{shift['start']} {shift['name']}" for shift in site.shifts)
        holidays = "\n".join(f"{row.day} {row.name}" for row in site.holidays.order_by("day"))
        return {**plain, "shifts": shifts, "holidays": holidays}

    def act(self, data: dict[str, Any]) -> str:
        """Keep it."""
        site = change_site(self.about, by=self.actor, **data)
        messages.success(self.request, f"{site.code} {site.name} is saved.")
        return reverse("web:sites")
