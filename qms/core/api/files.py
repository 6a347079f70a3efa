"""Files by their own address: what they are, their bytes, taking one out."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core import files
from qms.core.errors import Denied
from qms.core.models import Attachment
from qms.core.rest.serializers import AttachmentOut
from qms.core.rest.views import ApiViewSet


class WithdrawIn(serializers.Serializer[Any]):
    """Why a file is taken out."""

    reason = serializers.CharField(max_length=300)


class AttachmentViewSet(ApiViewSet[Attachment]):
    """Files of the records you may see; a record's own list is at its `attachments`."""

    policy: ClassVar[Any] = {"retrieve": "record.view", "content": "record.view", "withdraw": "record.attach"}
    gives = AttachmentOut
    takes: ClassVar[Any] = {"withdraw": WithdrawIn}
    queryset: QuerySet[Attachment] = Attachment.objects.none()

    def readable(self, pk: str) -> Attachment:
        """The file, if the actor may see its record; else there is none."""
        try:
            with self.reading():
                return files.readable(int(pk), self.actor)
        except Denied as refusal:
            raise Http404(str(refusal)) from refusal

    def retrieve(self, request: Request, pk: str) -> Response:
        """Name, size, type and digest."""
        return self.answer(self.readable(pk))

    @extend_schema(summary="The bytes", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> FileResponse:
        """The file as it was added; it is checked against its digest first."""
        found = self.readable(pk)
        return FileResponse(
            files.opened(found),
            as_attachment=True,
            filename=found.name,
            content_type=found.blob.media_type,
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
        )

    @extend_schema(summary="Take a file out")
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """With the reason; its bytes and the history stay."""
        files.withdraw(self.readable(pk), reason=self.taken()["reason"], by=self.actor)
        return self.answer(self.readable(pk))
