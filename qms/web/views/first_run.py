"""The first run: owner account, plant, what to start with, connect data. Each step after the first may be skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from qms.core.errors import Invalid
from qms.core.models import Site, User
from qms.core.people import first_owner, first_site
from qms.web import starts
from qms.web.forms import OwnerForm, SiteForm, Styled
from qms.web.pages import Page
from qms.web.views.entrance import enter

STEPS = (("owner", "Owner"), ("plant", "Plant"), ("start", "Start with"), ("connect", "Connect data"))


@dataclass(frozen=True)
class Stop:
    """One step of the wizard on its rail."""

    label: str
    detail: str
    done: bool
    current: bool


class FirstRun(Page):
    """Leads to the first step that is not done."""

    policy = "public"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the person to the owner, the plant or the end."""
        if not User.objects.exists():
            return HttpResponseRedirect(reverse("web:first-run-owner"))
        if self.actor.id is None:
            return HttpResponseRedirect(reverse("web:sign-in"))
        if not Site.objects.exists():
            return HttpResponseRedirect(reverse("web:first-run-plant"))
        return HttpResponseRedirect(reverse("web:first-run-start"))


class _Step(Page):
    """One step: a question, a form, one primary button."""

    template_name = "web/first_run.html"
    step: str
    form_class: type[Styled] | None = None
    question = ""
    say = ""
    button = "Go on"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The form and the rail."""
        return self.around(self.form_class() if self.form_class else None)

    def around(self, form: Styled | None) -> dict[str, Any]:
        """What every step shows."""
        keys = [key for key, _ in STEPS]
        here = keys.index(self.step)
        details = self._details()
        rail = [Stop(label, details[i], i < here, i == here) for i, (_, label) in enumerate(STEPS)]
        later = reverse(f"web:first-run-{keys[here + 1]}") if 0 < here < len(keys) - 1 else ""
        return {"form": form, "rail": rail, "later": later, "step": self.step, "number": here + 1}

    def _details(self) -> list[str]:
        site = Site.objects.order_by("pk").first()
        owner = User.objects.order_by("pk").values_list("name", flat=True).first()
        plant = f"{site.code} {site.name}, {site.timezone}" if site else "name and zone"
        return [owner or "your account", plant, "demo, empty or import", "topics, devices, files"]


class Owner(_Step):
    """Step 1: the account that owns the installation."""

    policy = "public"
    title = "Owner account"
    step = "owner"
    form_class = OwnerForm
    question = "Who owns this installation?"
    say = "This account can do everything, and gives the others their roles. There is no default password anywhere."
    button = "Make the account"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only a house without people asks for its owner."""
        if User.objects.exists():
            return HttpResponseRedirect(reverse("web:first-run"))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Make the account and sign it in."""
        form = OwnerForm(request.POST)
        try:
            user = first_owner(**form.taken())
        except Invalid as problem:
            form.refuse(problem.errors)
            return self.render(**self.around(form), status=400)
        enter(request, user)
        return HttpResponseRedirect(reverse("web:first-run-plant"))


class Plant(_Step):
    """Step 2: the first site."""

    policy = "site.edit"
    title = "Plant"
    step = "plant"
    form_class = SiteForm
    question = "Which plant is this?"
    say = (
        "Process data are shown in the plant's time zone, due times follow its calendar. Both can be changed later."
        " The pages are in English, the only language there is so far."
    )
    button = "Make the plant"

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Make the site."""
        form = SiteForm(request.POST)
        try:
            first_site(cast("User", request.user), **form.taken(), by=self.actor)
        except Invalid as problem:
            form.refuse(problem.errors)
            return self.render(**self.around(form), status=400)
        return HttpResponseRedirect(reverse("web:first-run-start"))


class Start(_Step):
    """Step 3: demo, empty or import."""

    policy = "site.edit"
    title = "Start with"
    step = "start"
    question = "What do you want to start with?"
    say = (
        "Demo data are invented and marked as such on every page; they live in a plant of their own. They cannot be"
        " deleted: to leave them behind, start an empty home beside this one."
    )
    button = "Start"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The ways the rooms offer."""
        return {**self.around(None), "starts": starts.choices()}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Begin the chosen way."""
        start, site = starts.STARTS.get(request.POST.get("start", "")), Site.objects.order_by("pk").first()
        if start is None or site is None:
            return HttpResponseRedirect(reverse("web:first-run-connect"))
        return HttpResponseRedirect(start.begin(site, self.actor))


class Connect(_Step):
    """Step 4: where data come from."""

    policy = "site.edit"
    title = "Connect data"
    step = "connect"
    question = "Where do your data come from?"
    say = "Whatever sends MQTT is heard at once: what is not known yet waits under unmapped topics, with a proposal."
    button = "Go to work"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The pages that connect data."""
        return {**self.around(None), "ways": starts.ways_for(self.actor)}
