"""What is done to several nonconformities at once: a preview in the dialog, then one service each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from capa import services
from capa.models import Nonconformity
from qms.core.comments import people_of
from qms.core.errors import Denied, Invalid, Refused
from qms.core.links import link
from qms.core.models import User
from qms.core.records import visible
from qms.core.trail import acting, reading
from qms.web.pages import Page

MOST = 200


class _Several(Page):
    """Posts selected ids; without `confirmed` it shows what will change."""

    http_method_names = ("post",)
    template_name = "capa/bulk.html"
    label = ""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Preview, or do it and go back to the list with what was refused."""
        ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdigit()][:MOST]
        with reading(self.actor):
            rows = list(
                visible(Nonconformity, self.actor).filter(pk__in=ids).select_related("owner", "site").order_by("number")
            )
            if not rows or not request.POST.get("confirmed"):
                response = self.render(rows=rows, ids=ids, label=self.label, url=request.path, **self.choices(rows))
                response.render()
                return response
        self.apply(rows, request)
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("capa:nonconformities")})

    def choices(self, rows: list[Nonconformity]) -> dict[str, Any]:
        """What the dialog asks beside the confirmation."""
        return {}

    def apply(self, rows: list[Nonconformity], request: HttpRequest) -> None:
        """Do it."""
        raise TypeError(f"{type(self).__name__} does not say what it does.")


class AssignSeveral(_Several):
    """Give several nonconformities to one person."""

    policy = "nonconformity.edit"
    label = "Assign"

    def choices(self, rows: list[Nonconformity]) -> dict[str, Any]:
        return {"people": people_of(rows[0].site_id) if rows else []}

    def apply(self, rows: list[Nonconformity], request: HttpRequest) -> None:
        with reading(self.actor):
            owner = User.objects.filter(pk=request.POST.get("owner") or 0, is_active=True).first()
        done, refused = 0, []
        for row in rows:
            try:
                services.save_nonconformity(row, by=self.actor, owner=owner)
                done += 1
            except (Refused, Invalid, Denied) as problem:
                refused.append(f"{row.number}: {problem}")
        messages.success(request, f"{done} assigned to {owner.name if owner else 'nobody'}.")
        for text in refused:
            messages.error(request, text)


class CapaForSeveral(_Several):
    """One CAPA for several nonconformities: opened from the first, the others linked."""

    policy = "capa.open"
    label = "Turn into one CAPA"

    def apply(self, rows: list[Nonconformity], request: HttpRequest) -> None:
        try:
            with acting(self.actor):
                capa = services.open_capa(source_ncr=rows[0], by=self.actor)
                for row in rows[1:]:
                    link(row, capa, "corrective action", by=self.actor)
        except (Refused, Invalid, Denied) as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, f"{capa.number} is open for {len(rows)} nonconformities.")
