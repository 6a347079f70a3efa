"""The record: everything that happens to quality has a number, a state, an owner, a site and a clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.timezone import now

from qms.core.flow import Flow, State, Within
from qms.core.models.people import Site, User

SEVERITIES = [("minor", "Minor"), ("major", "Major"), ("critical", "Critical"), ("safety", "Safety")]


class OfKind(models.Manager["Record"]):
    """Every child query names its kind, so that it joins the record and its row security."""

    def get_queryset(self) -> models.QuerySet[Any]:
        queryset = super().get_queryset()
        return queryset.filter(kind=self.model.KIND) if self.model.KIND else queryset


class Record(models.Model):
    """One thing of quality, of any kind; kinds are its children by multi-table inheritance."""

    KIND: ClassVar[str] = ""  # "ncr": the value of `kind`
    PREFIX: ClassVar[str] = ""  # "NCR": begins the number
    NOUN: ClassVar[str] = "record"  # "nonconformity": begins the actions of the policy
    LABEL: ClassVar[str] = "Record"  # "Nonconformity": what a person calls it
    SEARCH: ClassVar[tuple[str, ...]] = ()  # text fields the search reads
    flow: ClassVar[Flow[Any]]

    kind = models.CharField(max_length=16, editable=False)
    number = models.CharField(max_length=60, unique=True, editable=False)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=32, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    originator = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    severity = models.CharField(max_length=10, blank=True, choices=SEVERITIES)
    due = models.DateTimeField(null=True, blank=True)
    due_fixed = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="A person set the due date: no step moves it."
    )
    opened_at = models.DateTimeField(default=now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    state_since = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Self]] = OfKind()  # type: ignore[assignment]  # one manager for every child kind

    class Meta:
        indexes: ClassVar = [
            models.Index("kind", models.F("opened_at").desc(), name="record_kind"),
            models.Index("kind", "site", models.F("opened_at").desc(), include=("id",), name="record_kind_site"),
            models.Index("kind", "state", models.F("opened_at").desc(), name="record_kind_state"),
            models.Index("owner", "due", name="record_owner_open", condition=models.Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def etag(self) -> str:
        """What a client sends back in If-Match to change exactly what it saw."""
        return f'"{self.pk}-{self.version}"'

    def clock(self, state: State) -> tuple[datetime, Within] | None:
        """When the clock of a state began and how long it runs; a kind may know better from its own fields."""
        if state.within is None:
            return None
        return self.opened_at if state.within.since == "opened" else self.state_since, state.within

    def content(self, section: str) -> Mapping[str, Any]:
        """What a signature under this section covers; a child adds its own fields and rows."""
        return {"title": self.title}


class Series(models.Model):
    """The last number taken of a (kind, site, year)."""

    name = models.CharField(max_length=80, primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"


class FlowState(models.Model):
    """The states each kind may be in, filled from the flows after migrate, so the database knows them too."""

    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("kind", "state"), name="flow_state_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.state}"


class SearchEntry(models.Model):
    """The words of a record, beside it: on it they would make every transition slower."""

    record = models.OneToOneField(Record, models.CASCADE, primary_key=True, related_name="+")
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["words"], name="search_words")]

    def __str__(self) -> str:
        return f"words of record {self.pk}"
