"""`manage.py spc FILE...`: one JSON object a line and file, the answer to each reference case of the statistics."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from spc import cases


class Command(BaseCommand):
    """Answers cases of the statistics; needs no database."""

    help = "Print the statistics' answer to each case file, one JSON object a line."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        if status := cases.main(options["files"], self.stdout.write):
            sys.exit(status)
