"""API keys: made on a signed-in page's session, shown once, revoked at any time."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core.errors import Denied
from qms.core.models import Token, User
from qms.core.rest.serializers import MomentField
from qms.core.rest.views import ReadViewSet
from qms.core.tokens import issue_token, revoke_token


class TokenOut(serializers.ModelSerializer[Token]):
    """A key; the key itself is never shown again."""

    class Meta:
        model = Token
        fields = ("id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")


class NewTokenOut(TokenOut):
    """A new key with the one sight of its text."""

    key = serializers.CharField(allow_null=True, help_text="Shown this once; null when the request is repeated.")

    class Meta(TokenOut.Meta):
        fields = (*TokenOut.Meta.fields, "key")  # type: ignore[assignment]  # one longer


class TokenIn(serializers.Serializer[Any]):
    """What the key is for, what it may, until when."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=60),
        default=["*"],
        help_text="Patterns such as capa.* or *.view.",
    )
    expires_at = MomentField(required=False, allow_null=True, default=None)


class TokenViewSet(ReadViewSet[Token]):
    """Your API keys."""

    policy: ClassVar[Any] = {
        "list": "token.view",
        "retrieve": "token.view",
        "create": "token.edit",
        "revoke": "token.edit",
    }
    gives: ClassVar[Any] = {"default": TokenOut, "create": NewTokenOut}
    takes: ClassVar[Any] = {"create": TokenIn}

    def visible(self) -> QuerySet[Token]:
        """Your own."""
        return Token.objects.filter(user_id=self.actor.id or 0)

    @extend_schema(summary="Make a key")
    def create(self, request: Request) -> Response:
        """Only from a signed-in page: a key that makes keys would outgrow its scopes."""
        if self.actor.kind != "person":
            raise Denied("An API key cannot make API keys. Sign in on the page and make it there.")
        data = self.taken()
        token, text = issue_token(User.objects.get(pk=self.actor.id or 0), data.pop("name"), by=self.actor, **data)
        token.key = text  # type: ignore[attr-defined]  # shown once, in this answer alone
        return self.answer(token, status=201)

    def keepable(self, data: Any) -> Any:
        """A repeated request gets the row, not the key."""
        return {**data, "key": None} if self.action == "create" else data

    @extend_schema(summary="End a key")
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """At once and for good."""
        with self.reading():
            token = self.get_object()
        return self.answer(revoke_token(token, by=self.actor))
