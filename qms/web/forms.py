"""What people type into the shell's pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from datetime import timezone as offset
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from qms.core.actor import ALL, Actor
from qms.core.errors import Invalid
from qms.core.models import User
from qms.core.models.people import Site, languages, zones
from qms.core.policy import ROLES
from qms.core.storable import OUTSIDE, plausible

ZONES = [(name, name) for name in sorted(zones()) if "/" in name or name == "UTC"]


def _choices(name: str) -> list[tuple[str, str]]:
    """The choices of a field of the person."""
    field = User._meta.get_field(name)
    return [(str(key), str(word)) for key, word in getattr(field, "flatchoices", [])]


DAYS = list(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
HARD_TO_GUESS = "At least 12 characters, 5 of them different. A sentence is easier to remember than a word with signs."
_LINES = forms.Textarea(attrs={"rows": 4})
_DASHES = "---------"  # what Django writes where nothing is chosen
MOMENT = "%Y-%m-%dT%H:%M"
WALL = offset(timedelta(0), "wall clock")  # marks what was typed without an offset


class Moment(forms.DateTimeField):
    """A date and time as the browser's own picker writes it, in the person's zone.

    An hour that comes twice, when the clocks are put back, is taken as the first; one that never came is refused.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=MOMENT))
        super().__init__(**{"input_formats": [MOMENT, "%Y-%m-%dT%H:%M:%S"], **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        """The moment; raises ValidationError with what to do about it."""
        with timezone.override(WALL):
            found = super().to_python(value)
        if found is None:
            return None
        if not plausible(found):
            raise forms.ValidationError(OUTSIDE, code="invalid")
        return _on_the_clock(found.replace(tzinfo=None)) if found.tzinfo is WALL else found


class Day(forms.DateField):
    """A day as the browser's own picker writes it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        """The day; raises ValidationError when no record can speak of it."""
        found = super().to_python(value)
        if found is not None and not plausible(found):
            raise forms.ValidationError(OUTSIDE, code="invalid")
        return found


def _on_the_clock(wall: datetime) -> datetime:
    """What a clock on the wall of the person's zone shows, as a moment."""
    moment = timezone.make_aware(wall)
    if timezone.localtime(moment.astimezone(UTC)).replace(tzinfo=None) == wall:
        return moment
    zone = timezone.get_current_timezone_name()
    raise forms.ValidationError(
        f"There was no {wall:%H:%M} on {wall:%Y-%m-%d} in {zone}: the clocks were put forward. Choose a later time.",
        code="invalid",
    )


def name_the_empty(field: forms.Field) -> None:
    """Say in words what it means that nothing is chosen."""
    words = "Choose one" if field.required else "Not chosen"
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = words if field.empty_label == _DASHES else field.empty_label
    elif isinstance(field, forms.ChoiceField) and isinstance(field.widget, forms.Select):
        choices = [*field.widget.choices]
        if ("", _DASHES) in choices:
            field.choices = [("", words) if choice == ("", _DASHES) else choice for choice in choices]


def dress(widget: forms.Widget) -> None:
    """Give a widget the class of its kind, unless it has one."""
    kind = "form-check-input" if isinstance(widget, forms.CheckboxInput) else "form-control"
    kind = "form-select" if isinstance(widget, forms.Select) else kind
    kind = "choices" if isinstance(widget, forms.RadioSelect) else kind  # also boxes to tick
    widget.attrs.setdefault("class", kind)


class Styled(forms.Form):
    """A form whose fields wear the product's classes and name their errors and hints."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            dress(field.widget)
            name_the_empty(field)
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}-h"

    def full_clean(self) -> None:
        """Look at what was typed, and tell of each field that is wrong where its reason stands.

        Not while the form is made: what may be chosen is often only known after that.
        """
        super().full_clean()
        for name in self.errors.keys() & self.fields.keys():
            self.fields[name].widget.attrs.update({"aria-invalid": "true", "aria-describedby": f"id_{name}-e"})

    def taken(self) -> dict[str, Any]:
        """The cleaned fields; raises Invalid when the form has errors, which it then shows itself."""
        if not self.is_valid():
            raise Invalid({})
        return self.cleaned_data

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Take over what a service refused; what belongs to no field stands above the form."""
        for name, texts in errors.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)
                if name in self.fields:
                    self.fields[name].widget.attrs["aria-invalid"] = "true"


class Spoken(Styled):
    """A form with a language, which is asked for only where there is a choice."""

    language = forms.ChoiceField(label="Language", choices=languages, initial="en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if len(languages()) < 2:
            asked = {name: field for name, field in self.base_fields.items() if name != "language"}
            self.base_fields = asked  # type: ignore[misc]  # of this form alone
        super().__init__(*args, **kwargs)


class SignInForm(Styled):
    """Address and password."""

    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class OwnerForm(Styled):
    """The first account."""

    name = forms.CharField(
        label="Your name",
        max_length=120,
        help_text="As it will be printed beside your signatures.",
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text=HARD_TO_GUESS,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class SiteForm(Spoken):
    """A plant."""

    code = forms.CharField(
        label="Short code",
        max_length=12,
        validators=[RegexValidator(r"^[A-Za-z0-9]{2,12}\Z", "2 to 12 letters or digits, such as NV1.")],
        help_text="Begins every topic and stands in the top bar, such as NV1.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    name = forms.CharField(label="Name", max_length=120, help_text="Such as Norrvik, Plant 1.")
    timezone = forms.ChoiceField(
        label="Time zone", choices=ZONES, initial="UTC", widget=forms.Select(attrs={"data-guess-zone": ""})
    )
    field_order = ("code", "name", "timezone", "language")


class SiteEditForm(Spoken):
    """A plant's names, zone, working calendar and numbers."""

    name = forms.CharField(label="Name", max_length=120)
    timezone = forms.ChoiceField(label="Time zone", choices=ZONES)
    field_order = ("name", "timezone", "language")
    number_pattern = forms.CharField(
        label="Record numbers", max_length=60, help_text="Holds {kind}, {year} and {n}; {site} where plants share it."
    )
    workdays = forms.TypedMultipleChoiceField(
        label="Working days", choices=DAYS, coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text="Clocks in working days stand still on the others.",
    )  # fmt: skip
    shifts = forms.CharField(
        widget=_LINES, required=False, help_text="One a line: start and name, such as 06:00 Early."
    )
    holidays = forms.CharField(
        widget=_LINES, required=False, help_text="One a line: day and name, such as 2026-12-25 Christmas."
    )

    def clean_shifts(self) -> list[dict[str, str]]:
        """Start and name of each line, in the order of the day; a line that is none is named."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["shifts"].splitlines())):
            start, _, name = line.partition(" ")
            try:
                found.append({"name": name.strip()[:40] or start, "start": f"{time.fromisoformat(start):%H:%M}"})
            except ValueError:
                raise forms.ValidationError(f"“{line[:40]}” does not begin with a time such as 06:00.") from None
        return sorted(found, key=lambda shift: shift["start"])

    def clean_holidays(self) -> list[tuple[date, str]]:
        """Day and name of each line; a line that is none is named."""
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["holidays"].splitlines())):
            day, _, name = line.partition(" ")
            try:
                found.append((date.fromisoformat(day), name.strip()[:80] or "Holiday"))
            except ValueError:
                raise forms.ValidationError(f"“{line[:40]}” does not begin with a day such as 2026-12-25.") from None
        return found


class KeyForm(Styled):
    """An API key: what it is for, what it may, how long."""

    name = forms.CharField(label="What it is for", max_length=80, help_text="Such as ERP of plant 1.")
    scope = forms.ChoiceField(label="It may", choices=[("*.view", "Only read"), ("*", "All that you may yourself")])
    days = forms.TypedChoiceField(
        label="It ends", coerce=int, choices=[(90, "After 90 days"), (365, "After a year"), (0, "When it is revoked")]
    )


class ReasonForm(Styled):
    """Why."""

    reason = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}))


class ExtensionForm(Styled):
    """A later due date with the reason."""

    due = Moment(label="New due date")
    reason = forms.CharField(label="Why more time is needed", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ProfileForm(Spoken):
    """How the product looks and speaks to one person."""

    timezone = forms.ChoiceField(label="Your time zone", choices=ZONES)
    theme = forms.ChoiceField(label="Theme", choices=_choices("theme"))
    density = forms.ChoiceField(label="Rows", choices=_choices("density"))
    single_keys = forms.BooleanField(label="Single-letter keys", required=False)
    mail_notices = forms.BooleanField(label="Notices by e-mail", required=False)


class PasswordForm(Styled):
    """A new password, proven by the old one."""

    old = forms.CharField(
        label="Present password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label="New password",
        strip=False,
        help_text=HARD_TO_GUESS,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class FirstPasswordForm(Styled):
    """The password of a person who was invited."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        help_text=HARD_TO_GUESS,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )


class RoleForm(Styled):
    """One more role for a person, at a site that whoever gives it administers."""

    role = forms.ChoiceField(label="Role", choices=list(ROLES.items()))
    site = forms.ModelChoiceField(label="At", queryset=Site.objects.all(), required=False, empty_label="Every site")

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites, field = by.sites("person.edit"), cast("forms.ModelChoiceField[Site]", self.fields["site"])
        if sites is not ALL:
            field.required, field.empty_label = True, None
            field.queryset = Site.objects.filter(pk__in=sites)


class PersonForm(RoleForm):
    """A new person with a first role."""

    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(label="E-mail")
    field_order = ("name", "email", "role", "site")

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **{**kwargs, "initial": {"role": "engineer", **(kwargs.get("initial") or {})}})
