"""Whether the house stands: for load balancers, containers and people."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from qms.core import health
from qms.web.pages import Guarded


class Health(Guarded):
    """200 while everything needed answers, 503 otherwise, with every finding in words."""

    policy = "public"

    def get(self, request: HttpRequest) -> JsonResponse:
        """The findings as JSON."""
        findings = health.report()
        ok = all(finding.ok or not finding.needed for finding in findings)
        body = {
            "status": "pass" if all(f.ok for f in findings) else ("warn" if ok else "fail"),
            "checks": [{"name": f.name, "ok": f.ok, "text": f.text} for f in findings],
        }
        return JsonResponse(body, status=200 if ok else 503, headers={"Cache-Control": "no-store"})
