"""The plants: names, zone, working calendar, shifts, numbers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from qms.core.actor import ALL
from qms.core.models import Holiday, Site
from qms.core.rest import conditions
from qms.core.rest.views import ListViewSet
from qms.core.sites import change_site, create_site


class HolidayShape(serializers.ModelSerializer[Holiday]):
    """A day on which the clocks of a site stand still."""

    class Meta:
        model = Holiday
        fields = ("day", "name")


class ShiftIn(serializers.Serializer[Any]):
    """When a shift begins."""

    name = serializers.CharField(max_length=40)
    start = serializers.RegexField(r"^([01]\d|2[0-3]):[0-5]\d\Z", help_text="HH:MM in the zone of the site.")


class SiteOut(serializers.ModelSerializer[Site]):
    """A plant: its zone, its working calendar."""

    holidays = HolidayShape(many=True, read_only=True)

    class Meta:
        model = Site
        fields = (
            "id", "code", "name", "timezone", "language", "number_pattern", "workdays", "shifts", "holidays", "demo",
        )  # fmt: skip


class _Calendar(serializers.Serializer[Any]):
    """What may be said about every plant."""

    timezone = serializers.CharField(max_length=64, required=False)
    number_pattern = serializers.CharField(
        max_length=60, required=False, help_text="Holds {kind}, {year} and {n}; {site} where plants share it."
    )
    workdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), required=False, allow_empty=False,
        help_text="Working days, Monday is 0.",
    )  # fmt: skip
    shifts = ShiftIn(many=True, required=False)


class SiteIn(_Calendar):
    """A new plant."""

    code = serializers.CharField(max_length=12)
    name = serializers.CharField(max_length=120)


class SiteChange(_Calendar):
    """What may change on a plant; clocks started from now on follow the new calendar."""

    name = serializers.CharField(max_length=120, required=False)
    holidays = HolidayShape(many=True, required=False, help_text="In place of those there are.")
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class SiteViewSet(ListViewSet[Site]):
    """The plants you work for."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve"), "site.view"),
        **dict.fromkeys(("create", "partial_update"), "site.edit"),
    }
    gives = SiteOut
    takes: ClassVar[Any] = {"create": SiteIn, "partial_update": SiteChange}
    queryset = Site.objects.none()
    tagged = True
    ordering = "code"

    def visible(self) -> QuerySet[Site]:
        """Your sites."""
        sites = self.actor.sites("site.view")
        rows = Site.objects.prefetch_related("holidays")
        return rows if sites is ALL else rows.filter(pk__in=sites)

    def etag(self, thing: Site) -> str:
        """The site with its holidays."""
        return conditions.etag_of(thing, sorted(map(str, thing.holidays.all())))

    def open(self, data: dict[str, Any]) -> Site:
        """Make one."""
        return create_site(**data, by=self.actor)

    def change(self, thing: Site, data: dict[str, Any]) -> Site:
        """Change one."""
        data.pop("reason")
        if "holidays" in data:
            data["holidays"] = [(row["day"], row["name"]) for row in data["holidays"]]
        return change_site(thing, by=self.actor, **data)
