"""The generated reference says what the code says."""

from __future__ import annotations

from django.core.management import call_command


def test_the_reference_is_up_to_date() -> None:
    call_command("reference", "--check")
