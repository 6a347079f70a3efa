"""Routes from the rooms' lists; the index below /api/v1/ names them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views import View
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from qms.core.rest.problems import HIDDEN, bare
from qms.core.rest.views import ApiViewSet

Route = tuple[str, type[ViewSetMixin], str]


def routes_of(modules: Iterable[str]) -> list[Route]:
    """The API_ROUTES of those modules that are there."""
    found = [name for name in modules if find_spec(name.partition(".")[0]) and find_spec(name)]
    return [route for name in found for route in import_module(name).API_ROUTES]


def router_of(routes: Iterable[Route]) -> Router:
    """A router with every route; two rooms claiming one address is a programming error."""
    router, seen = Router(), set[str]()
    for prefix, viewset, basename in routes:
        if prefix in seen:
            raise ValueError(f"Two viewsets claim the address {prefix}.")
        seen.add(prefix)
        router.register(prefix, viewset, basename=basename)
    return router


class Router(SimpleRouter):
    """Binds only the methods a viewset takes."""

    def get_method_map(self, viewset: Any, method_map: Mapping[str, str]) -> dict[str, str]:
        """Methods to actions, without those the viewset refuses."""
        bound: dict[str, str] = super().get_method_map(viewset, method_map)
        return {method: action for method, action in bound.items() if method in viewset.http_method_names}


class Unknown(View):
    """Every other address below the API: a problem, not a page."""

    policy = "public"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """404 in words."""
        slash = "" if request.path.endswith("/") else " Addresses of the API end with a slash."
        return bare(404, HIDDEN + slash)


class Index(ApiViewSet):  # type: ignore[type-arg]  # has no model
    """What there is below this address."""

    policy = "signed-in"
    lists = ()
    routes: tuple[Route, ...] = ()

    def list(self, request: Request) -> Response:
        """Name and address of every collection."""
        prefix = request.path
        addresses = {
            name: request.build_absolute_uri(f"{prefix}{name}/")
            for name, viewset, _ in self.routes
            if hasattr(viewset, "list")
        }
        return Response({**addresses, "schema": request.build_absolute_uri(reverse("api:schema"))})
