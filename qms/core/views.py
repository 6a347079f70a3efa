"""The kernel's own doors: health, and files."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views import View

from qms.core import files, health, metrics
from qms.core.actor import Actor
from qms.core.errors import Denied
from qms.core.trail import reading


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


class Metrics(View):
    """Figures for Prometheus: for an API key that may `metrics.view`, or the networks in METRICS_NETWORKS."""

    policy = "public"

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            actor = metrics.asking(request)
        except Denied as refusal:
            answer = HttpResponse(f"{refusal}\n", status=401, content_type="text/plain; charset=utf-8")
            answer["WWW-Authenticate"] = "Bearer"
            return answer
        with reading(actor):
            return HttpResponse(metrics.text_for(actor), content_type="text/plain; version=0.0.4; charset=utf-8")


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
