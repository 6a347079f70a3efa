"""Fields are written in code as Django's templates would write them."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from qms.web.renderer import Quick

HOSTILE = '<b a="1">&\''
FIELDS = {
    "text": forms.CharField(widget=forms.TextInput(attrs={"class": HOSTILE, "autofocus": True, "hidden": False})),
    "number": forms.IntegerField(),
    "hidden": forms.CharField(widget=forms.HiddenInput),
    "password": forms.CharField(widget=forms.PasswordInput),
    "choice": forms.ChoiceField(choices=[("", "Any"), (1, HOSTILE), ("Group", [("a", "A"), ("b", "B")])]),
    "several": forms.MultipleChoiceField(choices=[("x", "X"), ("y", "Y")]),
    "date": forms.DateField(widget=forms.DateInput(attrs={"type": "date"})),
}


def same(html: str) -> str:
    """Without the line breaks between tags."""
    return re.sub(r">\s+<", "><", html.strip())


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text": HOSTILE, "number": "12", "choice": "1", "several": ["x", "y"], "hidden": "0", "date": "2026-01-02"},
        {"text": "", "number": "no number", "choice": "b", "several": ["x"]},
    ],
    ids=["empty", "filled", "wrong"],
)
def test_a_field_is_written_as_the_template_would(name, data) -> None:
    quick, slow = (
        type("Asked", (forms.Form,), {"default_renderer": renderer, **FIELDS})(data or None)[name]
        for renderer in (Quick(), DjangoTemplates())
    )
    assert same(str(quick)) == same(str(slow))
