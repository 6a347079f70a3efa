"""What people type about gages and calibrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from governance.forms.plant import SiteForm
from governance.models import (
    MULTIVARIATE,
    CalibrationResult,
    Characteristic,
    Equipment,
    Gage,
    GageKind,
    GageStatus,
    Level,
)
from governance.models.gages import MOST_DAYS, MOST_MONTHS
from qms.core.comments import people_at
from qms.core.models import Site, User
from qms.web.forms import Day, Styled

NAMES = (
    "code", "name", "kind", "serial", "station", "owner", "unit", "resolution", "range_low", "range_high",
    "interval_months", "interval_days", "warn_days", "study_months",
)  # fmt: skip


class GageFields(forms.Form):
    """What is known of a gage, on a new one and on one that is there."""

    code = forms.CharField(max_length=40, help_text="Such as G-017; it stands on the sticker.")
    name = forms.CharField(max_length=160, help_text="Such as Digital calliper 150 mm.")
    kind = forms.ChoiceField(choices=GageKind.choices)
    serial = forms.CharField(max_length=60, required=False, label="Serial number")
    station = forms.ModelChoiceField(Equipment.objects.none(), required=False)
    characteristics = forms.ModelMultipleChoiceField(
        Characteristic.objects.none(), required=False, label="Measures",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Responsible", empty_label="Quality engineers of the site",
        help_text="Is asked before the calibration is due.",
    )  # fmt: skip
    unit = forms.CharField(max_length=40, required=False)
    resolution = forms.FloatField(required=False, help_text="The smallest step it shows.")
    range_low = forms.FloatField(required=False, label="Range from")
    range_high = forms.FloatField(required=False, label="Range to")
    interval_months = forms.IntegerField(
        min_value=0, max_value=MOST_MONTHS, initial=12, label="Calibrate every, months"
    )
    interval_days = forms.IntegerField(
        min_value=0, max_value=MOST_DAYS, initial=0, label="and days", help_text="Added to the months."
    )
    warn_days = forms.IntegerField(min_value=0, max_value=MOST_DAYS, initial=30, label="Warn before it is due, days")
    study_months = forms.IntegerField(
        min_value=1, max_value=MOST_MONTHS, initial=12, label="A gage study holds for, months"
    )


def _offered(sites: Sequence[Any]) -> dict[str, Any]:
    """What can be chosen at some sites."""
    ids = [getattr(site, "pk", site) for site in sites]
    people = User.objects.none()
    for pk in ids:
        people = people | people_at(pk)
    return {
        "station": Equipment.objects.filter(site__in=ids, level=Level.STATION, active=True).select_related("parent"),
        "characteristics": _measurable(ids),
        "owner": people.order_by("name"),
    }


def _measurable(sites: Sequence[int]) -> QuerySet[Characteristic]:
    """What a gage can measure: everything in use but charts that others are judged together on."""
    rows = Characteristic.objects.filter(site__in=sites, active=True).exclude(chart__in=MULTIVARIATE)
    return rows.order_by("code")


class GageForm(GageFields, SiteForm):
    """A new gage."""

    field_order = ("site", *NAMES[:5], "characteristics", *NAMES[5:])

    def choices_of(self, sites: Sequence[Site]) -> dict[str, forms.Field]:
        """Sites, and what can be chosen there."""
        self.offered = _offered(sites)
        return super().choices_of(sites)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in self.offered.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]  # they are model choices


class GageEditForm(GageFields, Styled):
    """What may change on a gage."""

    field_order = (*NAMES[:5], "characteristics", *NAMES[5:])

    def __init__(self, *args: Any, row: Gage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in _offered([row.site_id]).items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]  # they are model choices


class GageStatusForm(Styled):
    """Block, retire or use again."""

    status = forms.ChoiceField(choices=GageStatus.choices, label="State")
    reason = forms.CharField(max_length=300, label="Why", widget=forms.Textarea(attrs={"rows": 2}))


class CalibrationForm(Styled):
    """A calibration as its certificate says."""

    on = Day(label="Calibrated on", initial=timezone.localdate)
    result = forms.ChoiceField(choices=CalibrationResult.choices, widget=forms.RadioSelect)
    certificate = forms.CharField(max_length=80, required=False, label="Certificate number")
    lab = forms.CharField(max_length=120, required=False, label="Laboratory")
    done_by = forms.CharField(max_length=120, required=False, label="Calibrated by")
    file = forms.FileField(required=False, label="Certificate as a file", help_text="PDF, picture or table.")
    note = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class WithdrawForm(Styled):
    """Why a calibration does not count."""

    reason = forms.CharField(max_length=300, label="Why", widget=forms.Textarea(attrs={"rows": 2}))
