"""Paging by key: the next page begins after the last row's sort value, however long the list is."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Model, Q, QuerySet

from qms.core.storable import storable


def ordered(rows: QuerySet[Any], field: str, *, descending: bool) -> QuerySet[Any]:
    """Rows by a field, empty values last, ties by id; a field that is never empty is sorted as its index is."""
    last = True if _may_be_empty(rows, field) else None
    by = F(field).desc(nulls_last=last) if descending else F(field).asc(nulls_last=last)
    return rows.order_by(by, "-pk" if descending else "pk")


def after(rows: QuerySet[Any], field: str, *, descending: bool, cursor: str) -> QuerySet[Any]:
    """The rows behind the cursor; all rows when the cursor cannot be read (an old bookmark)."""
    try:
        return _behind(rows, field, descending=descending, mark=_read(cursor))
    except (ValueError, TypeError, ArithmeticError, ValidationError):
        return rows


def _behind(rows: QuerySet[Any], field: str, *, descending: bool, mark: tuple[Any, int]) -> QuerySet[Any]:
    value, pk = mark
    beyond, ties = ("lt", Q(pk__lt=pk)) if descending else ("gt", Q(pk__gt=pk))
    if value is None:
        return rows.filter(ties, **{f"{field}__isnull": True})
    behind = Q(**{f"{field}__{beyond}": value}) | (Q(**{field: value}) & ties)
    if _may_be_empty(rows, field):
        return rows.filter(behind | Q(**{f"{field}__isnull": True}))
    # the first condition says nothing new, but it lets the index begin at the cursor
    return rows.filter(Q(**{f"{field}__{beyond}e": value}) & behind)


def _may_be_empty(rows: QuerySet[Any], path: str) -> bool:
    """Whether a field, or a relation on the way to it, may be null; what was computed may."""
    model: type[Model] | None = rows.model
    for name in path.split("__"):
        try:
            found: Any = model._meta.get_field(name) if model and name != "pk" else None
        except FieldDoesNotExist:
            return True
        if found is None:
            return name != "pk"
        if found.null:
            return True
        model = found.related_model
    return False


def value_of(row: Model, field: str) -> Any:
    """The value of a row under an ORM path."""
    value: Any = row
    for name in field.split("__"):
        value = None if value is None else getattr(value, name)
    return value


def last_value(cursor: str) -> Any:
    """The sort value a cursor stands behind; None when it cannot be read."""
    try:
        return _read(cursor)[0]
    except ValueError:
        return None


def _read(cursor: str) -> tuple[Any, int]:
    """What a cursor says; ValueError when it is none of ours."""
    found = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    if not isinstance(found, list) or len(found) != 2 or type(found[1]) is not int:
        raise ValueError("A cursor is a sort value and a key.")
    if isinstance(found[0], str) and not storable(found[0]):
        raise ValueError("A cursor holds a text no row can hold.")
    return found[0], found[1]


def cursor_of(row: Model, field: str) -> str:
    """The cursor that stands for a row."""
    value = value_of(row, field)
    if isinstance(value, datetime):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    packed = json.dumps([value, row.pk], cls=DjangoJSONEncoder)
    return base64.urlsafe_b64encode(packed.encode()).decode()
