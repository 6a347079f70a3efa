"""Long work: what runs, how far it is, what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from qms.core import jobs
from qms.web.pages import Guarded, Page


class Jobs(Page):
    """The person's jobs, and those of their sites for people who may cancel them."""

    policy = "job.view"
    template_name = "web/jobs.html"
    title = "Jobs"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The last hundred jobs."""
        found = jobs.visible_jobs(self.actor).select_related("user").order_by("-created_at")[:100]
        return {"jobs": found, "section": "jobs"}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or only its rows when they are asked for again."""
        only_rows = self.request.htmx and self.request.htmx.target == "jobs-rows"
        return self.render("web/jobs_rows.html" if only_rows else "", **self.context())


class JobCancel(Guarded):
    """Stop a job."""

    policy = "job.view"  # whose job it is decides the kernel
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask it to stop and show the list."""
        jobs.cancel(pk, by=self.actor)
        return HttpResponseRedirect(reverse("web:jobs"))
