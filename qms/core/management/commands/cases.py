"""`manage.py cases DIR`: every reference case below a folder, through the product's own doors."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qms.core.cases import outcomes


class Command(BaseCommand):
    """One line a case, PASS or FAIL with the difference; then the counts."""

    help = "Run every reference case below DIR and print PASS or FAIL with the difference."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not folder.exists():
            raise CommandError(f"There is no folder {folder}.")
        seen: Counter[str] = Counter()
        for outcome in outcomes(folder):
            seen[outcome.verdict] += 1
            self.stdout.write(f"{outcome.verdict} {outcome.name}{': ' if outcome.text else ''}{outcome.text}")
            self.stdout.flush()
        self.stdout.write(f"{seen['PASS']} passed, {seen['FAIL']} failed")
        if seen["FAIL"]:
            sys.exit(1)
