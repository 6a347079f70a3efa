"""What gathers around a record, by API: comments, links, watchers, signatures, evidence, files."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core.actor import ALL
from qms.core.comments import add_comment
from qms.core.errors import Invalid
from qms.core.files import attach
from qms.core.links import link, linked
from qms.core.models import Link, Record
from qms.core.rest.serializers import (
    AttachmentIn,
    AttachmentOut,
    CommentIn,
    CommentOut,
    EvidenceOut,
    LinkIn,
    LinkOut,
    PersonRef,
    SignatureOut,
)
from qms.core.rest.views import ReadViewSet
from qms.core.watchers import unwatch, watch, watchers

R = TypeVar("R", bound=Record)


class AroundRecord(ReadViewSet[R]):
    """The sub-collections of a record; all of them come whole."""

    policy: ClassVar[Any] = {
        "comments": "record.view",
        "add_comment": "record.comment",
        "links": "record.view",
        "add_link": "record.link",
        "watchers": "record.view",
        "watch": "record.watch",
        "unwatch": "record.watch",
        "signatures": "record.view",
        "evidence": "evidence.view",
        "attachments": "record.view",
        "attach": "record.attach",
    }
    gives: ClassVar[Any] = {
        "comments": CommentOut,
        "add_comment": CommentOut,
        "links": LinkOut,
        "add_link": LinkOut,
        "watchers": PersonRef,
        "watch": PersonRef,
        "signatures": SignatureOut,
        "evidence": EvidenceOut,
        "attachments": AttachmentOut,
        "attach": AttachmentOut,
    }
    takes: ClassVar[Any] = {"add_comment": CommentIn, "add_link": LinkIn, "attach": AttachmentIn}
    lists: ClassVar[tuple[str, ...]] = (
        "comments",
        "links",
        "watchers",
        "watch",
        "signatures",
        "evidence",
        "attachments",
    )
    creates: ClassVar[tuple[str, ...]] = ("add_comment", "add_link", "attach")

    def found(self) -> R:
        """The record of the address, if the actor may see it."""
        with self.reading():
            return self.get_object()

    @extend_schema(summary="Comments, oldest first")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def comments(self, request: Request, pk: str) -> Response:
        """Remarks of people; no part of what is signed."""
        return self.answer_list(self.get_object().comments.select_related("author"))

    @extend_schema(summary="Comment")
    @comments.mapping.post
    def add_comment(self, request: Request, pk: str) -> Response:
        """Say something; `@name` asks that person to read it."""
        return self.answer(add_comment(self.found(), self.taken()["text"], by=self.actor), status=201)

    @extend_schema(summary="Links to and from other records")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def links(self, request: Request, pk: str) -> Response:
        """Both ways, as far as you may see the other end."""
        ends = [end.link for end in linked(self.get_object(), self.actor)]
        return self.answer_list(_links().filter(pk__in=ends).order_by("id"))

    @extend_schema(summary="Link to another record")
    @links.mapping.post
    def add_link(self, request: Request, pk: str) -> Response:
        """Point at another record and say how; a link that is there already is answered again."""
        record, data = self.found(), self.taken()
        with self.reading():
            other = self._other(data["target"])
        made = link(record, other, data["relation"], by=self.actor)
        with self.reading():
            return self.answer(_links().get(pk=made.pk), status=201)

    def _other(self, pk: int) -> Record:
        sites = self.actor.sites("record.view")
        rows = Record.objects.filter(Q() if sites is ALL else Q(site_id__in=sites), pk=pk)
        if not (other := rows.first()):
            raise Invalid({"target": [f"There is no record {pk} that you may see."]})
        return other

    @extend_schema(summary="Who watches")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def watchers(self, request: Request, pk: str) -> Response:
        """The people who are told of each new state and comment."""
        return self.answer_list(watchers(self.get_object()))

    @extend_schema(summary="Watch", request=None)
    @watchers.mapping.post
    def watch(self, request: Request, pk: str) -> Response:
        """Be told yourself; answers with everybody who watches now, also when you did before."""
        record = self.found()
        watch(record, by=self.actor)
        return self.answer_list(watchers(record))

    @extend_schema(summary="Watch no more", request=None, responses={204: None})
    @watchers.mapping.delete
    def unwatch(self, request: Request, pk: str) -> Response:
        """Be told no more; also when you were not."""
        unwatch(self.found(), by=self.actor)
        return Response(status=204)

    @extend_schema(summary="Signatures, oldest first")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def signatures(self, request: Request, pk: str) -> Response:
        """Who signed what, when, with which meaning, and whether it still holds."""
        return self.answer_list(self.get_object().signatures.select_related("void"))

    @extend_schema(summary="Frozen evidence")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def evidence(self, request: Request, pk: str) -> Response:
        """Data as they stood when they were used for a decision, with their digest."""
        return self.answer_list(self.get_object().evidence.all())

    @extend_schema(summary="Files")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None, parser_classes=[MultiPartParser])
    def attachments(self, request: Request, pk: str) -> Response:
        """The files of the record, also withdrawn ones."""
        return self.answer_list(self.get_object().attachments.select_related("blob", "uploaded_by"))

    @extend_schema(summary="Add a file")
    @attachments.mapping.post
    def attach(self, request: Request, pk: str) -> Response:
        """As multipart/form-data; a file of a section is part of what is signed there."""
        record, data = self.found(), self.taken()
        kept = attach(record, data["file"], section=data["section"], by=self.actor)
        return self.answer(kept, status=201)


def _links() -> Any:
    return Link.objects.select_related("source__site", "target__site")
