"""What people type about a CAPA and its eight disciplines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models

from capa.forms.fields import LONG, FieldsForm
from capa.models import (
    Action,
    Capa,
    Cause,
    Criterion,
    DocumentUpdate,
    ReadAcross,
)
from capa.services import FIELDS
from capa.workflow import ASPECTS, QUESTIONS
from qms.web.forms import Styled


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


class MoveForm(FieldsForm):
    """Who does an action from now on, until when, and why."""

    model = Action
    names = ("owner", "due")
    reason = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["owner", "due", "reason"])


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
