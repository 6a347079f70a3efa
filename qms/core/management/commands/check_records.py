"""`manage.py check_records`: every record is whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qms.core.actor import system
from qms.core.models import Record
from qms.core.records import KINDS
from qms.core.trail import reading


class Command(BaseCommand):
    """A record is a row of the common table with exactly one row of its kind; the database cannot say that itself."""

    help = "Find records without a row of their kind, of an unknown kind, or with a row of another kind."

    def handle(self, *_args: Any, **_options: Any) -> None:
        with reading(system("check")):
            broken = [*_unknown(), *(line for kind in sorted(KINDS) for line in _of(kind))]
            total = Record.objects.count()
        for line in broken:
            self.stderr.write(line)
        if broken:
            raise CommandError(f"{len(broken)} of {total} records are not whole. Restore them from the backup.")
        self.stdout.write(f"{total} records are whole.")


def _unknown() -> list[str]:
    rows = Record.objects.exclude(kind__in=KINDS).order_by("id").values_list("number", "kind")
    return [f"{number} is of the kind {kind}, which no room knows." for number, kind in rows]


def _of(kind: str) -> list[str]:
    model = KINDS[kind]
    children = model._base_manager.order_by()
    bare = Record.objects.filter(kind=kind).exclude(pk__in=children.filter(kind=kind).values("pk"))
    stray = children.exclude(kind=kind).values_list("number", "kind")
    return [
        *(f"{number} has no row of its kind {kind}." for number in bare.values_list("number", flat=True)),
        *(f"{number} is of the kind {own} and has a row of the kind {kind} too." for number, own in stray),
    ]
