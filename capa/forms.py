"""What people type on the room's pages; services save it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import models
from django.forms.models import fields_for_model, model_to_dict

from capa.models import (
    Action,
    Capa,
    Cause,
    Containment,
    CostLine,
    Criterion,
    DefectCode,
    Disposition,
    DocumentUpdate,
    Nonconformity,
    ReadAcross,
)
from capa.services import FIELDS
from capa.workflow import ASPECTS, PLACES, QUESTIONS
from governance.models import Characteristic, Equipment, Part, Process
from qms.core.comments import people_at, people_of
from qms.core.models import Record, User
from qms.web.forms import MOMENT, Day, Moment, Styled

LONG = {"rows": 2}


def _choices(site_id: int) -> dict[type[models.Model], models.QuerySet[Any]]:
    """What may be chosen at a site, by model."""
    return {
        User: people_at(site_id),
        Characteristic: Characteristic.objects.filter(site_id=site_id, active=True),
        Equipment: Equipment.objects.filter(site_id=site_id, active=True),
        Part: Part.objects.filter(site_id=site_id, active=True),
        Process: Process.objects.filter(site_id=site_id, active=True),
        DefectCode: DefectCode.objects.filter(active=True).filter(models.Q(site_id=site_id) | models.Q(site=None)),
    }


def _field(source: models.Field[Any, Any], **_: Any) -> forms.Field | None:
    """A form field as the pages show it: times by the browser's own picker, long texts in two rows."""
    if isinstance(source, models.DateTimeField):
        return source.formfield(
            form_class=Moment, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        )
    if isinstance(source, models.DateField):
        return source.formfield(form_class=Day)
    if isinstance(source, models.TextField) and not isinstance(source, models.JSONField):
        return source.formfield(widget=forms.Textarea(attrs=LONG))
    return source.formfield()


