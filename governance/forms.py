"""What people type about master data."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField

from governance.models import Characteristic, Chart, Critical, Equipment, Level, Part, Process, RuleTarget, ValueKind
from qms.core.models import Site
from qms.web.forms import Styled
from spc.rules import RULES

_RULES = [(rule.name, f"{rule.label}: {rule.words}") for rule in RULES.values()]


class SiteForm(Styled):
    """A form whose rows belong to one of the person's sites."""

    site = forms.ModelChoiceField(Site.objects.none())

    def offer(self, sites: list[Site]) -> None:
        """The sites to choose from; the first is taken when nothing is said."""
        field = self.fields["site"]
        field.queryset = Site.objects.filter(pk__in=[site.pk for site in sites])  # type: ignore[attr-defined]  # a model choice
        field.initial = sites[0].pk if sites else None


class PartForm(SiteForm):
    """A part."""

    number = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autofocus": True}))
    revision = forms.CharField(max_length=12, required=False)
    name = forms.CharField(max_length=160)


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

    def offer(self, sites: list[Site]) -> None:
        """Sites, and what can stand above."""
        super().offer(sites)
        rows = Equipment.objects.filter(site__in=sites).exclude(level=Level.STATION)
        self.fields["parent"].queryset = rows  # type: ignore[attr-defined]  # a model choice


class EquipmentEditForm(Styled):
    """What may change on equipment."""

    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=120)
    sequence = forms.IntegerField(min_value=0, help_text="Place in the order of the route.")
    active = forms.BooleanField(required=False, label="In use")


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
    chart = forms.ChoiceField(choices=Chart.choices)
    subgroup_size = forms.IntegerField(min_value=1, label="Values in a subgroup")
    lsl = forms.FloatField(required=False, label="Lower specification limit")
    target = forms.FloatField(required=False)
    usl = forms.FloatField(required=False, label="Upper specification limit")
    decimals = forms.IntegerField(min_value=0, max_value=9)
    rules = forms.MultipleChoiceField(choices=_RULES, widget=forms.CheckboxSelectMultiple)
    stale_after = forms.IntegerField(min_value=1, label="No data after, s")
    critical = forms.ChoiceField(choices=Critical.choices, required=False, label="Class")
    part = forms.ModelChoiceField(Part.objects.none(), required=False)
    process = forms.ModelChoiceField(Process.objects.none(), required=False)

    def offer(self, row: Characteristic) -> None:
        """Parts and processes of the characteristic's site."""
        self.fields["part"].queryset = Part.objects.filter(site_id=row.site_id, active=True)  # type: ignore[attr-defined]  # a model choice
        self.fields["process"].queryset = Process.objects.filter(site_id=row.site_id, active=True)  # type: ignore[attr-defined]  # a model choice


class MappingForm(Styled):
    """What a person makes of an unknown topic; filled with the proposal."""

    code = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autofocus": True}))
    name = forms.CharField(max_length=120)
    unit = forms.CharField(max_length=40, required=False)
    kind = forms.ChoiceField(choices=ValueKind.choices)
    chart = forms.ChoiceField(choices=Chart.choices)
    subgroup_size = forms.IntegerField(min_value=1, label="Values in a subgroup")
    decimals = forms.IntegerField(min_value=0, max_value=9)
    lsl = forms.FloatField(required=False, label="Lower specification limit")
    target = forms.FloatField(required=False)
    usl = forms.FloatField(required=False, label="Upper specification limit")

    def characteristic(self) -> dict[str, Any]:
        """The fields that belong to the characteristic."""
        names = ("chart", "subgroup_size", "decimals", "lsl", "target", "usl")
        return {name: self.cleaned_data[name] for name in names}


class IgnoreForm(Styled):
    """Why a topic is left alone."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
