"""What people type about master data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.urls import reverse

from governance.models import ALONE, HEARD, Characteristic, Critical, Equipment, Level, Part, Process, RuleTarget
from governance.queries import price_of, read_own, rule_set
from governance.services.importing import COLUMNS
from qms.core.models import Site
from qms.web.forms import Styled
from spc.rules import RULES
from spc.values import BadInput

MOST_BYTES = 2_000_000
JUDGING = (
    "lsl",
    "target",
    "usl",
    "chart",
    "subgroup_size",
    "rules",
    "own_rules",
)  # what pieces and points are judged by
_RULES = [(rule.name, f"{rule.label}: {rule.words}") for rule in RULES.values()]


class SiteForm(Styled):
    """A form whose rows belong to one of the person's sites; the choices must be there before the first check."""

    site = forms.ModelChoiceField(Site.objects.none())

    def __init__(self, *args: Any, sites: Sequence[Site] = (), **kwargs: Any) -> None:
        self.base_fields = {**self.base_fields, **self.choices_of(sites)}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)

    def choices_of(self, sites: Sequence[Site]) -> dict[str, forms.Field]:
        """The fields that depend on the sites; the first site is taken when nothing is said."""
        rows = Site.objects.filter(pk__in=[site.pk for site in sites])
        return {"site": forms.ModelChoiceField(rows, initial=sites[0].pk if sites else None, empty_label=None)}


class PartForm(SiteForm):
    """A part."""

    number = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autofocus": True}))
    revision = forms.CharField(max_length=12, required=False)
    name = forms.CharField(max_length=160)


class ImportForm(SiteForm):
    """A table of characteristics."""

    file = forms.FileField(
        label="CSV file",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=f"The first line names the columns, any of: {', '.join(COLUMNS)}. Needed are topic and code; a topic"
        " reads site/area/line/station/parameter.",
    )

    def clean_file(self) -> str:
        """The text of the file."""
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 2 MB. Import it in parts.")
        try:
            return str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError as problem:
            raise forms.ValidationError(
                f"Byte {problem.start} is no UTF-8 text. Save the table as CSV UTF-8."
            ) from None


class PartEditForm(Styled):
    """What may change on a part."""

    number = forms.CharField(max_length=60)
    revision = forms.CharField(max_length=12, required=False)
    name = forms.CharField(max_length=160)
    active = forms.BooleanField(required=False, label="In use")


class EquipmentForm(SiteForm):
    """An area, a line or a station."""

    level = forms.ChoiceField(choices=Level.choices)
    parent = forms.ModelChoiceField(
        Equipment.objects.none(), required=False, help_text="Area of a line, line of a station."
    )
    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=120)

    def choices_of(self, sites: Sequence[Site]) -> dict[str, forms.Field]:
        """Sites, and what can stand above."""
        rows = Equipment.objects.filter(site__in=sites).exclude(level=Level.STATION)
        above = forms.ModelChoiceField(rows, required=False, help_text="Area of a line, line of a station.")
        return {**super().choices_of(sites), "parent": above}


class EquipmentEditForm(Styled):
    """What may change on equipment."""

    parent = forms.ModelChoiceField(Equipment.objects.none(), required=False, label="Below")
    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=120)
    sequence = forms.IntegerField(min_value=0, help_text="Place in the order of the route.")
    active = forms.BooleanField(required=False, label="In use")

    def __init__(self, *args: Any, row: Equipment, **kwargs: Any) -> None:
        above = Equipment.objects.filter(site_id=row.site_id).exclude(level=Level.STATION).exclude(pk=row.pk)
        field = forms.ModelChoiceField(
            above, required=False, label="Below", help_text="Moving it changes no topic: readings go on as before."
        )
        self.base_fields = {**self.base_fields, "parent": field}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)


class ProcessForm(SiteForm):
    """A process step."""

    code = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    name = forms.CharField(max_length=120)


class ProcessEditForm(Styled):
    """What may change on a process."""

    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=120)
    active = forms.BooleanField(required=False, label="In use")


class StationForm(Styled):
    """The station that runs a process."""

    station = forms.ModelChoiceField(Equipment.objects.none())

    def __init__(self, *args: Any, row: Process, **kwargs: Any) -> None:
        rows = Equipment.objects.filter(site_id=row.site_id, level=Level.STATION, active=True).select_related("parent")
        field = forms.ModelChoiceField(
            rows, help_text="Every characteristic measured there belongs to this process from now on."
        )
        self.base_fields = {**self.base_fields, "station": field}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)


class ParameterEditForm(Styled):
    """What may change on a parameter."""

    name = forms.CharField(max_length=120)
    unit = forms.CharField(max_length=40, required=False)
    active = forms.BooleanField(required=False, label="In use")


class RuleForm(SiteForm):
    """A naming rule with its test strings."""

    target = forms.ChoiceField(choices=RuleTarget.choices)
    pattern = forms.CharField(max_length=200, help_text="Regular expression that the whole name must match.")
    explanation = forms.CharField(max_length=200, help_text="The rule in words, shown when a name is refused.")
    accepted = SimpleArrayField(
        forms.CharField(), required=False, help_text="Names it must take, separated by commas: PH-2290-11, VS-4410-03."
    )
    refused = SimpleArrayField(
        forms.CharField(), required=False, help_text="Names it must refuse, separated by commas."
    )


