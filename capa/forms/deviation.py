"""What people type about a deviation permit."""

from __future__ import annotations

from typing import Any

from django import forms

from capa.forms.fields import FieldsForm
from capa.models import Deviation, PermitUse
from qms.web.forms import Day, Styled


class NewDeviationForm(FieldsForm):
    """Ask for a deviation: what for, on which part."""

    model = Deviation
    names = ("title", "part", "process")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].label = "What is to be made otherwise"
        self.fields["title"].widget.attrs["autofocus"] = True


class DeviationForm(FieldsForm):
    """The terms of a deviation."""

    model = Deviation
    names = (
        "title",
        "owner",
        "part",
        "process",
        "characteristic",
        "requirement",
        "instead",
        "justification",
        "risk",
        "begins_on",
        "ends_on",
        "quantity",
        "lot",
        "customer_required",
        "customer_number",
        "customer_by",
        "customer_on",
    )


class UseForm(FieldsForm):
    """Pieces made under a permit."""

    model = PermitUse
    names = ("quantity", "lot", "note")


class ExtensionForm(Styled):
    """Until when, or for how many, a permit is wanted."""

    until = Day(label="New last day", required=False)
    quantity = forms.IntegerField(label="New number of pieces", required=False, min_value=1)
    change_request = forms.CharField(
        label="Change request", required=False, max_length=60, help_text="Needed from the second extension on."
    )
