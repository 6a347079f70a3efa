"""Shapes every room's API shares: sites and people by name, records, what gathers around a record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from qms.core.actor import ALL
from qms.core.models import Attachment, Comment, FrozenEvidence, Link, Record, Signature, Site, User
from qms.core.storable import OUTSIDE, plausible


@extend_schema_field({"type": "string", "examples": ["NV1"], "description": "Code of a site."})
class SiteField(serializers.RelatedField[Site, Any, str]):
    """A site by its code; input may also be its id."""

    default_error_messages: ClassVar = {"unknown": "There is no site {value} that you may see."}

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs.setdefault("queryset", Site.objects.none())  # the framework asks for one; get_queryset answers
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[Site]:
        """The sites of who asks."""
        sites = self.context["view"].actor.sites()
        return Site.objects.all() if sites is ALL else Site.objects.filter(pk__in=sites)

    def to_internal_value(self, data: Any) -> Site:
        """The site of this code or id."""
        lookup = {"pk": data} if isinstance(data, int) else {"code": str(data)}
        site = self.get_queryset().filter(**lookup).first()
        if site is None:
            self.fail("unknown", value=data)
        return site

    def to_representation(self, value: Any) -> str:
        """The code."""
        return str(value.code)


@extend_schema_field({"type": ["integer", "string"], "examples": ["ana@example.com", 7]})
class PersonField(serializers.RelatedField[User, Any, str]):
    """A person in input, by e-mail address or id."""

    default_error_messages: ClassVar = {"unknown": "There is no active person {value}."}

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs.setdefault("queryset", User.objects.none())  # the framework asks for one; get_queryset answers
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet[User]:
        """Everybody who can still act."""
        return User.objects.filter(is_active=True)

    def to_internal_value(self, data: Any) -> User:
        """The active person of this address or id."""
        lookup = {"pk": data} if isinstance(data, int) else {"email": str(data).lower()}
        person = self.get_queryset().filter(**lookup).first()
        if person is None:
            self.fail("unknown", value=data)
        return person

    def to_representation(self, value: Any) -> str:
        """The address."""
        return str(value.email)


class MomentField(serializers.DateTimeField):
    """A moment in input, in a year that can be kept."""

    def to_internal_value(self, value: Any) -> datetime:
        """The moment."""
        found: datetime = super().to_internal_value(value)
        if not plausible(found):
            raise serializers.ValidationError(OUTSIDE)
        return found


class UtcField(serializers.DateTimeField):
    """A moment in output: in UTC always, so that no value of a long list asks which zone is meant."""

    timezone = UTC


class DayField(serializers.DateField):
    """A day in input, in a year that can be kept."""

    def to_internal_value(self, value: Any) -> date:
        """The day."""
        found: date = super().to_internal_value(value)
        if not plausible(found):
            raise serializers.ValidationError(OUTSIDE)
        return found


class PersonRef(serializers.Serializer[User]):
    """A person in output: id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class RecordOut(serializers.ModelSerializer[Any]):
    """The common half of every record; a room's own serializer adds its fields after `Meta.fields`."""

    site = SiteField(read_only=True)
    owner = PersonRef(read_only=True, allow_null=True)
    originator = PersonRef(read_only=True, allow_null=True)
    state_label = serializers.SerializerMethodField(help_text="The state in words.")
    etag = serializers.CharField(read_only=True, help_text="Send it back in If-Match to change what you saw.")
    serializer_field_mapping: ClassVar[Any] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcField,
    }

    class Meta:
        model = Record
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "number",
            "title",
            "state",
            "state_label",
            "site",
            "owner",
            "originator",
            "severity",
            "due",
            "opened_at",
            "closed_at",
            "state_since",
            "updated_at",
            "version",
            "etag",
        )
        read_only_fields = fields

    def get_state_label(self, record: Record) -> str:
        """The state in the words of its flow."""
        flow = getattr(type(record), "flow", None)
        return flow.state(record.state).label if flow else record.state


class RecordIn(serializers.Serializer[Any]):
    """What every record may be opened with; the site falls to your first one, the owner to you."""

    title = serializers.CharField(max_length=200)
    site = SiteField(required=False, help_text="Left out: your first site.")
    owner = PersonField(required=False, help_text="Left out: you.")
    due = MomentField(required=False, help_text="Left out: by the clock of the first state.")


