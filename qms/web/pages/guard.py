"""A page knows its rule: who may open it is declared on the class and checked before anything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.generic.base import View

from qms.core.actor import Actor
from qms.core.middleware import SAFE
from qms.core.trail import reading
from qms.web.requests import PageRequest

Policy = str | Mapping[str, str]


class Guarded(View):
    """A view with a declared rule: an action of the policy, "signed-in" or "public"; or one per method."""

    policy: ClassVar[Policy]
    request: PageRequest

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.request.actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Send people who are not signed in to the door; raise Denied for those without the right."""
        rule = self.rule_for(request.method or "GET")
        if rule != "public" and self.actor.id is None:
            door = self._to_the_door()
            return _awaited(door) if self.view_is_async else door
        if rule not in {"public", "signed-in"}:
            self.actor.require(rule)
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def rule_for(cls, method: str) -> str:
        """The rule of a method; HEAD and OPTIONS follow GET."""
        if isinstance(cls.policy, str):
            return cls.policy
        return cls.policy.get("GET" if method in {"HEAD", "OPTIONS"} else method) or cls.policy["GET"]

    def _to_the_door(self) -> HttpResponse:
        if self.request.htmx or self.request.headers.get("X-Autosave"):
            return HttpResponse(status=401)
        door, asked = reverse(settings.LOGIN_URL), {"next": back} if (back := self._back()) else {}
        if self.request.method not in SAFE:
            asked["unsent"] = "1"
        return HttpResponseRedirect(f"{door}?{urlencode(asked, safe='/')}" if asked else door)

    def _back(self) -> str:
        """Where to go after the door: this address, or the page of ours whose form was sent, never the form's own."""
        if self.request.method in SAFE:
            return self.request.get_full_path()
        page = urlsplit(self.request.headers.get("Referer", ""))
        if page.netloc != self.request.get_host():
            return ""
        return f"{page.path}?{page.query}" if page.query else page.path


class Leading(Guarded):
    """An address that leads to another."""

    to: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Go there."""
        return HttpResponseRedirect(reverse(self.to))


async def _awaited(answer: HttpResponse) -> HttpResponse:
    return answer  # Django awaits whatever an asynchronous view gives


class Page(Guarded):
    """A page of the product: a template, a title, its place in the navigation."""

    template_name: ClassVar[str]
    title: ClassVar[str] = ""
    nav: ClassVar[str] = ""
    fragment: ClassVar[bool] = False  # drawn into another page; opened by its address it stands in a page of its own

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Render the page."""
        return self.render(**self.context(**kwargs))

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """What the template shows; a page adds its own."""
        return {}

    def render(self, template: str = "", *, status: int = 200, **context: Any) -> TemplateResponse:
        """The page's response with title and navigation set."""
        inside = template or self.template_name
        frame = {"title": self.title, "nav": self.nav, "page": self, "inside": inside}
        name = "web/alone.html" if self.fragment and not self.request.htmx else inside
        return TemplateResponse(self.request, name, {**frame, **context}, status=status)

    def shown_again(self, *, status: int = 400, **kwargs: Any) -> TemplateResponse:
        """The page after something was refused, read and drawn at once: outside of a request that only reads."""
        with reading(self.actor):
            response = self.render(status=status, **self.context(**kwargs))
            response.render()
        return response
