"""Refusals a person can act on; the edges translate them, services raise them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """The step or change is not possible now; the text says why and what to do (API: 409)."""

    def __init__(self, *reasons: str, anchor: str = "") -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)
        self.anchor = anchor


class Conflict(Refused):
    """Somebody else changed the record first (API: 412)."""


class Busy(Refused):
    """The house does this for as many as it can at once; it is possible again after a while (503)."""

    def __init__(self, reason: str, *, seconds: int) -> None:
        super().__init__(reason)
        self.seconds = seconds


class WrongPassword(Refused):
    """The signer could not prove to be the signer (API: 403)."""


class Denied(Exception):
    """The person has no right to do this; the text names the right and who can grant it (API: 403)."""


class Invalid(Exception):
    """Input that cannot be taken: field name to messages (API: 400)."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
        self.errors = {field: list(texts) for field, texts in errors.items()}


def because(reason: str, words: str) -> str:
    """The reason without spaces around it; raises Invalid with these words when there is none."""
    if not (said := reason.strip()):
        raise Invalid({"reason": [words]})
    return said
