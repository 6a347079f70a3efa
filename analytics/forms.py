"""What people put into the workbench: the data, and the recipe of a study."""

from __future__ import annotations

from typing import Any

from django import forms

from analytics import studies
from analytics.models import GageStudy, Method, Source
from analytics.queries import who_may_measure
from analytics.studies import Option, Role, Study
from analytics.studies.plotting import OWN_RULES, RULES_OPTION, START_SET, price_of
from analytics.tables import Table
from governance.models import Characteristic, Gage
from qms.core.models import User
from qms.web.forms import Moment, Styled

MOST_BYTES = 4 * 2**20
SEPARATORS = [
    ("", "Found by itself"),
    ("tab", "Tab"),
    ("semicolon", "Semicolon"),
    ("comma", "Comma"),
    ("space", "Space"),
]
DECIMALS = [("", "Found by itself"), ("point", "Point, 3.14"), ("comma", "Comma, 3,14")]
SOURCES = [(Source.TEXT.value, "Paste or upload"), (Source.CHARACTERISTICS.value, "Characteristics")]


class DataForm(Styled):
    """Where the data come from, how they are read, and the question."""

    study = forms.ChoiceField(
        label="Study", choices=[(s.key, s.label) for s in studies.STUDIES.values()], initial="readings",
        widget=forms.Select(attrs={"data-submit-on-change": ""}),
    )  # fmt: skip
    source = forms.ChoiceField(
        label="Data from", choices=SOURCES, initial="text", widget=forms.Select(attrs={"data-submit-on-change": ""})
    )
    text = forms.CharField(
        label="Paste a column or a table", required=False, strip=False, max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "form-control mono",
                                     "placeholder": "Force [kN]\n8.62\n8.59"}),
    )  # fmt: skip
    file = forms.FileField(
        label="Or a file", required=False, help_text="CSV or XLSX, at most 4 MB.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )  # fmt: skip
    separator = forms.ChoiceField(label="Cells are parted by", choices=SEPARATORS, required=False)
    decimal = forms.ChoiceField(label="Decimal mark", choices=DECIMALS, required=False)
    characteristics = forms.ModelMultipleChoiceField(
        label="Characteristics", queryset=Characteristic.objects.none(), required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )  # fmt: skip
    first = Moment(label="From", required=False)
    last = Moment(label="To", required=False)
    origin = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
    title = forms.CharField(label="Title", required=False, max_length=200)
    question = forms.CharField(
        label="Question", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, characteristics: Any = None, **kwargs: Any) -> None:
        if characteristics is not None:  # before the fields are copied: a bound form is checked as it is made
            picked = forms.ModelMultipleChoiceField(
                label="Characteristics", queryset=characteristics, required=False,
                widget=forms.SelectMultiple(attrs={"size": 6}),
            )  # fmt: skip
            self.base_fields = {**self.base_fields, "characteristics": picked}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)

    def clean_file(self) -> Any:
        """Small enough to be read at once."""
        found = self.cleaned_data["file"]
        if found and found.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 4 MB: take fewer rows or columns.")
        return found


class RecipeForm(Styled):
    """The columns and settings of one study, made from the study itself."""

    def __init__(self, data: Any = None, *, study: Study, table: Table) -> None:
        chosen = studies.default_roles(table, study)
        if data is not None and data.get("set_rules") == "own" and not data.getlist("set_own"):
            data = data.copy()
            data.setlist("set_own", START_SET)
        super().__init__(data, initial={f"role_{name}": _shown(study, name, names) for name, names in chosen.items()})
        self.study = study
        for role in study.roles:
            self.fields[f"role_{role.name}"] = _column_field(role, table)
        for option in study.options:
            self.fields[f"set_{option.name}"] = _option_field(option)
        if "set_rules" in self.fields:
            self._price(data)
        for field in self.fields.values():
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            kind = "checks" if isinstance(field.widget, forms.CheckboxSelectMultiple) else kind
            field.widget.attrs.setdefault("class", kind)

    def _price(self, data: Any) -> None:
        """Beside the rules stands what they cost; rules are picked one by one only for a set of one's own."""
        rules, own = (self.fields[name] for name in ("set_rules", "set_own"))
        chosen = (data or {}).get("set_rules") or rules.initial
        known = dict(OWN_RULES.choices)
        picked = [name for name in data.getlist("set_own") if name in known] if data is not None else []
        for field in (rules, own):
            field.widget.attrs["data-submit-on-change"] = ""
        if chosen not in dict(RULES_OPTION.choices):
            return
        price = price_of({"rules": chosen, "own": picked})
        (own if chosen == "own" else rules).help_text = price
        if chosen != "own":
            del self.fields["set_own"]

    def roles(self) -> dict[str, list[str]]:
        """Role to column names; those left empty are not named."""
        found = {role.name: self.cleaned_data[f"role_{role.name}"] for role in self.study.roles}
        return {name: [value] if isinstance(value, str) else list(value) for name, value in found.items() if value}

    def options(self) -> dict[str, Any]:
        """Option to value; those left empty fall to their default."""
        found = {option.name: self.cleaned_data.get(f"set_{option.name}") for option in self.study.options}
        return {name: value for name, value in found.items() if value not in (None, "", [])}


def _shown(study: Study, name: str, names: list[str]) -> Any:
    many = next(role.many for role in study.roles if role.name == name)
    return names if many else next(iter(names), "")


