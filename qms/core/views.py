"""The kernel's own doors: health, and files."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views import View

from qms.core import files, health
from qms.core.actor import Actor
from qms.core.errors import Denied


class Live(View):
    """Whether the process answers at all."""

    policy = "public"

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse({"status": "ok"})


class Ready(View):
    """Whether the process can serve, and what lags: 503 only when something needed is missing."""

    policy = "public"

    def get(self, request: HttpRequest) -> JsonResponse:
        findings = health.report()
        ready = all(finding.ok for finding in findings if finding.needed)
        fine = all(finding.ok for finding in findings)
        body = {"status": "ok" if fine else "degraded" if ready else "down", "findings": [asdict(x) for x in findings]}
        response = JsonResponse(body, status=200 if ready else 503)
        if not ready:
            response["Retry-After"] = "2"
        return response


class Download(View):
    """A file of a record, for who may see the record; never shown inside the page."""

    policy = "record.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the middleware
        if actor.id is None:
            return redirect_to_login(request.get_full_path())
        try:
            attachment = files.readable(pk, actor)
        except Denied as refusal:
            raise Http404(str(refusal)) from refusal
        response = FileResponse(
            files.opened(attachment),
            as_attachment=True,
            filename=attachment.name,
            content_type=attachment.blob.media_type,
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cache-Control"] = "private, no-store"
        return response
