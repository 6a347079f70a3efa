"""A chart as it stands now: what several parts of one answer rest on is asked once."""

from __future__ import annotations

from functools import cached_property

from django.db.models import QuerySet

from governance.models import Characteristic
from iot.charting.plans import fits
from iot.models import ChartState, ControlLimits, Subgroup
from iot.queries.lists import points_under

_POINTS = 400


class Standing:
    """The limits in force, the state and the newest points of a chart, each read when it is first asked for.

    It is made for one answer and thrown away with it: it does not see what changes meanwhile.
    """

    def __init__(self, characteristic: Characteristic) -> None:
        self.characteristic = characteristic

    @cached_property
    def state(self) -> ChartState | None:
        """Where the chart stands; None before its first reading."""
        return ChartState.objects.filter(pk=self.characteristic.pk).first()

    @cached_property
    def limits(self) -> ControlLimits | None:
        """The limits in force that fit the chart as it is now."""
        rows = ControlLimits.objects.filter(characteristic=self.characteristic, state="in_force").order_by("-revision")
        return next((row for row in rows if fits(row, self.characteristic)), None)

    @property
    def rows(self) -> QuerySet[Subgroup]:
        """The points formed by the chart and subgroup size of today."""
        return points_under(self.characteristic, self.state)

    @cached_property
    def points(self) -> list[list[float]]:
        """The single values of the newest points that count under the limits in force, oldest first."""
        rows = self.rows.filter(state=Subgroup.State.OK)
        rows = rows.filter(limits=self.limits) if self.limits else rows
        return list(rows.order_by("-n").values_list("values", flat=True)[:_POINTS])[::-1]
