"""Forms made of a model's fields, with what may be chosen at a site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.forms.models import fields_for_model, model_to_dict
from django.utils.text import capfirst

from capa.models import DefectCode, Deviation, Nonconformity
from governance.models import Characteristic, Equipment, Part, Process
from qms.core.comments import people_at, people_of
from qms.core.models import Record, User
from qms.web.forms import MOMENT, Day, Moment, Styled, name_the_empty

LONG = {"rows": 2}


def _choices(model: type[models.Model], site_id: int) -> models.QuerySet[Any] | None:
    """What may be chosen of a model at a site; None for a model that is no matter of sites."""
    if model is User:
        return people_at(site_id)
    if model is DefectCode:
        return DefectCode.objects.filter(active=True).filter(models.Q(site_id=site_id) | models.Q(site=None))
    if model in (Nonconformity, Deviation):
        return model._default_manager.filter(site_id=site_id)
    if model in (Characteristic, Equipment, Part, Process):
        return model._default_manager.filter(site_id=site_id, active=True)
    return None


def _field(source: models.Field[Any, Any], **_: Any) -> forms.Field | None:
    """A form field as the pages show it: times by the browser's own picker, long texts in two rows."""
    if isinstance(source, models.DateTimeField):
        return source.formfield(
            form_class=Moment, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        )
    if source.related_model in (Nonconformity, Deviation):
        return ByNumber(source)
    if isinstance(source, models.DateField):
        return source.formfield(form_class=Day)
    if isinstance(source, models.TextField) and not isinstance(source, models.JSONField):
        return source.formfield(widget=forms.Textarea(attrs=LONG))
    return source.formfield()


class ByNumber(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    """A record chosen by typing its number: a list of all of them would be endless."""

    default_error_messages: ClassVar = {"invalid_choice": "There is no %(value)s at this site that you may see."}

    def __init__(self, source: models.Field[Any, Any]) -> None:
        kind: Any = source.related_model  # a kind of record, as _field() sees to
        super().__init__(
            kind.objects.none(), required=not source.blank, to_field_name="number",
            label=capfirst(source.verbose_name), widget=forms.TextInput(),
            help_text=f"By its number, such as {kind.PREFIX}-2026-0001.",
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        """The number of the record that is stored by its id."""
        if isinstance(value, int) and self.queryset is not None:
            return self.queryset.filter(pk=value).values_list("number", flat=True).first()
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """The record of a number, in whatever capitals it was typed."""
        return super().to_python(value.strip().upper() if isinstance(value, str) else value)


class FieldsForm(Styled):
    """Some fields of a model as a form; what is chosen comes from the site."""

    model: type[models.Model]
    names: Sequence[str] = ()

    def __init__(self, *args: Any, site_id: int, row: models.Model | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["initial"] = {**model_to_dict(row, fields=self.names), **kwargs.get("initial", {})}
        forms.Form.__init__(self, *args, **kwargs)
        self.fields.update(fields_for_model(self.model, fields=self.names, formfield_callback=_field))
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                source = field.queryset
                mine = None if source is None else _choices(source.model, site_id)
                field.queryset = source if mine is None else mine
            field.widget.attrs["id"] = f"id_{self.prefix + '-' if self.prefix else ''}{name}"
        self.dress()

    def stored(self, record: Any) -> dict[str, Any]:
        """The fields as the record has them now."""
        return present(record, self.names)

    def whole(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the service takes, from the fields that changed."""
        return {name: value for name, value in values.items() if name in self.fields}

    def dress(self) -> None:
        """The product's classes on each field."""
        for field in self.fields.values():
            check = isinstance(field.widget, forms.CheckboxInput)
            kind = (
                "form-check-input"
                if check
                else "form-select"
                if isinstance(field.widget, forms.Select)
                else "form-control"
            )
            field.widget.attrs.setdefault("class", kind)
            name_the_empty(field)

    def add_error(self, field: str | None, error: Any) -> None:
        """Mark the field for assistive technology as well."""
        super().add_error(field, error)
        if field in self.fields:
            self.fields[field].widget.attrs["aria-invalid"] = "true"


def present(record: Record, names: Sequence[str]) -> dict[str, Any]:
    """The present values of some fields of a record."""
    return {
        name: getattr(record, f"{name}_id", None) if hasattr(record, f"{name}_id") else getattr(record, name)
        for name in names
    }


def people_choices(site_id: int) -> list[User]:
    """Who can be in a team."""
    return people_of(site_id)
