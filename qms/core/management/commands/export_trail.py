"""`manage.py export_trail`: the trail of one record with its proofs, to be checked anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qms.core.actor import system
from qms.core.errors import Refused
from qms.core.models import Record
from qms.core.seal.bundle import export
from qms.core.trail import reading

EXPORTER = system("export")


class Command(BaseCommand):
    """Writes one file."""

    help = "Write the trail of a record, its proofs and a script that checks them into a ZIP file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--home", type=Path, help="folder of the instance")
        parser.add_argument("--record", required=True, help="number of the record, such as NCR-2026-0001")
        parser.add_argument("--out", required=True, type=Path, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        with reading(EXPORTER):
            record = Record._base_manager.filter(number=options["record"]).first()
        if record is None:
            raise CommandError(f"There is no record {options['record']}.")
        fresh = options["out"].with_name(f".{options['out'].name}.new")
        try:
            with fresh.open("wb") as file:
                done = export(record, file, by=EXPORTER)
        except Refused as why:
            fresh.unlink(missing_ok=True)
            raise CommandError(str(why)) from None
        fresh.replace(options["out"])
        self.stdout.write(f"{options['out']}: {done['rows']:,} rows of the trail of {record.number}.")
        if done["waiting"]:
            self.stdout.write(f"{done['waiting']:,} newer rows were not sealed yet and are not in it.")
