"""My work: everything asked of a person in one list, each finished from the side panel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from qms.core import inbox
from qms.core.models import Task
from qms.core.trail import reading
from qms.web import nav
from qms.web.context import sites_of
from qms.web.pages import Guarded, Page, Policy
from qms.web.peeks import peek_of
from qms.web.queries import ICONS, grouped, kinds_of
from qms.web.requests import whole_number
from qms.web.words import zone_of


class Home(Guarded):
    """The address without a path."""

    policy = "signed-in"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The plant overview when the house has one, else the person's work."""
        place = nav.PLACES.get("process")
        return HttpResponseRedirect(reverse(place.url if place else "web:my-work"))


class MyWork(Page):
    """The inbox: overdue, due today, this week, no date."""

    policy = "signed-in"
    template_name = "web/my_work.html"
    title = "My work"
    nav = "my-work"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The open tasks in groups, with the counts of the filter."""
        kind = self.request.GET.get("kind", "")
        counts = inbox.counts(self.actor)
        groups = grouped(self.actor, kind=kind, now=timezone.now())
        return {
            "groups": groups,
            "kind": kind,
            "counts": counts,
            "kinds": kinds_of([(key, n) for key, n in counts.items() if key not in {"all", "late"}]),
            "icons": ICONS,
            "topics": [f"user:{self.actor.id}", *(f"inbox:{site.pk}" for site in sites_of(self.actor))],
            "zone": f"{timezone.localtime():%Z}",
            "snoozed": inbox.open_for(self.actor, snoozed=True).count(),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or only the list when it is asked for again."""
        only_list = self.request.htmx and self.request.htmx.target == "inbox-list"
        return self.render("web/my_work_list.html" if only_list else "", **self.context())


def own_task(page: Guarded, pk: int) -> Task:
    """A task asked of this person; 404 for any other."""
    task = Task.objects.select_related("record", "site", "owner").filter(pk=pk).first()
    if task is None or not inbox.asked_of(task, page.actor):
        raise Http404("This task was not asked of you, or it is gone.")
    return task


class Peek(Page):
    """The side panel of one task."""

    policy = "task.view"
    template_name = "web/peek.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What the task's kind shows, else its own words."""
        task = own_task(self, kwargs["pk"])
        return self.render(task=task, body=peek_of(task, self.request), icons=ICONS)


class Finish(Guarded):
    """Tick a task off, or put it out of sight for a while."""

    policy: ClassVar[Policy] = {"GET": "task.view", "POST": "task.finish"}
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it, and let the list go to the next item."""
        if hours := request.POST.get("snooze"):
            inbox.snooze(pk, until=until(hours), reason=request.POST.get("reason", ""), by=self.actor)
        else:
            inbox.finish(pk, by=self.actor)
        with reading(self.actor):
            left = inbox.counts(self.actor)["all"]
        trigger = '{"inbox:changed": {"left": %d}, "peek:next": {}}' % left
        return HttpResponse(status=204, headers={"HX-Trigger-After-Settle": trigger, "HX-Trigger": trigger})


def until(choice: str) -> datetime:
    """When a snoozed task comes back: in so many hours, or tomorrow at eight in the person's zone."""
    now = timezone.now()
    if choice == "tomorrow":
        local = now.astimezone(zone_of(None)) + timedelta(days=1)
        return local.replace(hour=8, minute=0, second=0, microsecond=0)
    hours = whole_number(choice) or 0
    return now + timedelta(hours=hours if 0 < hours <= 24 * 14 else 4)
