"""The base of every endpoint: who asks, may they, in which scope, and which shapes go in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from qms.core.actor import ANONYMOUS, Actor
from qms.core.errors import Conflict
from qms.core.rest import conditions, idempotency
from qms.core.rest.authentication import caller
from qms.core.rest.paging import envelope
from qms.core.rest.permissions import declared
from qms.core.trail import acting, coming_from, reading

M = TypeVar("M", bound=Model)
SAFE = ("GET", "HEAD", "OPTIONS")
Shape = type[BaseSerializer[Any]]


def _named(view: type, name: str) -> Shape | None:
    """What `gives` says under a name, in the class or its nearest base; one serializer alone is the default."""
    for base in view.__mro__:
        table = base.__dict__.get("gives")
        found = table.get(name) if isinstance(table, Mapping) else table if name == "default" else None
        if found:
            return cast("Shape", found)
    return None


class ApiViewSet(GenericViewSet[M]):
    """Declares per action: `policy`, `takes` (serializer in), `gives` (serializer out).

    Safe methods run inside reading(actor). The others do not: they call one service, and read what they answer with
    inside `self.reading()`. `self.actor` is who asks.
    """

    policy: ClassVar[str | Mapping[str, str]] = {}
    takes: ClassVar[Mapping[str, Shape]] = {}
    gives: ClassVar[Shape | Mapping[str, Shape]] = {}
    tagged: ClassVar[bool] = False  # plain rows: answers carry an ETag, whatever changes them heeds If-Match
    whole: ClassVar[bool] = False  # an answer shows more than its ETag stands for, so it is never 304
    lists: ClassVar[tuple[str, ...]] = ("list",)  # actions that answer with many
    creates: ClassVar[tuple[str, ...]] = ("create",)  # actions that answer 201
    ordering: ClassVar[str] = "-id"
    orderings: ClassVar[tuple[str, ...]] = ()
    lookup_value_regex = "[0-9]+"
    http_method_names = ("get", "post", "patch", "delete", "head")
    actor: Actor = ANONYMOUS

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks; the actor hangs on the request for everybody below."""
        super().perform_authentication(request)
        self.actor = caller(request)
        request._request.actor = self.actor  # type: ignore[attr-defined]  # noqa: SLF001 - below it only the plain request is known

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the checks, put the scope or the idempotency key around the handler."""
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        if handler := getattr(self, method, None):
            setattr(self, method, lambda *args, **kwargs: self._around(lambda: handler(*args, **kwargs)))

    def _around(self, answer: Callable[[], Response]) -> Response:
        if self.request.method in SAFE:
            with self.reading():
                return answer()
        with coming_from("api"):
            if not (key := idempotency.key_of(self.request)):
                return self.as_seen(answer)
            return idempotency.once(
                self.request,
                key,
                self.actor,
                one_act=self.one_act(),
                answer=lambda: self.as_seen(answer),
                keep=self.keepable,
            )

    def as_seen(self, answer: Callable[[], Response]) -> Response:
        """Answer a change, a removal or an action only for the version that If-Match names; here nothing has one."""
        return answer()

    def one_act(self) -> bool:
        """Whether all a request does may commit as one; not when a proof of person must stay on record."""
        return True

    def keepable(self, data: Any) -> Any:
        """What of an answer may be stored for a repeated request; secrets may not."""
        return data

    def reading(self) -> Any:
        """A scoped block for reads of this request's actor."""
        return reading(self.actor)

    def shape_in(self, action: str = "") -> Shape | None:
        """The serializer of what an action takes."""
        shape: Shape | None = declared(type(self), "takes", action or self.action or "")
        return shape

    def shape_out(self, action: str = "") -> Shape | None:
        """The serializer of what an action gives; the one called `default` when it has none of its own."""
        return _named(type(self), action or self.action or "") or _named(type(self), "default")

    def get_serializer_class(self) -> Shape:
        """What the schema and the framework ask for."""
        shape = self.shape_out() or self.shape_in()
        if shape is None:
            raise TypeError(f"{type(self).__name__} names no serializer for {self.action}.")
        return shape

    def taken(self) -> dict[str, Any]:
        """The validated input of this action; 400 with pointers when it is not valid."""
        shape = self.shape_in()
        if shape is None:
            return {}
        with self.reading():
            serializer = shape(data=self.request.data, context=self.get_serializer_context(), partial=False)
            serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def shown(self, thing: Any, **kwargs: Any) -> Any:
        """A thing in the output shape of this action."""
        shape = self.shape_out()
        if shape is None:
            raise TypeError(f"{type(self).__name__} names no output for {self.action}.")
        with self.reading():
            return shape(thing, context=self.get_serializer_context(), **kwargs).data

    def answer(self, thing: Any, *, status: int = 200, **headers: str) -> Response:
        """One thing; headers by keyword (`ETag=...`)."""
        return Response(self.shown(thing), status=status, headers=headers)

    def answer_list(self, things: Any) -> Response:
        """A few things, all at once, in the envelope of every list."""
        return Response(envelope(self.shown(things, many=True)))

    def answer_pages(self, queryset: QuerySet[Any]) -> Response:
        """Many things, by pages, after the filters of the request."""
        page = self.paginate_queryset(self.filter_queryset(queryset)) or []
        return self.get_paginated_response(self.shown(page, many=True))


