"""Two people in one dialog: a form carries what it was made from, so that nobody writes over what they never saw."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import QueryDict

from qms.web.pages.merging import fingerprint

Plain = str | bool | list[str]


def shown(form: forms.Form) -> str:
    """What a form shows, as one fingerprint a field."""
    return json.dumps({name: fingerprint(_plain(form, name)) for name in form.fields})


def merged(sent: QueryDict, typed: forms.Form, now: forms.Form) -> tuple[QueryDict, dict[str, str]]:
    """What was sent with the fields only somebody else changed as they are now; and what both changed, in words."""
    seen = _marks(sent.get("seen", ""))
    fields, clashes = sent.copy(), {}
    for name in now.fields:
        mine, theirs = _plain(typed, name), _plain(now, name)
        base = seen.get(name, "")
        if fingerprint(theirs) in (base, fingerprint(mine)):
            continue
        if fingerprint(mine) == base:
            _put(fields, now.add_prefix(name), theirs)
        else:
            clashes[name] = f"Somebody else changed this meanwhile to “{_words(theirs)}”. Save again to replace it."
    return fields, clashes


def _marks(seen: str) -> dict[str, str]:
    try:
        return {str(name): str(mark) for name, mark in json.loads(seen).items()}
    except (ValueError, AttributeError):
        return {}


def _plain(form: forms.Form, name: str) -> Plain:
    """A field's value as the browser would send it back."""
    value: Any = form[name].value()
    if isinstance(form.fields[name].widget, forms.CheckboxInput):
        return bool(value)
    if isinstance(value, list | tuple) and isinstance(form.fields[name], forms.MultipleChoiceField):
        return sorted(map(str, value))
    shown = form.fields[name].widget.format_value(value)
    if isinstance(shown, list | tuple):
        shown = shown[0] if shown else ""
    return "" if shown is None else str(shown)


def _put(fields: QueryDict, name: str, value: Plain) -> None:
    if isinstance(value, bool):
        fields.setlist(name, ["on"] if value else [])
    else:
        fields.setlist(name, value if isinstance(value, list) else [value])


def _words(value: Plain) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)[:80]
