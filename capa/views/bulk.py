"""What is done to several nonconformities at once: a preview in the dialog, then each row, and what came of each."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from capa import services
from capa.models import Nonconformity
from capa.models.nonconformity import Decision
from capa.views.lists import NonconformityList
from qms.core import jobs
from qms.core.comments import people_of
from qms.core.errors import Refused
from qms.core.models import User
from qms.core.records import visible
from qms.core.trail import reading
from qms.web.pages import Page, chosen_rows

AT_ONCE, MOST = 200, 20_000  # rows changed while the person waits, and by a job
TYPED = ("owner", "kind", "instruction")


class _Several(Page):
    """Posts selected ids, or `all` with the list's own query; without `confirmed` it shows what will change."""

    http_method_names = ("post",)
    template_name = "capa/bulk.html"
    act: ClassVar[str]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Preview, or do it row by row and say of each what came of it; many rows are left to a job."""
        with reading(self.actor):
            meant = self.meant()
            ids = list(meant.order_by("number").values_list("pk", flat=True)[: MOST + 1])
            if not ids or len(ids) > MOST or not request.POST.get("confirmed"):
                return self._preview(meant, ids)
            doer = services.SEVERAL[self.act]({name: request.POST.get(name, "") for name in TYPED})
            if len(ids) <= AT_ONCE:
                rows = list(meant.order_by("number").select_related("owner", "site"))
        return self._now(doer, rows) if len(ids) <= AT_ONCE else self._later(doer, ids)

    def meant(self) -> QuerySet[Nonconformity]:
        """The rows meant, as far as the actor may see them."""
        return visible(Nonconformity, self.actor).filter(pk__in=chosen_rows(NonconformityList, self).values("pk"))

    def choices(self, rows: QuerySet[Nonconformity]) -> dict[str, Any]:
        """What the dialog asks beside the confirmation."""
        return {}

    def _preview(self, meant: QuerySet[Nonconformity], ids: list[int]) -> HttpResponseBase:
        found, shown = len(ids), meant.order_by("number").select_related("owner")[:AT_ONCE]
        if found > MOST:
            return self._shown(rows=[], most=MOST)
        return self._shown(
            rows=list(shown),
            found=found,
            ids=",".join(map(str, ids)),
            later=found > AT_ONCE,
            token=uuid4().hex,
            url=self.request.path,
            **self.choices(meant),
        )

    def _now(self, doer: services.Several, rows: list[Nonconformity]) -> HttpResponseBase:
        outcomes = []
        for row in rows:
            outcomes.append(services.tried(doer, row, by=self.actor))
            with reading(self.actor):
                doer.go_on(outcomes[-1])
        with reading(self.actor):
            refused = sum("refusal" in one for one in outcomes)
            outcomes.sort(key=lambda one: "refusal" not in one)
            words = services.told(doer, len(outcomes), refused)
            return self._shown("capa/bulk_result.html", outcomes=outcomes, words=words)

    def _later(self, doer: services.Several, ids: list[int]) -> HttpResponseBase:
        typed = {name: self.request.POST.get(name, "") for name in TYPED}
        if self.act == "assign" and not typed["owner"]:
            raise Refused("Choose the person they go to.")
        job = jobs.enqueue(
            "several",
            {"act": self.act, "typed": typed, "ids": ids},
            by=self.actor,
            key=f"several:{self.actor.id}:{self.request.POST.get('token', '')}",
            title=f"{doer.label}: {len(ids):,} nonconformities",
        )
        url = reverse("web:job", args=[job.pk])
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def _shown(self, template: str = "", **context: Any) -> HttpResponseBase:
        response = self.render(template, label=services.SEVERAL[self.act].label, **context)
        response.render()
        return response


def _people_of(rows: QuerySet[Nonconformity]) -> list[User]:
    """Everybody with a role at the site of at least one of the rows."""
    sites = set(rows.order_by().values_list("site_id", flat=True).distinct())
    found = {person.pk: person for site in sites for person in people_of(site)}
    return sorted(found.values(), key=lambda person: person.name)


class AssignSeveral(_Several):
    """Give several nonconformities to one person."""

    policy = "nonconformity.edit"
    act = "assign"

    def choices(self, rows: QuerySet[Nonconformity]) -> dict[str, Any]:
        return {"people": _people_of(rows)}


class DisposeSeveral(_Several):
    """Propose one disposition for all pieces of several nonconformities that have none yet."""

    policy = "nonconformity.propose"
    act = "dispose"

    def choices(self, rows: QuerySet[Nonconformity]) -> dict[str, Any]:
        return {"decisions": Decision.choices}


class CapaForSeveral(_Several):
    """One CAPA for several nonconformities."""

    policy = "capa.open"
    act = "capa"
