"""Devices: what publishes, how it signs in, when it was heard last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from iot import queries, services
from iot.filters import DeviceFilter
from iot.forms import DeviceForm, DeviceStateForm, ReasonForm
from iot.models import Device
from iot.places import SECTIONS
from qms.core.actor import Actor
from qms.core.trail import reading
from qms.web.context import sites_of
from qms.web.forms import Styled
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, ListPage, NamedView, Page, found_or_404

_MARKS = {"active": "ok", "blocked": "hold", "retired": "todo"}


def device_or_404(pk: int, actor: Actor) -> Device:
    """The device, if the actor may see it."""
    return found_or_404(queries.devices_visible_to(actor), pk, "device")


class Devices(ListPage):
    """Every device with what was last seen of it."""

    key = "devices"
    title = "Devices"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "device.view"
    model = Device
    filterset_class = DeviceFilter
    search_fields = ("code", "name", "topic_prefix")
    default_sort = "code"
    noun = "devices"
    purpose = (
        "A device publishes below a topic prefix with a credential of its own. Add one to see its rate and errors."
    )
    views = (NamedView("Active", "state=active"), NamedView("Blocked", "state=blocked"), NamedView("All", ""))
    new = Command(label="New device", url="iot:device-new", permission="device.edit")
    columns = (
        Column(key="code", label="Code", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="prefix", label="Publishes below", value="topic_prefix", kind="mono", sort="topic_prefix"),
        Column(key="state", label="State", kind="state", sort="state",
               value=lambda row: (_MARKS[row.state], row.get_state_display())),
        Column(key="seen", label="Last heard", kind="age", sort="activity__last_seen",
               value=lambda row: getattr(getattr(row, "activity", None), "last_seen", None)),
        Column(key="rate", label="Readings", kind="number", decimals=2, unit="per s",
               value=lambda row: getattr(getattr(row, "activity", None), "present_rate", None)),
        Column(key="readings", label="Readings in all", kind="number", sort="activity__readings",
               value=lambda row: getattr(getattr(row, "activity", None), "readings", None)),
        Column(key="errors", label="Refused", kind="number", sort="activity__errors",
               value=lambda row: getattr(getattr(row, "activity", None), "errors", None)),
        Column(key="last_error", label="Last refusal", kind="what", shown=False,
               value=lambda row: getattr(getattr(row, "activity", None), "last_error", "")),
        Column(key="credential", label="Credential",
               value=lambda row: "set" if row.has_credential else "none", shown=False),
        Column(key="site", label="Site", value="site.code", sort="site__code", shown=False),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        return queries.devices_visible_to(self.actor)


class DevicePage(Page):
    """One device."""

    policy = "device.view"
    template_name = "iot/device.html"
    nav = "process"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        row = device_or_404(kwargs["pk"], self.actor)
        seen = getattr(row, "activity", None)
        refused = queries.refused_below(row, actor=self.actor)
        return {
            "title": f"{row.code} {row.name}", "row": row, "seen": seen, "refused": refused.order_by("-id")[:10],
            "gaps": queries.gaps_of(row, actor=self.actor)[:10],
            "mark": _MARKS[row.state], "may_edit": self.actor.can("device.edit", row.site_id),
        }  # fmt: skip


class DeviceNew(FormDialog):
    """A new device."""

    policy = "device.edit"
    form_class = DeviceForm
    heading = "New device"
    button = "Add device"
    nav = "process"

    def form(self, data: Any = None) -> Styled:
        return DeviceForm(data, sites=sites_of(self.actor))

    def act(self, data: dict[str, Any]) -> str:
        return services.add_device(**data, by=self.actor).get_absolute_url()


class DeviceState(FormDialog):
    """Block or retire a device, or let it publish again."""

    policy = "device.edit"
    form_class = DeviceStateForm
    heading = "Change the state"
    edits = True
    lead = "The broker cuts a blocked device off. What still arrives below its prefix goes to quarantine."

    def find(self, **kwargs: Any) -> Device:
        return device_or_404(kwargs["pk"], self.actor)

    def initial(self) -> Mapping[str, Any]:
        return {"state": self.about.state}

    def act(self, data: dict[str, Any]) -> str:
        services.edit_device(self.about, state=data["state"], reason=data["reason"], by=self.actor)
        return str(self.about.get_absolute_url())


class DeviceCredential(Page):
    """A new secret, shown on the answer to the request that made it and never again."""

    policy = "device.edit"
    template_name = "iot/credential.html"
    nav = "process"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        with reading(self.actor):
            row = device_or_404(pk, self.actor)
        secret = services.issue_credential(row, by=self.actor)
        with reading(self.actor):
            line, topics = queries.first_message(row, secret), queries.topics_of(row)
            response = self.render(
                title=f"Credential of {row.code}", row=row, secret=secret, line=line, topics=topics,
                own=row.topic_prefix.count("/") > 3,
            )  # fmt: skip
            response.render()
        response["Cache-Control"] = "private, no-store"
        return response


class DeviceRevoke(FormDialog):
    """Take a device's credential away."""

    policy = "device.edit"
    form_class = ReasonForm
    heading = "Revoke the credential"
    lead = (
        "The broker refuses the device from now on and cuts its connection. A new credential can be made at any time."
    )
    button = "Revoke"

    def find(self, **kwargs: Any) -> Device:
        return device_or_404(kwargs["pk"], self.actor)

    def act(self, data: dict[str, Any]) -> str:
        services.revoke_credential(self.about, reason=data["reason"], by=self.actor)
        return str(self.about.get_absolute_url())