class RecordChange(serializers.Serializer[Any]):
    """What may be changed on every record, with the reason that goes into its history."""

    title = serializers.CharField(max_length=200, required=False)
    owner = PersonField(required=False, allow_null=True)
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=500, help_text="Why; goes into the history."
    )


class ExtendIn(serializers.Serializer[Any]):
    """More time for an open record."""

    due = MomentField(help_text="Later than the present due date and than now.")
    reason = serializers.CharField(max_length=500, help_text="Why more time is needed; counted and kept.")


class AdvanceIn(serializers.Serializer[Any]):
    """One step of the record's flow."""

    step = serializers.CharField(help_text="Name of the step, as `steps` lists it.")
    reason = serializers.CharField(required=False, default="", allow_blank=True, help_text="Why; some steps demand it.")
    note = serializers.CharField(required=False, default="", allow_blank=True, help_text="Printed with the signature.")
    password = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        write_only=True,
        trim_whitespace=False,
        help_text="For signed steps; only a signed-in person can sign, never an API key.",
    )


class StepOut(serializers.Serializer[Any]):
    """A step you may take from here, and what still refuses it."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the framework's attribute
    target = serializers.CharField()
    meaning = serializers.CharField(help_text="Not empty: the step is signed, with this meaning.")
    reason_needed = serializers.BooleanField()
    ready = serializers.BooleanField()
    refusals = serializers.ListField(child=serializers.CharField())


class ChangeOut(serializers.Serializer[Any]):
    """One field of one row, before and after."""

    table = serializers.CharField()
    pk = serializers.IntegerField()
    op = serializers.CharField(help_text="I made, U changed, D removed.")
    field = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)


class ActOut(serializers.Serializer[Any]):
    """One deed of the history: who, when, why, what."""

    id = serializers.CharField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the framework's attribute
    changes = ChangeOut(many=True)


class SignatureOut(serializers.ModelSerializer[Signature]):
    """A signature as it is printed, and whether it still holds."""

    valid = serializers.SerializerMethodField(help_text="False once the signed content has changed.")

    class Meta:
        model = Signature
        fields = (
            "id",
            "printed_name",
            "meaning",
            "step",
            "section",
            "note",
            "at",
            "timezone",
            "method",
            "record_version",
            "digest",
            "valid",
        )

    def get_valid(self, signature: Signature) -> bool:
        """Whether nothing voided it."""
        return signature.holds


class CommentOut(serializers.ModelSerializer[Comment]):
    """A remark."""

    author = PersonRef()

    class Meta:
        model = Comment
        fields = ("id", "author", "text", "created_at")


class CommentIn(serializers.Serializer[Any]):
    """A remark; @name tells that person."""

    text = serializers.CharField(max_length=10_000)


class RecordRef(serializers.ModelSerializer[Record]):
    """Another record, in short."""

    site = SiteField(read_only=True)

    class Meta:
        model = Record
        fields = ("id", "kind", "number", "title", "state", "site")


class LinkOut(serializers.ModelSerializer[Link]):
    """A link between two records."""

    source = RecordRef()  # type: ignore[assignment]  # a field of that name, not the framework's attribute
    target = RecordRef()

    class Meta:
        model = Link
        fields = ("id", "source", "target", "relation", "created_at", "created_by")


class LinkIn(serializers.Serializer[Any]):
    """A link from this record to another."""

    target = serializers.IntegerField(help_text="Id of the other record.")
    relation = serializers.CharField(max_length=30, default="related")


class AttachmentOut(serializers.ModelSerializer[Attachment]):
    """A file of a record."""

    digest = serializers.CharField(source="blob.digest", help_text="SHA-256 of the content.")
    size = serializers.IntegerField(source="blob.size", help_text="Bytes.")
    media_type = serializers.CharField(source="blob.media_type")
    uploaded_by = PersonRef(allow_null=True)

    class Meta:
        model = Attachment
        fields = ("id", "name", "section", "size", "media_type", "digest", "uploaded_by", "uploaded_at", "withdrawn_at")


class AttachmentIn(serializers.Serializer[Any]):
    """A file, sent as multipart/form-data."""

    file = serializers.FileField()
    section = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class EvidenceOut(serializers.ModelSerializer[FrozenEvidence]):
    """Data as they stood when they were used for a decision."""

    class Meta:
        model = FrozenEvidence
        fields = ("id", "kind", "title", "source_url", "data", "digest", "frozen_at", "frozen_by")