class FieldsForm(Styled):
    """Some fields of a model as a form; what is chosen comes from the site."""

    model: type[models.Model]
    names: Sequence[str] = ()

    def __init__(self, *args: Any, site_id: int, row: models.Model | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["initial"] = {**model_to_dict(row, fields=self.names), **kwargs.get("initial", {})}
        forms.Form.__init__(self, *args, **kwargs)
        self.fields.update(fields_for_model(self.model, fields=self.names, formfield_callback=_field))
        choices = _choices(site_id)
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                source = field.queryset
                field.queryset = source if source is None else choices.get(source.model, source)
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

    def add_error(self, field: str | None, error: Any) -> None:
        """Mark the field for assistive technology as well."""
        super().add_error(field, error)
        if field in self.fields:
            self.fields[field].widget.attrs["aria-invalid"] = "true"


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
        "concession_required",
        "concession_kind",
        "concession_number",
        "concession_by",
        "concession_on",
        "concession_quantity",
        "concession_until",
        "concession_lot",
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


class CapaForm(FieldsForm):
    """Open a CAPA."""

    model = Capa
    names = ("title", "severity", "nature")


class SectionForm(FieldsForm):
    """The fields of one section of a CAPA."""

    model = Capa

    def __init__(self, *args: Any, section: str, **kwargs: Any) -> None:
        self.names = FIELDS[section]
        super().__init__(*args, **kwargs)


class ProblemForm(Styled):
    """D2: the seven questions, and is against is not."""

    def __init__(self, *args: Any, row: Capa, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.stored(row), **kwargs)
        for key, text in QUESTIONS.items():
            self.fields[key] = forms.CharField(
                label=text.capitalize(), required=False, widget=forms.Textarea(attrs={**LONG, "class": "form-control"})
            )
        for key, text in ASPECTS.items():
            for side, word in (("is", "is"), ("is_not", "is not")):
                self.fields[f"{side}_{key}"] = forms.CharField(
                    label=f"{text.capitalize()}: {word}",
                    required=False,
                    max_length=300,
                    widget=forms.TextInput(attrs={"class": "form-control"}),
                )

    @staticmethod
    def stored(record: Capa) -> dict[str, Any]:
        """The answers as the record has them now, one by one."""
        rows = {entry.get("aspect", ""): entry for entry in record.comparison}
        answers = {key: record.problem.get(key, "") for key in QUESTIONS}
        sides = {f"{side}_{key}": rows.get(key, {}).get(side, "") for key in ASPECTS for side in ("is", "is_not")}
        return answers | sides

    @staticmethod
    def whole(data: dict[str, Any]) -> dict[str, Any]:
        """The two fields of the record."""
        comparison = [{"aspect": key, "is": data[f"is_{key}"], "is_not": data[f"is_not_{key}"]} for key in ASPECTS]
        return {
            "problem": {key: data[key] for key in QUESTIONS if data[key]},
            "comparison": [row for row in comparison if row["is"] or row["is_not"]],
        }

    def questions(self) -> list[forms.BoundField]:
        """The seven questions."""
        return [self[key] for key in QUESTIONS]

    def aspects(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """Aspect, is, is not."""
        return [(text.capitalize(), self[f"is_{key}"], self[f"is_not_{key}"]) for key, text in ASPECTS.items()]


class CauseForm(FieldsForm):
    """A cause: its kind, bone, statement, five whys and evidence."""

    model = Cause
    names = ("kind", "category", "statement", "evidence", "frozen")
    WHYS = 5

    def __init__(self, *args: Any, evidence: models.QuerySet[Any], row: Cause | None = None, **kwargs: Any) -> None:
        chain = row.chain if row else []
        super().__init__(*args, row=row, **kwargs)
        frozen = self.fields["frozen"]
        assert isinstance(frozen, forms.ModelChoiceField)
        frozen.queryset, frozen.label = evidence, "Frozen chart"
        for turn in range(self.WHYS):
            self.fields[f"why_{turn + 1}"] = forms.CharField(
                label=f"Why {turn + 1}",
                required=False,
                max_length=300,
                initial=chain[turn]["because"] if turn < len(chain) else "",
                widget=forms.TextInput(attrs={"class": "form-control"}),
            )

    def values(self) -> dict[str, Any]:
        """Fields of the model, the whys as rows."""
        data = dict(self.cleaned_data)
        whys = [data.pop(f"why_{turn + 1}") for turn in range(self.WHYS)]
        return {
            **data,
            "chain": [{"why": f"Why {turn}?", "because": text} for turn, text in enumerate(whys, 1) if text],
        }

    def whys(self) -> list[forms.BoundField]:
        """The five questions."""
        return [self[f"why_{turn + 1}"] for turn in range(self.WHYS)]


class ActionForm(FieldsForm):
    """An action to plan."""

    model = Action
    names = ("text", "cause", "kind", "owner", "due", "expected_effect")

    def __init__(self, *args: Any, capa: Capa, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cause = self.fields["cause"]
        assert isinstance(cause, forms.ModelChoiceField)
        cause.queryset = capa.causes.filter(root=True).exclude(result="refuted")


class CriterionForm(FieldsForm):
    """How the effect is judged."""

    model = Criterion
    names = (
        "characteristic",
        "metric",
        "direction",
        "target",
        "baseline_from",
        "baseline_to",
        "window_days",
        "window_units",
        "minimum_exposure",
    )


class DocumentForm(FieldsForm):
    """Whether a document changed."""

    model = DocumentUpdate
    names = ("answer", "reference", "reason")


class AskForm(FieldsForm):
    """Another place to look at."""

    model = ReadAcross
    names = ("target", "question", "due")


class AnswerForm(FieldsForm):
    """Whether the cause sits there too."""

    model = ReadAcross
    names = ("answer", "reason")


class VerifyForm(Styled):
    """Whether a cause holds, and how that was seen."""

    result = forms.ChoiceField(label="Result", choices=[("confirmed", "Confirmed"), ("refuted", "Refuted")])
    test = forms.CharField(label="How it was verified", max_length=200)


def present(record: Record, names: Sequence[str]) -> dict[str, Any]:
    """The present values of some fields of a record."""
    return {
        name: getattr(record, f"{name}_id", None) if hasattr(record, f"{name}_id") else getattr(record, name)
        for name in names
    }


def people_choices(site_id: int) -> list[User]:
    """Who can be in a team."""
    return people_of(site_id)
