"""The OpenAPI 3.1 document: what the views declare, with the problems and headers every operation shares."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema

from qms.core.rest import idempotency, problems
from qms.core.rest.permissions import action_for
from qms.core.rest.views import ApiViewSet

WORDS = {
    "list": "List",
    "retrieve": "Read one",
    "create": "Make one",
    "partial_update": "Change one",
    "destroy": "Remove one",
}
ETAGGED = {"retrieve", "create", "partial_update", "advance"}
PROBLEM = {
    "type": "object",
    "description": "What went wrong, by RFC 9457.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:plumbline:problem:refused"]},
        "title": {"type": "string", "examples": ["Not possible now"]},
        "status": {"type": "integer", "examples": [409]},
        "detail": {"type": "string", "description": "Why, and what to do."},
        "instance": {"type": "string", "format": "uri", "description": "This occurrence, to be found in the log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into what was sent.",
                        "examples": ["#/title"],
                    },
                    "parameter": {"type": "string", "description": "Name of the query parameter."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


class ApiSchema(AutoSchema):
    """One operation, read off the view's declarations."""

    view: Any

    @property
    def _action(self) -> str:
        return getattr(self.view, "action", None) or self.method

    def get_request_serializer(self) -> Any:
        """What the action takes."""
        return self.view.shape_in() if isinstance(self.view, ApiViewSet) else super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        """What the action gives, under its status."""
        view = self.view
        if not isinstance(view, ApiViewSet):
            return super().get_response_serializers()
        shape = view.shape_out()
        if self.method == "DELETE" or shape is None:
            return {
                "204" if self.method == "DELETE" else "200": None if self.method == "DELETE" else {"type": "object"}
            }
        made = self._action in view.creates
        return {"201" if made else "200": shape(many=True) if self._action in view.lists else shape}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(self.view, ApiViewSet) and self._action in self.view.lists

    def _get_paginator(self) -> Any:
        """Short lists come whole, in the same envelope."""
        if isinstance(self.view, ApiViewSet) and self._action in self.view.lists:
            return self.view.pagination_class() if self.view.pagination_class else _Envelope()
        return super()._get_paginator()  # type: ignore[no-untyped-call]  # the library's part is untyped

    def get_operation_id(self) -> str:
        """Stable: the collection and the action."""
        if not isinstance(self.view, ApiViewSet):
            return super().get_operation_id()
        return f"{(self.view.basename or 'api').replace('-', '_')}_{self._action}"

    def get_tags(self) -> list[str]:
        """The collection."""
        parts = [part for part in self.path.removeprefix("/api/v1/").split("/") if part and "{" not in part]
        return parts[:1] or ["index"]

    def get_summary(self) -> str | None:
        """What an action does, in a few words."""
        return super().get_summary() or WORDS.get(self._action)

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with its shared headers, problems and right."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None or not isinstance(self.view, ApiViewSet):
            return operation
        operation.setdefault("parameters", []).extend(self._headers())
        self._mark_etag(operation)
        for status in self._problems():
            operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
        operation["x-policy"] = action_for(type(self.view), self._action)
        return operation

    def _headers(self) -> list[dict[str, Any]]:
        found = []
        if self.method in idempotency.METHODS:
            found.append(
                _header(
                    idempotency.HEADER,
                    "The same key again gives the same answer, once in effect; kept 48 h.",
                    '"order-4711"',
                )
            )
        if self._conditional and self.method == "PATCH":
            found.append(_header("If-Match", "ETag of the version you saw.", '"12-3"', required=True))
        elif self._conditional and self._action == "advance":
            found.append(_header("If-Match", "ETag of the version you saw; optional for steps.", '"12-3"'))
        elif self._compared:
            found.append(_header("If-Match", "ETag of the version you saw; without it nothing is compared.", '"12-3"'))
        elif self._keepable and self._action == "retrieve":
            found.append(_header("If-None-Match", "ETag you have; the answer is 304 while it is current.", '"12-3"'))
        return found

    @property
    def _conditional(self) -> bool:
        return bool(getattr(self.view, "conditional", False))

    @property
    def _compared(self) -> bool:
        """Whether the operation heeds If-Match: whatever is done to one thing that has an ETag."""
        return (self._conditional or self._tagged) and "{" in self.path and self.method not in {"GET", "HEAD"}

    @property
    def _tagged(self) -> bool:
        return bool(getattr(self.view, "tagged", False))

    @property
    def _keepable(self) -> bool:
        """Whether an answer may be 304."""
        return self._conditional or (self._tagged and not getattr(self.view, "whole", False))

    def _mark_etag(self, operation: Any) -> None:
        if (self._conditional or self._tagged) and self._action in ETAGGED:
            header = {"ETag": {"schema": {"type": "string"}, "description": "The version of what you got."}}
            operation["responses"]["201" if self._action == "create" else "200"]["headers"] = header
        if self._keepable and self._action == "retrieve":
            operation["responses"]["304"] = {"description": "You have the current version."}

    def _problems(self) -> list[int]:
        found = [400, 401, 403, 406, 429, 500, 503]
        if "{" in self.path:
            found.append(404)
        if self.method not in {"GET", "HEAD"}:
            found += [409, 413, 415]
        if self.method in idempotency.METHODS:
            found.append(422)
        if self._compared:
            found += [412, 428] if self._conditional and self.method == "PATCH" else [412]
        return sorted(found)


class _Envelope:
    """The shape of a list that comes whole."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The envelope without pages."""
        empty = {"type": "null"}
        return {
            "type": "object",
            "required": ["results", "next", "prev"],
            "properties": {"results": schema, "next": empty, "prev": empty},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[Any]:
        """No page parameters."""
        return []


def _header(name: str, text: str, example: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "schema": {"type": "string"},
        "description": text,
        "example": example,
    }


def _problem_answer(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": problems.TITLES[status][1],
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {429, 503}:
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    return answer


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Post-processing hook: the parts of the document no operation owns."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {f"Problem{status}": _problem_answer(status) for status in problems.TITLES}
    components.setdefault("securitySchemes", {}).update(
        {
            "apiKey": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key: `Bearer qms_<prefix>_<secret>`.",
            },
            "page": {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "A signed-in page.",
            },
        }
    )
    result["security"] = [{"apiKey": []}, {"page": []}]
    _dedupe(result)
    result["info"].setdefault("license", {"name": "Apache-2.0", "identifier": "Apache-2.0"})
    return result


def _dedupe(part: Any) -> None:
    """A column that may be null behind a relation that may be null is null once."""
    if isinstance(part, dict):
        if isinstance(part.get("type"), list):
            part["type"] = list(dict.fromkeys(part["type"]))
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            _dedupe(inner)
