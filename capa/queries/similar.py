"""Past records like this one, nearest first, with what helped then."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, FloatField, Q, Value, When
from django.db.models.expressions import Combinable

from capa.models import Capa, Nonconformity
from qms.core.actor import Actor
from qms.core.records import visible

FEATURES = (("defect_code", 4.0), ("characteristic", 3.0), ("process", 2.0), ("part", 2.0), ("station", 1.0))


@dataclass(frozen=True)
class Similar:
    """A past nonconformity, why it is alike and the CAPA that came of it."""

    record: Nonconformity
    alike: tuple[str, ...]
    capa: Capa | None


def similar_to(ncr: Nonconformity, actor: Actor, limit: int = 5) -> list[Similar]:
    """Nonconformities that share defect code, characteristic, process, part or station, weighted in this order."""
    score: Combinable = Value(0.0, FloatField())
    any_of = Q(pk__in=())
    for name, weight in FEATURES:
        if (value := getattr(ncr, f"{name}_id")) is not None:
            match = Q(**{f"{name}_id": value})
            score = score + Case(When(match, then=Value(weight)), default=Value(0.0), output_field=FloatField())
            any_of |= match
    rows = visible(Nonconformity, actor).filter(any_of).exclude(pk=ncr.pk).exclude(state="void")
    nearest = rows.annotate(score=score).order_by("-score", "-opened_at")[:limit]
    return [Similar(row, _alike(row, ncr), row.corrective_actions().order_by("-opened_at").first()) for row in nearest]


def _alike(row: Nonconformity, ncr: Nonconformity) -> tuple[str, ...]:
    return tuple(
        name.replace("_", " ")
        for name, _ in FEATURES
        if getattr(ncr, f"{name}_id") is not None and getattr(row, f"{name}_id") == getattr(ncr, f"{name}_id")
    )
