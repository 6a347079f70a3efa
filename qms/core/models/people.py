"""Sites, people, their roles and their tokens."""

from __future__ import annotations

from functools import cache
from typing import ClassVar
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.timezone import now

from qms.core.policy import ROLES

LONGEST_NUMBER = 40  # leaves room for long codes and large counts in the 60 letters of a number


@cache
def zones() -> frozenset[str]:
    """The names of the zones this machine can compute with, read from its disk once."""
    return frozenset(available_timezones())


def known_timezone(name: str) -> None:
    """Refuse a zone this machine cannot compute with."""
    if name not in zones():
        raise ValidationError(f"{name} is not a known time zone, such as Europe/Berlin.")


def numbers_differ(pattern: str) -> None:
    """Refuse a number pattern that would give the same number twice or cannot be filled."""
    try:
        first, second = (pattern.format(kind="NCR", site="S1", year=2026, n=n) for n in (1, 2))
    except (KeyError, ValueError, IndexError) as problem:
        raise ValidationError(
            f"The pattern cannot be filled: {problem}. Use {{kind}}, {{site}}, {{year}}, {{n}}."
        ) from problem
    if first == second or "{kind}" not in pattern or "{year" not in pattern:
        raise ValidationError("The pattern must hold {kind}, {year} and {n}, or numbers would repeat.")
    if len(first) > LONGEST_NUMBER:
        raise ValidationError(f"The pattern gives numbers of {len(first)} letters; at most {LONGEST_NUMBER} fit.")


def _workweek() -> list[int]:
    return [0, 1, 2, 3, 4]


def _shifts() -> list[dict[str, str]]:
    return [{"name": "1", "start": "06:00"}, {"name": "2", "start": "14:00"}, {"name": "3", "start": "22:00"}]


def languages() -> list[tuple[str, str]]:
    """The languages the product speaks: those of the settings, each of which has a compiled catalogue."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


class Site(models.Model):
    """A plant: its zone, its working calendar, its number pattern."""

    code = models.CharField(
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{2,12}\Z", "2 to 12 capital letters or digits, such as NV1.")],
    )
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC", validators=[known_timezone])
    language = models.CharField(max_length=8, default="en", choices=languages)
    number_pattern = models.CharField(max_length=60, default="{kind}-{year}-{n:04d}", validators=[numbers_differ])
    workdays = models.JSONField(default=_workweek, help_text="Working days, Monday is 0.")
    shifts = models.JSONField(default=_shifts, help_text="Shifts with name and start, in the order of the day.")
    demo = models.BooleanField(default=False)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Holiday(models.Model):
    """A day on which a site's clocks stand still."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("site", "day"), name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class UserManager(BaseUserManager["User"]):
    """Makes people; there is no superuser in the product."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """A person who can sign in by e-mail and password; without a password nobody can."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. Never deleted, the name never given to somebody else."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC", validators=[known_timezone])
    language = models.CharField(max_length=8, default="en", choices=languages)
    theme = models.CharField(
        max_length=6, default="system", choices=[(x, x.title()) for x in ("system", "light", "dark")]
    )
    density = models.CharField(
        max_length=12, default="compact", choices=[("compact", "Compact"), ("comfortable", "Roomy")]
    )
    single_keys = models.BooleanField(default=True, help_text="Single-letter shortcuts.")
    mail_notices = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        ordering = ("name",)
        indexes: ClassVar = [models.Index("name", name="user_name")]  # lists sort by the owner's name

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Membership(models.Model):
    """A role of a person at a site; no site means every site."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=16, choices=list(ROLES.items()))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("user", "site", "role"), name="role_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} at {self.site or 'every site'}"


class Token(models.Model):
    """An API key: shown once, stored as a hash, narrowed by scopes, with an end."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list, help_text="Action patterns such as nonconformity.* or *.view.")
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"
