"""The generated reference says what the code says."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command

from qms.core.reference import settings_page

SETTINGS = Path(__file__).resolve().parents[2] / "qms" / "settings.py"


def test_the_reference_is_up_to_date() -> None:
    call_command("reference", "--check")


def test_every_setting_says_what_it_is() -> None:
    rows = [line.split(" | ") for line in settings_page(SETTINGS.read_text()).splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    assert not [row[0] for row in rows if not row[1].strip(" |")]
