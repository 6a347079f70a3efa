"""Filters in the URL as chips: what is set, in words, each with the address that takes it away."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_filters
from django.conf import settings
from django.forms import CheckboxSelectMultiple, NullBooleanSelect, SelectMultiple
from django.http import QueryDict
from django_filters.widgets import DateRangeWidget

from qms.web.forms import dress
from qms.web.words import day


def offered(filters: django_filters.FilterSet | None) -> django_filters.FilterSet | None:
    """The same filters as a page shows them: dressed like every form, several answers as boxes, days as a calendar.

    Where nothing is set the words are those a person expects; Django writes Unknown for both answers.
    """
    for field in filters.form.fields.values() if filters else ():
        if isinstance(field.widget, NullBooleanSelect):
            field.widget.choices = [("unknown", settings.FILTERS_EMPTY_CHOICE_LABEL), ("true", "Yes"), ("false", "No")]
        if isinstance(field.widget, SelectMultiple):
            field.widget = CheckboxSelectMultiple(choices=field.choices)
        if isinstance(field.widget, DateRangeWidget):
            for part, words in zip(field.widget.widgets, ("From", "To"), strict=True):
                part.input_type = "date"
                part.attrs["aria-label"] = f"{field.label}, {words.lower()}"
        dress(field.widget)
    return filters


def chips_of(filters: django_filters.FilterSet | None, query: QueryDict) -> list[dict[str, str]]:
    """One chip per set filter: label, words, and the query without it."""
    if filters is None or not filters.is_valid():
        return []
    chips = []
    for name, bound in filters.form.fields.items():
        value = filters.form.cleaned_data.get(name)
        if value in (None, "", []) or (hasattr(value, "exists") and not value):
            continue
        rest = query.copy()
        for key in [key for key in rest if key == name or key.startswith(f"{name}_")]:
            rest.pop(key)
        rest.pop("after", None)
        label = str(filters.filters[name].label or bound.label or name.replace("_", " ")).capitalize()
        chips.append({"label": label, "words": _words(value, bound), "remove": f"?{rest.urlencode()}"})
    return chips


def errors_of(filters: django_filters.FilterSet | None) -> dict[str, list[str]]:
    """What of a filter cannot be read, by the words of the field."""
    if filters is None or filters.is_valid():
        return {}
    fields = filters.form.fields
    return {
        str(fields[name].label or name) if name in fields else "Filter": [str(text) for text in texts]
        for name, texts in filters.form.errors.items()
    }


def _words(value: Any, field: Any) -> str:
    choices = {str(key): str(text) for key, text in getattr(field, "choices", None) or [] if not isinstance(text, list)}
    if isinstance(value, slice):
        start, stop = _word(value.start), _word(value.stop)
        return f"{start} to {stop}" if start and stop else (f"since {start}" if start else f"until {stop}")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)) or hasattr(value, "all"):
        return ", ".join(choices.get(str(item), _word(item)) for item in value)
    return choices.get(str(value), _word(value))


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, date):
        return f"{value.day} {value:%b %Y}"
    return str(value)