def _column_field(role: Role, table: Table) -> forms.Field:
    columns = [column for column in table.columns if role.kind == "any" or column.kind == "numbers"]
    choices = [(column.name, column.head) for column in columns]
    if role.many:
        widget = forms.SelectMultiple(attrs={"size": min(6, max(2, len(choices)))})
        return forms.MultipleChoiceField(
            label=role.label, choices=choices, required=role.needed, help_text=role.hint, widget=widget
        )
    empty = [] if role.needed else [("", "None")]
    return forms.ChoiceField(label=role.label, choices=[*empty, *choices], required=role.needed, help_text=role.hint)


def _option_field(option: Option) -> forms.Field:
    if option.kind == "choice":
        return forms.ChoiceField(
            label=option.label, choices=option.choices, initial=option.default, required=False, help_text=option.hint
        )
    if option.kind == "set":
        return forms.MultipleChoiceField(
            label=option.label, choices=option.choices, initial=list(option.default or ()), required=False,
            help_text=option.hint, widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
    if option.kind == "points":
        return forms.CharField(
            label=option.label, initial=option.default, required=False, max_length=2000, help_text=option.hint
        )
    return forms.FloatField(
        label=option.label, initial=option.default, required=False, help_text=option.hint,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip


class UseForm(Styled):
    """The record that keeps the analysis as evidence."""

    number = forms.CharField(
        label="Record", max_length=60, widget=forms.TextInput(attrs={"autofocus": True, "list": "records"}),
        help_text="Number of the nonconformity or CAPA that keeps it, such as NCR-2026-0001.",
    )  # fmt: skip


class WordingForm(Styled):
    """How a draft is worded."""

    title = forms.CharField(label="Title", max_length=200)
    question = forms.CharField(label="Question", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class PlanForm(Styled):
    """The plan of a gage study; who and what can be chosen comes with the gage."""

    method = forms.ChoiceField(
        choices=Method.choices, label="Study", widget=forms.RadioSelect, initial=Method.CROSSED.value
    )
    characteristic = forms.ModelChoiceField(Characteristic.objects.none(), empty_label=None)
    parts = forms.IntegerField(
        min_value=1, max_value=200, initial=10,
        help_text="10 for R&R, each operator's own when nested; 1 master for bias; 5 masters for linearity; occasions"
        " in time for stability; 30 for ratings.",
    )  # fmt: skip
    operators = forms.ModelMultipleChoiceField(
        User.objects.none(), widget=forms.CheckboxSelectMultiple, label="Who measures"
    )
    repeats = forms.IntegerField(min_value=1, max_value=200, initial=3, label="Readings of each part by each")
    labels = forms.CharField(
        required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 2}), label="Labels on the parts",
        help_text="One a line or with semicolons. Left out: 1, 2, 3 and so on.",
    )  # fmt: skip
    references = forms.CharField(
        required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 2}), label="References",
        help_text="In the order of the labels: the value of each master, or the right rating of each part.",
    )  # fmt: skip
    categories = forms.CharField(
        required=False, max_length=400, label="Ratings", help_text="For ratings only. Left out: OK; NOK."
    )
    tolerance = forms.FloatField(
        required=False, min_value=0, help_text="Left out: from the limits of the characteristic."
    )
    due = Moment(required=False, label="To be measured until")

    def __init__(self, *args: Any, gage: Gage, **kwargs: Any) -> None:
        rows = Characteristic.objects.filter(site_id=gage.site_id, active=True).order_by("code")
        measured = rows.filter(gage_uses__gage=gage)
        people = who_may_measure(gage.site_id).order_by("name")
        self.base_fields = {  # type: ignore[misc]  # of this form alone
            **self.base_fields,
            "characteristic": forms.ModelChoiceField(measured if measured.exists() else rows, empty_label=None),
            "operators": forms.ModelMultipleChoiceField(
                people, widget=forms.CheckboxSelectMultiple, label="Who measures",
                help_text="Each sees the label of the next part alone, in an order of their own.",
            ),
        }  # fmt: skip
        super().__init__(*args, **kwargs)


class ReadingForm(Styled):
    """One reading, as big as a thumb needs it."""

    run = forms.IntegerField(widget=forms.HiddenInput)
    reading = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, study: GageStudy, **kwargs: Any) -> None:
        field = reading_field(study)
        field.widget.attrs |= {"autofocus": True, "class": "form-control measure-in"}
        self.base_fields = {**self.base_fields, "reading": field}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)


class CorrectForm(Styled):
    """Another reading, and why."""

    reading = forms.CharField(max_length=60)
    reason = forms.CharField(max_length=300, label="Why", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, study: GageStudy, **kwargs: Any) -> None:
        field = reading_field(study)
        self.base_fields = {**self.base_fields, "reading": field}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)


def reading_field(study: GageStudy) -> forms.Field:
    """A number as phones type it, or one of the ratings; what is wrong with it the service says."""
    if study.rated:
        choices = [(one, one) for one in study.categories]
        return forms.ChoiceField(
            choices=choices, label="Rating", widget=forms.RadioSelect, error_messages={"required": "Choose a rating."}
        )
    unit = study.characteristic.parameter.unit
    return forms.CharField(
        max_length=60, label=f"Reading, {unit}" if unit else "Reading",
        error_messages={"required": "Enter what the gage shows."},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "enterkeyhint": "next"}),
    )  # fmt: skip