class ReadViewSet(ApiViewSet[M]):
    """List and retrieve; `visible()` says what the actor may see."""

    def visible(self) -> QuerySet[M]:
        """The rows this actor may see."""
        raise TypeError(f"{type(self).__name__} does not say what is visible.")

    def get_queryset(self) -> QuerySet[M]:
        """The framework's name for visible()."""
        return self.visible()

    def list(self, request: Request) -> Response:
        """All you may see, by pages."""
        return self.answer_pages(self.get_queryset())

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them; with its ETag, and 304 when you have it already, where the collection has ETags."""
        thing = self.get_object()
        if self.tagged and not self.whole and conditions.has_it(request, self.etag(thing)):
            return Response(status=304, headers={"ETag": self.etag(thing)})
        return self.answer_tagged(thing)

    def etag(self, thing: M) -> str:
        """The ETag of one; a room adds what else its answer shows."""
        return conditions.etag_of(thing)

    def as_seen(self, answer: Callable[[], Response]) -> Response:
        """With If-Match on one of a tagged collection: hold the row as the caller saw it while the answer is made."""
        if not self.tagged or "pk" not in self.kwargs or not self.request.headers.get("If-Match"):
            return answer()
        with self.reading():
            thing = self.get_object()
        with acting(self.actor, reason=idempotency.reason_of(self.request)):
            self.unchanged(thing)
            return answer()

    def unchanged(self, thing: M) -> None:
        """Hold the row's lock and raise Conflict when it is no longer as the caller saw it."""
        fresh = type(thing)._default_manager.select_for_update(no_key=True).filter(pk=thing.pk).first()
        if fresh is None:
            raise Conflict(f"{thing} is gone: somebody else took it away in the meantime.")
        conditions.require_seen(self.request, fresh, self.etag(fresh))

    def answer_tagged(self, thing: M, *, status: int = 200) -> Response:
        """One, with its ETag where the collection has them."""
        response = self.answer(thing, status=status)
        if self.tagged:
            response["ETag"] = self.etag(thing)
        return response


class ListViewSet(ReadViewSet[M]):
    """Plain models that are written through services: `open(data)` makes one, `change(thing, data)` changes one.

    A `tagged` collection answers with ETags; what is sent with If-Match happens only to the version it names.
    """

    def open(self, data: dict[str, Any]) -> M:
        """Call the service that makes one."""
        raise TypeError(f"{type(self).__name__} does not say how one is made.")

    def change(self, thing: M, data: dict[str, Any]) -> M:
        """Call the service that changes one."""
        raise TypeError(f"{type(self).__name__} does not say how one is changed.")

    def create(self, request: Request) -> Response:
        """Make one."""
        made = self.open(self.taken())
        return self.answer_tagged(made, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields of one."""
        with self.reading():
            thing = self.get_object()
        data = self.taken()
        with acting(self.actor, reason=str(data.get("reason", ""))) if self.tagged else nullcontext():
            changed = self.change(thing, data)
        return self.answer_tagged(changed)
