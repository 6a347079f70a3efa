"""`manage.py bench NAME`: run one bench, print a table, keep the rows in bench/results/NAME.json."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

COLUMNS = ("id", "value", "unit", "goal", "met", "beside")


class Command(BaseCommand):
    """Measures; every figure the product claims comes from one of these."""

    help = "Run a bench, print a table, write bench/results/NAME.json."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.ROOT) / "bench"
        name = options["name"]
        if not name.isidentifier() or not find_spec(f"bench.{name}"):
            known = ", ".join(sorted(path.stem for path in folder.glob("[a-z]*.py") if "def run(" in path.read_text()))
            raise CommandError(f"There is no bench {name}. There are: {known}.")
        rows = import_module(f"bench.{name}").run()
        for line in table(rows):
            self.stdout.write(line)
        for line in profiles(rows):
            self.stdout.write(line)
        results = folder / "results"
        results.mkdir(exist_ok=True)
        (results / f"{name}.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        if any(row["met"] is False for row in rows):  # None: skipped, with its reason
            sys.exit(1)


def table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rows as aligned lines under their headings."""
    cells = [COLUMNS, *(tuple(_text(row.get(column)) for column in COLUMNS) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def profiles(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where the time of what missed its goal goes: function and part in a hundred, stage and CPU-microseconds."""
    lines = []
    for row in rows:
        for name, words in (("profile", "% of its processor time"), ("stages", "CPU µs of a stage")):
            if row["met"] is False and row.get(name):
                lines += ["", f"{row['id']}, {words}:", *(f"  {part:6.2f}  {of}" for of, part in row[name].items())]
    return lines


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items())
    return "" if value is None else str(value)
