"""What the person was told."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from qms.core.errors import Refused
from qms.core.filters import NoticeFilter
from qms.core.models import Notice
from qms.core.notify import notices, read
from qms.core.trail import reading
from qms.web.pages import Bulk, Column, Guarded, NamedView, chosen_rows
from qms.web.views.settings import SettingsList


class Notices(SettingsList):
    """The person's notices."""

    key = "notifications"
    title = "Notices"
    template_name = "web/notifications.html"
    policy = "signed-in"
    model = Notice
    filterset_class = NoticeFilter
    search_fields = ("title",)
    default_sort = "-created_at"
    noun = "notices"
    purpose = "What you are told stands here: tasks asked of you, mentions, clocks that run out."
    views = (NamedView("Unread", "unread=true"), NamedView("All", ""))
    bulk = (Bulk(label="Mark as read", url="web:notices-read"),)
    columns = (
        Column(key="created_at", label="When", kind="time", sort="created_at"),
        Column(key="title", label="What", kind="what", sort="title", link=True),
        Column(key="kind", label="Kind", value=lambda row: row.kind.capitalize(), sort="kind"),
        Column(key="state", label="State", kind="state", sort="read_at",
               value=lambda row: ("done", "Read") if row.read_at else ("todo", "Unread")),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        """One's own."""
        return notices(self.actor)

    def url_of(self, row: Notice) -> str:
        """What it is about."""
        return row.url


class NoticesRead(Guarded):
    """Mark the chosen notices as read, or (`every`) all of them."""

    policy = "signed-in"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Do it and show the list."""
        if request.POST.get("every"):
            read(self.actor)
        else:
            with reading(self.actor):
                chosen = list(chosen_rows(Notices, self).values_list("pk", flat=True))
            if not chosen:
                raise Refused("No notice was chosen. Tick the ones you have read.")
            read(self.actor, *chosen)
        url = reverse("web:notifications")
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
