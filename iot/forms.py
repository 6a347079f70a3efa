"""What people type about charts, signals and devices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from governance.forms import SiteForm
from iot.models import LEAST_DAYS, Annotation, Correction, Device, DeviceProfile, RetentionClass
from qms.web.forms import Moment, Styled

CAUSES = (
    "Tool worn or broken", "Material lot", "Set-up or changeover", "Gauge or sensor", "Operator", "Environment",
    "Planned trial", "Not found",
)  # fmt: skip
_AREA = forms.Textarea(attrs={"rows": 3})


def _kept(label: str) -> forms.IntegerField:
    """Days something is kept."""
    return forms.IntegerField(required=False, min_value=LEAST_DAYS, label=label, help_text="Empty: for good.")


class CauseForm(Styled):
    """The assignable cause of a signal."""

    cause = forms.CharField(
        max_length=120, widget=forms.TextInput(attrs={"list": "causes", "autofocus": True}),
        help_text="What made the process move. Choose one or write your own.",
    )  # fmt: skip
    note = forms.CharField(required=False, widget=_AREA, help_text="What you saw and what you did.")


class SpanForm(Styled):
    """A span of points with a reason."""

    first = Moment(label="From")
    last = Moment(label="To")
    reason = forms.CharField(max_length=300, widget=_AREA)

    def clean(self) -> dict[str, Any]:
        """The span runs forward and takes in its last second."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if isinstance(first, datetime) and isinstance(last, datetime) and last < first:
            self.add_error("last", "The end lies before the beginning.")
        return data


class DiscardForm(Styled):
    """Which payloads go, and why."""

    ids = forms.CharField(widget=forms.HiddenInput, required=False)
    all = forms.CharField(widget=forms.HiddenInput, required=False)
    query = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label="Why", max_length=300, widget=_AREA)


class CorrectionForm(Styled):
    """Which of two values of a reading holds, and why."""

    holds = forms.ChoiceField(label="It is")
    reason = forms.CharField(max_length=200, widget=_AREA)

    def __init__(self, *args: Any, row: Correction, **kwargs: Any) -> None:
        unit = row.parameter.unit
        two = [("heard", f"{row.heard:g} {unit}, heard later"), ("stored", f"{row.stored:g} {unit}, as stored")]
        self.base_fields = {**self.base_fields, "holds": forms.ChoiceField(label="It is", choices=two)}  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)


class ProposalForm(Styled):
    """From which points new limits are estimated, and why."""

    first = Moment(label="Points from", required=False, help_text="Empty: from the first point.")
    last = Moment(label="Points to", required=False, help_text="Empty: up to now.")
    reason = forms.CharField(max_length=400, widget=_AREA, help_text="Why the limits are set or changed.")


class AnnotationForm(Styled):
    """A word for the lane under the chart."""

    text = forms.CharField(max_length=80, label="What happened", widget=forms.TextInput(attrs={"autofocus": True}))
    kind = forms.ChoiceField(choices=Annotation.Kind.choices, initial=Annotation.Kind.NOTE)
    at = Moment(label="When", required=False, help_text="Empty: now.")


class RunForm(Styled):
    """The part that is measured from now on."""

    part = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autofocus": True}))
    nominal = forms.FloatField(help_text="What it should measure, in the unit of the parameter.")
    sigma = forms.FloatField(
        required=False, label="Standard deviation of the part", help_text="Needed where deviations are standardised."
    )
    begins_at = Moment(label="Since", required=False, help_text="Empty: from now on.")


class EvidenceForm(Styled):
    """The record that keeps the frozen chart."""

    number = forms.CharField(
        label="Record", max_length=60, widget=forms.TextInput(attrs={"autofocus": True, "list": "records"}),
        help_text="Number of the record that keeps it, such as NCR-2026-0001.",
    )  # fmt: skip


class DeviceForm(SiteForm):
    """A device and where it publishes."""

    code = forms.CharField(max_length=60, help_text="The name it signs in with.")
    name = forms.CharField(max_length=120)
    topic_prefix = forms.CharField(max_length=200, help_text="Below which it publishes: site/area/line or deeper.")


def _read(name: str, *, label: str = "", required: bool = False, length: int = 120) -> forms.CharField:
    return forms.CharField(max_length=length, required=required, label=label or None, help_text=_help(name))


def _help(name: str) -> str:
    return str(DeviceProfile._meta.get_field(name).help_text)  # type: ignore[union-attr]  # of a column


class ProfileForm(SiteForm):
    """How the payloads on some topics are read."""

    name = forms.CharField(max_length=80)
    topic = forms.CharField(max_length=200, label="Topics", help_text=_help("topic"))
    target = forms.CharField(max_length=200, label="Parameter", help_text=_help("target"))
    items = _read("items", label="List of readings")
    value = _read("value", required=True)
    time = _read("time")
    time_in = forms.ChoiceField(choices=DeviceProfile.TimeIn.choices, label="Time is written as")
    unit_path = _read("unit_path", label="Unit in the payload")
    unit = _read("unit", length=40)
    scale = forms.FloatField(initial=1.0, help_text=_help("scale"))
    offset = forms.FloatField(initial=0.0, help_text=_help("offset"))
    quality = _read("quality")


class ProfileEditForm(ProfileForm):
    """A profile that is there; its site stays."""

    active = forms.BooleanField(required=False, label="In use")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["site"]


class TrialForm(Styled):
    """A message to try."""

    topic = forms.CharField(max_length=400)
    payload = forms.CharField(max_length=65536, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}))


class RetentionClassForm(Styled):
    """How long readings and roll-ups are kept."""

    name = forms.CharField(max_length=80)
    raw_days = _kept("Single readings, days")
    minute_days = _kept("Minutes, days")
    ten_minute_days = _kept("Ten minutes, days")
    hour_days = _kept("Hours, days")
    is_default = forms.BooleanField(
        required=False, label="Holds by default", help_text="For every parameter that has no class of its own."
    )


class RetentionForm(Styled):
    """The class of a parameter, and its hold."""

    retention_class = forms.ModelChoiceField(
        RetentionClass.objects.all(), required=False, label="Class", empty_label="the one that holds by default"
    )
    hold = forms.BooleanField(required=False, label="Hold everything")
    hold_reason = forms.CharField(required=False, max_length=300, label="Held for")


class DeviceStateForm(Styled):
    """Whether a device may publish."""

    state = forms.ChoiceField(choices=Device.State.choices)
    reason = forms.CharField(max_length=300, widget=_AREA)


class ReasonForm(Styled):
    """Only a reason."""

    reason = forms.CharField(max_length=300, widget=_AREA)
