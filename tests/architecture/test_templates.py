"""Templates keep to the strict content policy, to their length, and use only what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qms.web.marks import MARKS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("qms", "governance", "iot", "capa", "analytics")
TEMPLATES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("templates/**/*.html"))
SCRIPTS = sorted((ROOT / "qms/web/assets").rglob("*.js"))


def found(pattern: str, *, paths: list[Path] = TEMPLATES) -> list[str]:
    """Where a pattern occurs."""
    return [f"{p.relative_to(ROOT)}: {m.group(0)[:60]}" for p in paths for m in re.finditer(pattern, p.read_text())]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\sstyle\s*=",  # style attributes are refused by the policy
        r"<style\b",
        r"<script(?![^>]*\bsrc=)[^>]*>",  # inline scripts likewise
        r"\son[a-z]+\s*=\s*[\"']",  # onclick and its kin
        r"\bhx-on\b",  # needs evaluation of text
        r"javascript:",
        r"(?:src|href)=[\"'](?:https?:)?//",  # nothing comes from another host
    ],
)
def test_no_template_breaks_the_content_policy(pattern: str) -> None:
    hits = [hit for hit in found(pattern) if "json_script" not in hit]
    assert not hits


def test_only_frozen_drawings_are_printed_as_they_stand() -> None:
    assert not [hit for hit in found(r"\{\{[^}]*\|safe[^}]*\}\}") if ".svg|safe" not in hit]


def test_no_script_evaluates_text_or_writes_markup() -> None:
    assert not found(
        r"\beval\(|new Function\(|\.innerHTML\s*=|document\.write\(|setAttribute\(['\"]style", paths=SCRIPTS
    )


def test_no_script_module_is_longer_than_150_lines() -> None:
    assert not [str(path) for path in SCRIPTS if len(path.read_text().splitlines()) > 150]


def test_every_state_mark_named_in_a_template_exists() -> None:
    names = {m.group(1) for p in TEMPLATES for m in re.finditer(r"\{% (?:mark|state) \"([a-z]+)\"", p.read_text())}
    assert names <= set(MARKS)


def test_every_form_that_posts_carries_the_token() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        for form in re.findall(r"<form\b[^>]*\bmethod=\"post\"[^>]*>.*?</form>", path.read_text(), re.DOTALL)
        if "csrf_token" not in form
    ]
    assert not bare
