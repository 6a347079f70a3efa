"""Filters of the kernel's own lists, for pages and API alike."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.apps import apps
from django.db.models import QuerySet

from qms.core.models import Job, Notice, Record, Site, Token, Trail, User
from qms.core.people import visible_roles
from qms.core.policy import ROLES


class PersonFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By use, role and site."""

    active = django_filters.BooleanFilter("is_active", label="Can sign in")
    role = django_filters.ChoiceFilter("role", method="held", choices=list(ROLES.items()), label="Role")
    site = django_filters.CharFilter("site__code__iexact", method="held", label="Site", help_text="Code of a site.")

    class Meta:
        model = User
        fields: ClassVar = ["is_active"]

    def held(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """By a role that whoever asks may see."""
        return people.filter(pk__in=visible_roles(self.request.actor).filter(**{name: value}).values("user_id"))


class SiteFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By zone, and whether the data are invented."""

    timezone = django_filters.CharFilter(lookup_expr="iexact", label="Time zone")
    demo = django_filters.BooleanFilter(label="Demo")

    class Meta:
        model = Site
        fields: ClassVar = ["timezone"]


class TokenFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """API keys by whether they were ended."""

    ended = django_filters.BooleanFilter("revoked_at", lookup_expr="isnull", exclude=True, label="Ended")

    class Meta:
        model = Token
        fields: ClassVar = ["name"]


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By state and kind."""

    state = django_filters.ChoiceFilter(choices=Job.STATES, label="State")
    kind = django_filters.CharFilter(label="Kind")

    class Meta:
        model = Job
        fields: ClassVar = ["kind"]


class NoticeFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By kind, and whether they were read."""

    unread = django_filters.BooleanFilter("read_at", lookup_expr="isnull", label="Unread")
    kind = django_filters.CharFilter(label="Kind")

    class Meta:
        model = Notice
        fields: ClassVar = ["kind"]


DEEDS = [("I", "Made"), ("U", "Changed"), ("D", "Removed"), ("B", "First image")]


def _tables() -> list[tuple[str, str]]:
    """The tables of the rooms, in words."""
    found = {model._meta.db_table: str(model._meta.verbose_name).capitalize() for model in apps.get_models()}
    return sorted(found.items(), key=lambda pair: pair[1])


class TrailFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By record, what was changed, who, when, how and why."""

    number = django_filters.CharFilter(method="of_record", label="Record", help_text="Its number.")
    table = django_filters.ChoiceFilter("tbl", label="What")
    op = django_filters.ChoiceFilter(choices=DEEDS, label="Action")
    actor = django_filters.CharFilter(lookup_expr="icontains", label="Person")
    at = django_filters.DateFromToRangeFilter(label="Time")
    reason = django_filters.CharFilter(lookup_expr="icontains", label="Reason")
    reasoned = django_filters.BooleanFilter("reason", method="with_reason", label="Gives a reason")
    known = django_filters.BooleanFilter(label="Under a name")
    source = django_filters.CharFilter(lookup_expr="iexact", label="Came by")

    class Meta:
        model = Trail
        fields: ClassVar = ["op"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["table"].extra["choices"] = _tables()  # the rooms are known once all apps are

    def of_record(self, rows: QuerySet[Trail], name: str, value: str) -> QuerySet[Trail]:
        """Those of one record."""
        return rows.filter(record__in=Record.objects.filter(number__iexact=value.strip()).values("pk"))

    def with_reason(self, rows: QuerySet[Trail], name: str, value: bool) -> QuerySet[Trail]:
        """Those that say why, or do not."""
        return rows.exclude(reason="") if value else rows.filter(reason="")
