"""What a password must be, said so that the person knows what to do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

DIFFERENT = 5


class DifferentCharacters:
    """Refuse a password that repeats a few characters: it is long and guessed at once."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with what to do."""
        count = len(set(password.casefold()))
        if count < DIFFERENT:
            said = "1 character" if count == 1 else f"{count} different characters"
            raise ValidationError(
                f"This is {said} again and again. Use at least {DIFFERENT} different ones, such as in a sentence.",
                code="password_repeats",
            )

    def get_help_text(self) -> str:
        """The rule."""
        return f"At least {DIFFERENT} different characters."


class LongEnough(password_validation.MinimumLengthValidator):
    """Refuse a short password."""

    def get_error_message(self) -> str:
        """What to do."""
        return f"This is too short. Use at least {self.min_length} characters, such as a sentence."


class Uncommon(password_validation.CommonPasswordValidator):
    """Refuse what stands on every list of passwords."""

    def get_error_message(self) -> str:
        """What to do."""
        return "This stands on the lists of common passwords. Choose one that nobody else has, such as a sentence."


class NotAllDigits(password_validation.NumericPasswordValidator):
    """Refuse a number."""

    def get_error_message(self) -> str:
        """What to do."""
        return "This is only digits. Add letters or words."


class UnlikeThePerson(password_validation.UserAttributeSimilarityValidator):
    """Refuse a password made of the person's name or address."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("name", "email"))

    def get_error_message(self) -> str:
        """What to do; the framework fills in which attribute."""
        return "This is too much like your %(verbose_name)s. Choose one that has nothing to do with it."
