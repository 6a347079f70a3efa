"""The row an address names, or the answer that there is none to see."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

M = TypeVar("M", bound=Model)


def found_or_404(rows: QuerySet[M], pk: int, what: str) -> M:
    """The row with this id among `rows`, those the actor may see; 404 without telling whether it exists elsewhere."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no such {what} that you may see.")
    return row
