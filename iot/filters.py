"""Filters of the floor's lists, for pages and API alike."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet

from governance.models import Characteristic, Chart, Parameter
from iot.models import (
    Annotation,
    ControlLimits,
    Correction,
    Device,
    DeviceProfile,
    EdgeNode,
    Exclusion,
    ProductionRun,
    Quarantine,
    Reading,
    ReadingGap,
    Signal,
    SignalState,
    Subgroup,
)
from qms.core.rest.filters import RecordFilter


class SignalFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By state, characteristic, station and time."""

    state = django_filters.ChoiceFilter(choices=SignalState.choices, label="State")
    characteristic = django_filters.NumberFilter("characteristic_id", label="Characteristic", help_text="Id.")
    code = django_filters.CharFilter("characteristic__code", lookup_expr="iexact", label="Code")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")
    since = django_filters.IsoDateTimeFilter("first_at", lookup_expr="gte", label="Since")
    until = django_filters.IsoDateTimeFilter("first_at", lookup_expr="lt", label="Until")
    retrospective = django_filters.BooleanFilter(label="Found later")

    class Meta:
        model = Signal
        fields: ClassVar = ["state"]


class CharacteristicFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By chart, station, part and use."""

    chart = django_filters.ChoiceFilter(choices=Chart.choices, label="Chart")
    code = django_filters.CharFilter(lookup_expr="iexact", label="Code")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")
    line = django_filters.CharFilter("station__parent__code", lookup_expr="iexact", label="Line")
    active = django_filters.BooleanFilter(label="In use")

    class Meta:
        model = Characteristic
        fields: ClassVar = ["chart"]


class DeviceFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By state and site."""

    state = django_filters.ChoiceFilter(choices=Device.State.choices, label="State")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = Device
        fields: ClassVar = ["state"]


class SourceFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By site, whether the account balances, and whether it is silent."""

    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")
    balanced = django_filters.BooleanFilter(
        "unexplained", method="by_balance", label="Balances", help_text="No (false): readings are unaccounted for."
    )
    silent = django_filters.BooleanFilter(
        "received", method="by_silence", label="Silent", help_text="Yes (true): nothing was heard in the last 30 days."
    )

    class Meta:
        model = Device
        fields: ClassVar = ["site"]

    def by_balance(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those whose account balances, or does not."""
        return rows.filter(unexplained=0) if value else rows.exclude(unexplained=0)

    def by_silence(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those that sent nothing, or something."""
        return rows.filter(received=0) if value else rows.exclude(received=0)


class NodeFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By state and site."""

    state = django_filters.ChoiceFilter(choices=EdgeNode.State.choices, label="State")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = EdgeNode
        fields: ClassVar = ["state"]


class LimitsFilter(RecordFilter):
    """By characteristic and version, beside what every record is filtered by."""

    characteristic = django_filters.NumberFilter("characteristic_id", label="Characteristic", help_text="Id.")
    revision = django_filters.NumberFilter("revision", label="Version")

    class Meta:
        model = ControlLimits
        fields: ClassVar = ["characteristic"]


class QuarantineFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By reason, state and topic."""

    reason = django_filters.CharFilter(label="Reason", help_text="Code such as value.type.")
    state = django_filters.ChoiceFilter(choices=Quarantine.State.choices, label="State")
    topic = django_filters.CharFilter(lookup_expr="icontains", label="Topic")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")
    since = django_filters.IsoDateTimeFilter("received_at", lookup_expr="gte", label="Since")

    class Meta:
        model = Quarantine
        fields: ClassVar = ["reason"]


class CorrectionFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By state and parameter."""

    state = django_filters.ChoiceFilter(choices=Correction.State.choices, label="State")
    path = django_filters.CharFilter("parameter__path", lookup_expr="icontains", label="Parameter")

    class Meta:
        model = Correction
        fields: ClassVar = ["state"]


class ExclusionFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By characteristic, and whether the points count again."""

    characteristic = django_filters.NumberFilter("characteristic_id", label="Characteristic", help_text="Id.")
    lifted = django_filters.BooleanFilter(
        "lifted_at", lookup_expr="isnull", exclude=True, label="Lifted", help_text="Yes (true): the points count again."
    )

    class Meta:
        model = Exclusion
        fields: ClassVar = ["characteristic"]


class AnnotationFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By characteristic, kind and time."""

    characteristic = django_filters.NumberFilter("characteristic_id", label="Characteristic", help_text="Id.")
    kind = django_filters.ChoiceFilter(choices=Annotation.Kind.choices, label="Kind")
    since = django_filters.IsoDateTimeFilter("at", lookup_expr="gte", label="Since")
    until = django_filters.IsoDateTimeFilter("at", lookup_expr="lt", label="Until")

    class Meta:
        model = Annotation
        fields: ClassVar = ["kind"]


class RunFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By characteristic and time."""

    characteristic = django_filters.NumberFilter("characteristic_id", label="Characteristic", help_text="Id.")
    since = django_filters.IsoDateTimeFilter("begins_at", lookup_expr="gte", label="Since")
    until = django_filters.IsoDateTimeFilter("begins_at", lookup_expr="lt", label="Until")

    class Meta:
        model = ProductionRun
        fields: ClassVar = ["part"]


class PointFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By time and state."""

    since = django_filters.IsoDateTimeFilter("t", lookup_expr="gte", label="Since")
    until = django_filters.IsoDateTimeFilter("t", lookup_expr="lt", label="Until")
    state = django_filters.ChoiceFilter(choices=Subgroup.State.choices, label="State")

    class Meta:
        model = Subgroup
        fields: ClassVar = ["state"]


class ReadingFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By parameter and time."""

    parameter = django_filters.NumberFilter("parameter_id", label="Parameter", help_text="Id of the parameter.")
    path = django_filters.CharFilter("parameter__path", lookup_expr="iexact", help_text="Path of the parameter.")
    since = django_filters.IsoDateTimeFilter("t", lookup_expr="gte", label="Since")
    until = django_filters.IsoDateTimeFilter("t", lookup_expr="lt", label="Until")

    class Meta:
        model = Reading
        fields: ClassVar = ["parameter"]


class GapFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By parameter, device, kind, and whether it was filled."""

    path = django_filters.CharFilter("parameter__path", lookup_expr="iexact", label="Parameter")
    device = django_filters.NumberFilter("device_id", label="Device", help_text="Id.")
    kind = django_filters.ChoiceFilter(choices=ReadingGap.Kind.choices, label="Kind")
    filled = django_filters.BooleanFilter("filled_at", lookup_expr="isnull", exclude=True, label="Filled")
    since = django_filters.IsoDateTimeFilter("since", lookup_expr="gte", label="Since")
    until = django_filters.IsoDateTimeFilter("until", lookup_expr="lt", label="Until")

    class Meta:
        model = ReadingGap
        fields: ClassVar = ["kind"]


class ProfileFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By site and use."""

    active = django_filters.BooleanFilter(label="In use")
    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")

    class Meta:
        model = DeviceProfile
        fields: ClassVar = ["active"]


class RetentionFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """By site, class and hold."""

    site = django_filters.CharFilter("site__code", lookup_expr="iexact", label="Site", help_text="Code of a site.")
    path = django_filters.CharFilter(lookup_expr="iexact", label="Path")
    retention_class = django_filters.NumberFilter(
        "retention__retention_class_id", label="Class", help_text="Id of a retention class."
    )
    hold = django_filters.BooleanFilter(method="by_hold", label="Held", help_text="true: everything of it is held.")

    class Meta:
        model = Parameter
        fields: ClassVar = ["path"]

    def by_hold(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those that are held, or not."""
        return rows.filter(retention__hold=True) if value else rows.exclude(retention__hold=True)
