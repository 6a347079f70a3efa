"""What people type about a nonconformity."""

from __future__ import annotations

from typing import Any

from django import forms

from capa.forms.fields import LONG, FieldsForm
from capa.models import (
    Containment,
    CostLine,
    Disposition,
    Nonconformity,
)
from capa.workflow import PLACES
from capa.workflow.approval import APPROVAL
from qms.web.forms import Styled


class QuickForm(FieldsForm):
    """Report a nonconformity: what, where, how many."""

    model = Nonconformity
    names = ("title", "station", "quantity_nonconforming")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].label = "What is wrong"
        self.fields["station"].label = "Where"
        self.fields["quantity_nonconforming"].label = "How many pieces"
        self.fields["title"].widget.attrs["autofocus"] = True


class NonconformityForm(FieldsForm):
    """What is known of a nonconformity."""

    model = Nonconformity
    names = (
        "title",
        "description",
        "severity",
        "owner",
        "found",
        "customer_found",
        "part",
        "station",
        "process",
        "lot",
        "serial",
        "quantity_inspected",
        "quantity_nonconforming",
        "defect_code",
        "requirement",
        "actual",
        "occurred_at",
        "detected_at",
        *APPROVAL,
    )


class ContainmentForm(FieldsForm):
    """A place that was searched."""

    model = Containment
    names = ("place", "location", "measure", "quantity_checked", "quantity_found")


class QuickContainForm(ContainmentForm):
    """Contain a nonconformity in one go: quantity, place, figures, proof."""

    quantity = forms.IntegerField(label="Nonconforming pieces", min_value=0)
    how = forms.CharField(label="How you saw that the hold works", max_length=200)
    password = forms.CharField(
        label="It is you, again: your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = forms.ChoiceField(choices=list(PLACES.items()), initial="wip")
        self.fields["quantity_checked"].required = self.fields["quantity_found"].required = True
        self.dress()
        self.order_fields(["quantity", *self.names, "how", "password"])


class DispositionForm(FieldsForm):
    """A disposition to propose."""

    model = Disposition
    names = ("kind", "quantity", "instruction")


class CostForm(FieldsForm):
    """Money to book."""

    model = CostLine
    names = ("category", "what", "amount", "currency")


class ReasonForm(Styled):
    """Why."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs=LONG))
