"""`manage.py verify_trail`: check the trail from its first row to the living tables; exit 1 if it is not whole."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qms.core.errors import Refused
from qms.core.health import unsealed
from qms.core.seal import keys
from qms.core.seal.checking import check
from qms.core.seal.findings import Report


class Command(BaseCommand):
    """Reads only; it may run beside everything else."""

    help = "Check log, checkpoints, living rows, signatures; name the first broken row. Exit 1 when one is found."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--home", type=Path, help="folder of the instance")
        parser.add_argument("--key", type=Path, help="the public key as you kept it, instead of the one beside the log")
        parser.add_argument("--files", action="store_true", help="also read every stored file and check its digest")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = keys.verifier_of(options["key"].read_text()) if options["key"] else None
        except (OSError, Refused) as problem:
            raise CommandError(str(problem)) from None
        report = check(verifier=known, files=options["files"], tell=self._tell)
        if options["json"]:
            self.stdout.write(json.dumps(report.data(), indent=1, ensure_ascii=False))
        else:
            self._say(report)
        if not report.whole:
            sys.exit(1)

    def _say(self, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(f"NOT WHOLE  {finding.what}: {finding.text}.")
        if report.found > len(report.findings):
            self.stdout.write(f"... and {report.found - len(report.findings):,} more.")
        for name, number in report.counts.items():
            self.stdout.write(f"{number:>12,}  {name}")
        waiting, _ = unsealed()
        self.stdout.write(f"{waiting:>12,}  rows not sealed yet")
        rate = report.counts.get("entries", 0) / max(report.seconds, 1e-9)
        self.stdout.write(f"{report.seconds:12.1f}  seconds, {rate:,.0f} rows a second")
        self.stdout.write("The trail is whole." if report.whole else f"The trail is NOT whole: {report.found:,} found.")

    def _tell(self, stage: str, share: float) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{share:4.0%} {stage:<48}", ending="")
