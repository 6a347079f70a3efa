"""`manage.py reference`: write docs/reference from the code, or (--check) say what is out of date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qms.core.reference import pages


class Command(BaseCommand):
    """Writes the generated pages of the reference."""

    help = "Write docs/reference from flows, policy, settings and API."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when a page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.ROOT) / "docs" / "reference"
        old = []
        for name, text in pages(Path(settings.ROOT) / "qms" / "settings.py").items():
            page = root / name
            if options["check"]:
                old += [name] if not page.exists() or page.read_text() != text else []
                continue
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text)
            self.stdout.write(str(page.relative_to(settings.ROOT)))
        if old:
            raise CommandError(f"Out of date: {', '.join(old)}. Run python3 manage.py reference.")
