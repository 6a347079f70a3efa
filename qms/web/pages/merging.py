"""Two people in one form: what each changed is kept; what both changed differently is shown to the second."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.http import QueryDict
from django.utils import timezone

from qms.core.errors import Conflict
from qms.core.models import Record
from qms.core.trail import history
from qms.web.words import short


@dataclass(frozen=True)
class Clash:
    """One field both changed: both values in words, theirs also as the form writes it, and its new fingerprint."""

    name: str
    label: str
    theirs: str
    mine: str
    raw: str
    mark: str


class Collision(Conflict):
    """Somebody else changed the same fields; carries them one by one."""

    def __init__(self, clashes: list[Clash], who: str) -> None:
        fields = ", ".join(f"{one.label}: {one.theirs or 'empty'}" for one in clashes)
        super().__init__(f"{who} changed this part in the meantime. It now says: {fields}. Save again to replace it.")
        self.clashes = clashes
        self.who = who


def fingerprint(value: Any) -> str:
    """A short digest of a field's value; a form's text and the stored value of the same meaning give the same."""
    if isinstance(value, Model):
        value = value.pk
    if isinstance(value, datetime):
        # as the person's clock shows it: forms know minutes, and nothing of an hour that comes twice
        value = timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
    if value is None or value in ("", [], {}):
        value = ""
    if isinstance(value, str):
        value = "\n".join(value.strip().splitlines())
    text = value if isinstance(value, str) else json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def seal(values: Mapping[str, Any]) -> str:
    """What a form carries of the values it was made from: one fingerprint a field."""
    return json.dumps({name: fingerprint(value) for name, value in values.items()})


def _unsealed(seen: str) -> dict[str, str]:
    """The fingerprints a form brought back; none when they cannot be read."""
    try:
        return {str(name): str(mark) for name, mark in json.loads(seen).items()}
    except (ValueError, AttributeError):
        return {}


def own_changes(seen: str, typed: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """(the typed values this person changed, the names of those that somebody else changed to something else).

    `seen` is the seal the form carried; without one, everything typed counts as theirs to change.
    """
    if not seen:
        return dict(typed), []
    base = _unsealed(seen)
    mine = {name: value for name, value in typed.items() if fingerprint(value) != base.get(name)}
    marks = {name: fingerprint(now.get(name)) for name in mine}
    both = [name for name in mine if marks[name] not in (base.get(name), fingerprint(mine[name]))]
    return mine, both


def marks_of(form: forms.BaseForm) -> dict[str, str]:
    """The fingerprint of each field as a form shows it; the same for what is sent back unchanged."""
    return {bound.name: fingerprint(text_of(bound)) for bound in form}


def text_of(bound: forms.BoundField) -> str:
    """A field as the browser holds it."""
    value, widget = bound.value(), bound.field.widget
    shown = widget.format_value(value) if hasattr(widget, "format_value") else value
    if isinstance(shown, (list, tuple)):
        return ",".join(str(one) for one in shown)
    return "" if shown is None else str(shown)


def changed_since(seen: str, sent: forms.BaseForm, now: forms.BaseForm) -> tuple[list[str], list[str]]:
    """What somebody else changed since a form was drawn: (fields this person left alone, fields both changed)."""
    base = _unsealed(seen)
    typed, marks = marks_of(sent), marks_of(now)
    theirs = [name for name in marks if name in base and marks[name] != base[name]]
    both = [name for name in theirs if typed[name] not in (base[name], marks[name])]
    return [name for name in theirs if typed[name] == base[name]], both


def with_theirs(sent: forms.BaseForm, now: forms.BaseForm, names: list[str]) -> Any:
    """What was sent, with the present values in the fields this person left alone."""
    data = cast("QueryDict", sent.data).copy()
    for name in names:
        value, key = now[name].value(), sent.add_prefix(name)
        if isinstance(now.fields[name], forms.BooleanField):
            data.setlist(key, ["on"] if value else [])
        elif isinstance(value, (list, tuple)):
            data.setlist(key, [str(one) for one in value])
        else:
            data[key] = text_of(now[name])
    return data


def collision(form: forms.Form, names: list[str], now: Mapping[str, Any], record: Record) -> Collision:
    """The conflict in words, field by field, with who wrote the other version."""
    typed = form.cleaned_data
    clashes = [
        Clash(
            name=form.add_prefix(name),
            label=str(form[name].label),
            theirs=_words(form.fields[name], now[name]),
            mine=_words(form.fields[name], typed[name]),
            raw=_raw(form.fields[name], now[name]),
            mark=fingerprint(now[name]),
        )
        for name in names
    ]
    last = history(record)[-1:]
    return Collision(clashes, f"{last[0].actor} at {short(last[0].at)}" if last else "Somebody else")


def _words(field: forms.Field, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, Model):
        return str(value)
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        return str(field.queryset.model._base_manager.filter(pk=value).first() or value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]  # flat choices
    if isinstance(value, bool):
        return "yes" if value else "no"
    return short(value) if isinstance(value, datetime) else str(value)


def _raw(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    shown = field.widget.format_value(field.prepare_value(value)) if hasattr(field.widget, "format_value") else value
    if isinstance(shown, (list, tuple)):
        shown = shown[0] if shown else ""
    return "" if shown is None else str(shown)
