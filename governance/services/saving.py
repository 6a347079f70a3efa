"""Validate and save one row of master data; problems come back by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model

from qms.core.errors import Invalid
from qms.core.records import check_row

M = TypeVar("M", bound=Model)


def store(row: M) -> M:
    """Check every field and constraint, then save. Raises Invalid with the messages by field."""
    check_row(row)
    row.save()
    return row


def assign(row: Model, values: Mapping[str, Any], *, allowed: Iterable[str]) -> list[str]:
    """Set the given fields and return those that changed. Raises Invalid for a field that is not editable."""
    unknown = set(values) - set(allowed)
    if unknown:
        raise Invalid({name: ["This field cannot be changed."] for name in sorted(unknown)})
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed
