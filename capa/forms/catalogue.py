"""What people type about defect codes and limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from capa.forms.fields import LONG
from qms.core.models import Site
from qms.web.forms import Styled


class DefectCodeForm(Styled):
    """A kind of defect, of one of the person's sites or of every site."""

    code = forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={"autofocus": True}), help_text="Such as BURR: letters, digits, -."
    )
    name = forms.CharField(max_length=80, label="Defect")

    def __init__(self, *args: Any, sites: Sequence[Site] = (), everywhere: bool = False, **kwargs: Any) -> None:
        mine = Site.objects.filter(pk__in=[site.pk for site in sites])
        field = forms.ModelChoiceField(
            mine, required=not everywhere, empty_label="Every site" if everywhere else None, label="Site"
        )
        self.base_fields = {**self.base_fields, "site": field}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)


class DefectCodeEditForm(Styled):
    """What may change on a kind of defect."""

    code = forms.CharField(max_length=20)
    name = forms.CharField(max_length=80, label="Defect")
    active = forms.BooleanField(required=False, label="In use")


class LimitsForm(Styled):
    """From when on a nonconformity calls for a CAPA."""

    repeats = forms.IntegerField(
        min_value=2, max_value=1000, label="Same defect code and process, times", help_text="Counted by detection."
    )
    days = forms.IntegerField(min_value=1, max_value=3650, label="Within days")
    cost = forms.DecimalField(min_value=0, max_digits=12, decimal_places=2, label="Or cost above")
    currency = forms.RegexField(r"^[A-Za-z]{3}\Z", label="Currency", help_text="Three letters, such as EUR.")
    reason = forms.CharField(max_length=300, label="Why", widget=forms.Textarea(attrs=LONG))
