"""The address of the OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response


@cache
def document() -> dict[str, Any]:
    """The whole document, made once a process."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call,no-any-return]  # the library is untyped


class Document(SpectacularAPIView):
    """The OpenAPI document, as JSON or YAML (`Accept: application/yaml`, or `?format=yaml`)."""

    policy = "public"
    authentication_classes = []  # noqa: RUF012 - as the framework declares it
    renderer_classes = [  # noqa: RUF012 - as the framework declares it
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    ]

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, summary="This document", operation_id="schema_read")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The document of this version."""
        return Response(document(), headers={"Cache-Control": "no-cache"})
