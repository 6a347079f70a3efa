"""Long work: what runs, how far it is, what became of it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from qms.core import jobs
from qms.core.filters import JobFilter
from qms.core.models import Job
from qms.core.trail import reading
from qms.web import made
from qms.web.pages import Column, Guarded, NamedView, Page, found_or_404
from qms.web.pages.afar import list_at
from qms.web.pages.export import XLSX
from qms.web.views.settings import SettingsList

SHOWN = 500  # refused rows of a job
MARKS = {"waiting": "todo", "running": "learn", "done": "done", "failed": "miss", "cancelled": "todo"}


def _state(row: Job) -> tuple[str, str]:
    return MARKS[row.state], row.get_state_display()


class Jobs(SettingsList):
    """The person's jobs, and those of their sites for people who may cancel them."""

    key = "jobs"
    title = "Jobs"
    template_name = "web/jobs.html"
    policy = "job.view"
    model = Job
    filterset_class = JobFilter
    search_fields = ("title", "user__name", "error")
    default_sort = "-created_at"
    noun = "jobs"
    purpose = (
        "Long work runs here, with its stage and a way to stop it: sheets of very many rows, acts on hundreds of"
        " records, the loading of demo data. You are told when it has ended."
    )
    views = (NamedView("Running", "state=running"), NamedView("Failed", "state=failed"), NamedView("All", ""))
    columns = (
        Column(key="title", label="What", kind="what", sort="title", link=True),
        Column(key="stage", label="Stage"),
        Column(key="share", label="Done", value=lambda row: 100 * row.share, kind="number", unit="%", sort="share"),
        Column(key="state", label="State", value=_state, kind="state", sort="state"),
        Column(key="error", label="Error", value=lambda row: row.error[:120]),
        Column(key="by", label="Asked by", value=lambda row: row.user.name if row.user else "the system",
               sort="user__name"),
        Column(key="created_at", label="Begun", kind="time", sort="created_at"),
        Column(key="finished_at", label="Ended", kind="time", sort="finished_at", shown=False),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        """Those the person may see."""
        return jobs.visible_jobs(self.actor).select_related("user", "site")

    def url_of(self, row: Job) -> str:
        """The page of a job."""
        return reverse("web:job", args=[row.pk])


class JobPage(Page):
    """One job: stage, error, result, and a way to stop it."""

    policy = "job.view"
    template_name = "web/job.html"
    nav = "settings"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The job."""
        job = found_or_404(jobs.visible_jobs(self.actor).select_related("user", "site"), kwargs["pk"], "job")
        goes_on = job.state in {"waiting", "running"}
        mark, word = _state(job)
        may_cancel = goes_on and not job.cancel and self.actor.can("job.cancel", job)
        return {
            "title": job.title,
            "job": job,
            "mark": mark,
            "word": word,
            "may_cancel": may_cancel,
            "goes_on": goes_on,
            "file": is_there(job) and job.user_id == self.actor.id,
            "refused": [row.data for row in job.parts.filter(data__has_key="refusal")[:SHOWN]],
        }


class JobFile(Guarded):
    """What a job made, for the person who asked for it: nobody else has exactly their view of the data."""

    policy = "job.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The file as a download."""
        job = Job.objects.filter(pk=pk, user_id=self.actor.id or 0, state="done").first()
        if job is None or not is_there(job):
            raise Http404("There is no such file, or it was removed after a week. Export again.")
        assert job.result
        file = (made.folder() / job.result["file"]).open("rb")
        response = FileResponse(file, as_attachment=True, filename=job.result["name"], content_type=XLSX)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


def is_there(job: Job) -> bool:
    """Whether what a job made can still be fetched."""
    return bool(job.result and "file" in job.result and (made.folder() / job.result["file"]).exists())


class SheetNew(Guarded):
    """A sheet of more rows than a reader waits for is made in the background."""

    policy = "job.run"
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for it and show how far it is."""
        path, query = request.POST.get("path", ""), request.POST.get("query", "")
        with reading(self.actor):
            listing = list_at(path, query, self.actor)
            listing.sound()
        job = jobs.enqueue(
            "sheet",
            {"path": path, "query": query, "name": f"{listing.key}.xlsx"},
            by=self.actor,
            key=f"sheet:{self.actor.id}:{request.POST.get('token', '')}",
            title=f"{listing.title} as a sheet",
        )
        return HttpResponseRedirect(reverse("web:job", args=[job.pk]))


class JobCancel(Guarded):
    """Stop a job."""

    policy = "job.cancel"  # one's own, or those of the site: the kernel looks which
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask it to stop and show the list."""
        jobs.cancel(pk, by=self.actor)
        return HttpResponseRedirect(reverse("web:jobs"))
