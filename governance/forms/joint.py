"""What people type about characteristics that are judged together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.models import MULTIVARIATE, Characteristic, Chart
from qms.web.forms import Styled

_CHARTS = [(one.value, one.label.partition(",")[0]) for one in Chart if one.value in MULTIVARIATE]
_PAIRS = [
    ("exact", "The same serial number, or the same time"),
    ("window", "The same serial number, or within the wait"),
    ("time", "The same time, whatever their serial numbers"),
]


class _Members(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Characteristics, each with its station."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {obj.name} ({obj.station.name})"


class JointForm(Styled):
    """Which characteristics are judged as one vector, how their readings meet, and by which chart."""

    code = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    name = forms.CharField(max_length=120)
    members = _Members(
        Characteristic.objects.none(), label="Judged together", widget=forms.CheckboxSelectMultiple,
        help_text="Two to twenty measured characteristics of one station or one process.",
    )  # fmt: skip
    chart = forms.ChoiceField(
        choices=_CHARTS, help_text="T² sees a large change at once, MEWMA a small one that lasts.",
    )  # fmt: skip
    pair = forms.ChoiceField(
        choices=_PAIRS, label="Readings belong together by",
        help_text="What lacks a value after the wait is kept as missing, never filled up.",
    )  # fmt: skip
    wait = forms.FloatField(label="Wait for each other, s", min_value=0.001, max_value=600, initial=60)
    alpha = forms.FloatField(required=False, label="T²: risk α of a false alarm", help_text="0.0027 where left out.")
    weight = forms.FloatField(required=False, label="MEWMA: weight λ", help_text="0.1 where left out.")
    arl = forms.FloatField(
        required=False, label="MEWMA: points between false alarms", help_text="370 where left out.",
    )  # fmt: skip

    def __init__(self, *args: Any, offered: QuerySet[Characteristic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = offered.select_related("station").order_by(
            "station__parent__sequence", "station__sequence", "sequence", "code"
        )
        self.fields["members"].queryset = rows  # type: ignore[attr-defined]  # it is a model choice

    def clean_members(self) -> list[Characteristic]:
        """The rows in the order in which they are shown."""
        return list(self.cleaned_data["members"].select_related("parameter", "station", "process", "site"))


class JointEditForm(JointForm):
    """The same of one that exists."""

    stale_after = forms.IntegerField(min_value=1, label="No data after, s")
    active = forms.BooleanField(required=False, label="In use")
    reason = forms.CharField(
        required=False, max_length=300, label="Why", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed when what is judged together changes; kept in the history.",
    )  # fmt: skip

    def __init__(self, *args: Any, row: Characteristic, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """What judges changes with a reason."""
        data: dict[str, Any] = super().clean() or {}
        members = [one.pk for one in data.get("members", ())]
        changed = data.get("chart") != self.row.chart or members != self.row.design.get("members")
        if changed and not data.get("reason", "").strip():
            self.add_error("reason", "Say why: the chart or its members change, and its limits no longer fit.")
        return data
