"""Device profiles: how payloads of another make are read, tried out before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from iot import queries, services
from iot.filters import ProfileFilter
from iot.forms import ProfileEditForm, ProfileForm, TrialForm
from iot.models import DeviceProfile
from iot.places import SECTIONS
from qms.core.actor import Actor
from qms.core.trail import reading
from qms.web.context import sites_of
from qms.web.forms import Styled
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, Guarded, ListPage, NamedView, Page, found_or_404


def profile_or_404(pk: int, actor: Actor) -> DeviceProfile:
    """The profile, if the actor may see it."""
    return found_or_404(queries.profiles_visible_to(actor), pk, "profile")


class Profiles(ListPage):
    """Every profile."""

    key = "profiles"
    title = "Device profiles"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "profile.view"
    model = DeviceProfile
    filterset_class = ProfileFilter
    search_fields = ("name", "topic", "target")
    default_sort = "name"
    noun = "profiles"
    purpose = "A profile says where value, time and unit stand in payloads of another make, and of which parameter."
    views = (NamedView("In use", "active=true"), NamedView("All", ""))
    new = Command(label="New profile", url="iot:profile-new", permission="profile.edit")
    columns = (
        Column(key="name", label="Name", kind="what", sort="name", link=True),
        Column(key="topic", label="Topics", kind="mono", sort="topic"),
        Column(key="target", label="Parameter", kind="mono", sort="target"),
        Column(key="value", label="Value at", kind="mono"),
        Column(key="unit", label="Unit", value=lambda row: row.unit_path or row.unit or "the parameter's"),
        Column(key="active", label="In use", value=lambda row: "yes" if row.active else "no"),
        Column(key="site", label="Site", value="site.code", sort="site__code", shown=False),
    )

    def queryset(self) -> QuerySet[Any]:
        return queries.profiles_visible_to(self.actor)


class ProfileNew(FormDialog):
    """A new profile."""

    policy = "profile.edit"
    form_class = ProfileForm
    heading = "New profile"
    button = "Add profile"
    nav = "process"

    def form(self, data: Any = None) -> Styled:
        return ProfileForm(data, sites=sites_of(self.actor))

    def act(self, data: dict[str, Any]) -> str:
        return services.add_profile(**data, by=self.actor).get_absolute_url()


class ProfileEdit(FormDialog):
    """Change a profile."""

    policy: ClassVar = {"GET": "profile.view", "POST": "profile.edit"}
    form_class = ProfileEditForm
    heading = "Change the profile"
    edits = True
    nav = "process"

    def find(self, **kwargs: Any) -> DeviceProfile:
        return profile_or_404(kwargs["pk"], self.actor)

    def form(self, data: Any = None) -> Styled:
        return ProfileEditForm(data, initial=self.initial(), sites=sites_of(self.actor))

    def initial(self) -> Mapping[str, Any]:
        return {name: getattr(self.about, name) for name in ProfileEditForm.base_fields if name != "site"}

    def act(self, data: dict[str, Any]) -> str:
        return services.edit_profile(self.about, by=self.actor, **data).get_absolute_url()


class ProfilePage(Page):
    """One profile, with what waits for it."""

    policy = "profile.view"
    template_name = "iot/profile.html"
    nav = "process"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        row = profile_or_404(kwargs["pk"], self.actor)
        return {
            "title": row.name, "row": row, "may_edit": self.actor.can("profile.edit", row.site_id),
            "waiting": queries.waiting_for(row, actor=self.actor), "form": TrialForm(), "trial": None,
        }  # fmt: skip


class ProfileReplay(Guarded):
    """Take again what waits on the topics of a profile."""

    policy = "quarantine.replay"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        with reading(self.actor):
            row = profile_or_404(pk, self.actor)
        outcomes = services.replay_for(row, by=self.actor)
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        messages.success(request, f"Sent through the door again: {told or 'nothing was waiting'}.")
        return HttpResponseRedirect(row.get_absolute_url())


class TryOut(Page):
    """Paste a topic and a payload and see what would be stored, or why not."""

    policy = "profile.view"
    template_name = "iot/try.html"
    nav = "process"
    http_method_names = ("get", "post")

    def context(self, **kwargs: Any) -> dict[str, Any]:
        return {"title": "Try a message", "form": TrialForm(), "trial": None, "profiles": reverse("iot:profiles")}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """For htmx the answer alone; nothing is written."""
        form = TrialForm(request.POST)
        with reading(self.actor):
            trial = None
            if form.is_valid():
                data = form.cleaned_data
                trial = queries.try_out(data["topic"], data["payload"].encode(), actor=self.actor)
            template = "iot/trial.html" if self.request.htmx else ""
            response = self.render(template, **{**self.context(), "form": form, "trial": trial})
            response.render()
        return response