class CharacteristicForm(Styled):
    """A characteristic: specification, chart, rules."""

    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=160)
    chart = forms.ChoiceField(choices=ALONE)
    subgroup_size = forms.IntegerField(min_value=1, label="Values in a subgroup")
    lsl = forms.FloatField(required=False, label="Lower specification limit")
    target = forms.FloatField(required=False)
    usl = forms.FloatField(required=False, label="Upper specification limit")
    decimals = forms.IntegerField(min_value=0, max_value=9)
    rules = forms.MultipleChoiceField(choices=_RULES, required=False, widget=forms.CheckboxSelectMultiple)
    own_rules = forms.CharField(
        required=False, label="Rules of your own, one a line", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Such as: 3 of 4 beyond 2 sigma on one side; 10 of 11 on one side; 7 rising or falling; "
        "12 alternating; 15 within 1 sigma; 6 beyond 1 sigma on both sides.",
    )  # fmt: skip
    weight = forms.FloatField(required=False, label="EWMA weight λ", help_text="0.2 where left out.")
    width = forms.FloatField(required=False, label="EWMA width L, in sigmas", help_text="3 where left out.")
    k = forms.FloatField(required=False, label="CUSUM slack k, in sigmas", help_text="0.5 where left out.")
    h = forms.FloatField(required=False, label="CUSUM interval h, in sigmas", help_text="5 where left out.")
    span = forms.IntegerField(required=False, label="Moving average: span w, in points", help_text="5 where left out.")
    power = forms.FloatField(required=False, label="t: power that makes times normal", help_text="3.6 where left out.")
    stale_after = forms.IntegerField(min_value=1, label="No data after, s")
    critical = forms.ChoiceField(choices=Critical.choices, required=False, label="Class")
    part = forms.ModelChoiceField(Part.objects.none(), required=False)
    process = forms.ModelChoiceField(Process.objects.none(), required=False)
    sequence = forms.IntegerField(min_value=0, required=False, label="Place in the order of the overview")
    active = forms.BooleanField(required=False, label="In use")
    reason = forms.CharField(
        required=False, max_length=300, label="Why", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed when the specification, the chart or its rules change; kept in the history.",
    )  # fmt: skip

    def __init__(self, *args: Any, row: Characteristic, **kwargs: Any) -> None:
        self.row = row
        parts = Part.objects.filter(site_id=row.site_id, active=True)
        processes = Process.objects.filter(site_id=row.site_id, active=True)
        self.base_fields = {  # type: ignore[misc]  # of this form alone
            **self.base_fields,
            "part": forms.ModelChoiceField(parts, required=False),
            "process": forms.ModelChoiceField(processes, required=False),
        }
        super().__init__(*args, **kwargs)
        self._price(self.fields["rules"], self.fields["own_rules"])

    def _price(self, rules: forms.Field, own: forms.Field) -> None:
        """What the picked rules cost stands beside them and follows what is picked and written."""
        picked, written = (
            field.widget.value_from_datadict(self.data, self.files, name)
            if self.is_bound
            else self.get_initial_for_field(field, name)
            for name, field in (("rules", rules), ("own_rules", own))
        )
        rules.help_text = price_in_words(picked or (), written or "")
        asking = {
            "hx-get": reverse("governance:rules-price"), "hx-include": "[name=rules],[name=own_rules]",
            "hx-trigger": "change", "hx-target": "#id_rules-h",
        }  # fmt: skip
        rules.widget.attrs |= asking | {"aria-describedby": "id_rules-h"}
        own.widget.attrs |= asking

    def clean_own_rules(self) -> list[dict[str, Any]]:
        """Own rules as data; the line that cannot be read is named."""
        try:
            return read_own(self.cleaned_data["own_rules"])
        except BadInput as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean(self) -> dict[str, Any]:
        """What judges pieces and points changes with a reason."""
        data: dict[str, Any] = super().clean() or {}
        data["sequence"] = self.row.sequence if data.get("sequence") is None else data["sequence"]
        changed = [name for name in JUDGING if name in data and data[name] != getattr(self.row, name)]
        if changed and not data.get("reason", "").strip():
            self.add_error("reason", "Say why: the specification, the chart or its rules change.")
        return data


def price_in_words(rules: Sequence[str], own: str = "") -> str:
    """What a set of rules costs, in words; names that are no rules are left out, an own rule that is none is named."""
    known = tuple(dict.fromkeys(name for name in rules if name in RULES))
    try:
        found = price_of(rule_set(known, read_own(own)))
    except BadInput as problem:
        return str(problem)
    return f"While nothing changes, these rules give {found.words}."


class MappingForm(Styled):
    """What a person makes of an unknown topic; filled with the proposal."""

    path = forms.CharField(
        max_length=200, required=False, help_text="site/area/line/station/parameter, in small letters."
    )
    code = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    name = forms.CharField(max_length=120)
    unit = forms.CharField(max_length=40, required=False)
    kind = forms.ChoiceField(choices=HEARD)
    chart = forms.ChoiceField(choices=ALONE)
    subgroup_size = forms.IntegerField(min_value=1, label="Values in a subgroup")
    decimals = forms.IntegerField(min_value=0, max_value=9)
    lsl = forms.FloatField(required=False, label="Lower specification limit")
    target = forms.FloatField(required=False)
    usl = forms.FloatField(required=False, label="Upper specification limit")


class IgnoreForm(Styled):
    """Why a topic is left alone."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
