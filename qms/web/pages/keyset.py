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


def page_keys(rows: QuerySet[Any], field: str, *, descending: bool, cursor: str, most: int) -> list[Any]:
    """The keys of the page behind the cursor, or of the first when it cannot be read (an old bookmark).

    Rows that have a value are asked for first and those without only when room is left: each part can follow an
    index, where one question for both would sort every row there is.
    """
    try:
        parts = _parts(rows, field, descending=descending, mark=_read(cursor) if cursor else None)
    except (ValueError, TypeError, ArithmeticError, ValidationError):
        parts = _parts(rows, field, descending=descending, mark=None)
    found: list[Any] = []
    for part in parts:
        if len(found) < most:
            found += part.values_list("pk", flat=True)[: most - len(found)]
    return found


def _parts(rows: QuerySet[Any], field: str, *, descending: bool, mark: tuple[Any, int] | None) -> list[QuerySet[Any]]:
    """The rows behind a mark (a value and a key): those with a value in its order, then those without."""
    by, key, beyond = (F(field).desc(), "-pk", "lt") if descending else (F(field).asc(), "pk", "gt")
    bare = rows.filter(**{f"{field}__isnull": True}).order_by(key)
    if mark is not None and mark[0] is None:
        return [bare.filter(**{f"pk__{beyond}": mark[1]})]
    empties = _may_be_empty(rows, field)
    filled = (rows.filter(**{f"{field}__isnull": False}) if empties else rows).order_by(by, key)
    if mark is not None:
        value, pk = mark
        behind = Q(**{f"{field}__{beyond}": value}) | Q(**{field: value, f"pk__{beyond}": pk})
        # the first condition says nothing new, but it lets the index begin at the mark
        filled = filled.filter(Q(**{f"{field}__{beyond}e": value}) & behind)
    return [filled, bare] if empties else [filled]


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
