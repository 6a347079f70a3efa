"""Lists of nonconformities and CAPAs, and the Pareto above the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, DecimalField, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from capa.models import Capa, DefectCode, Nonconformity
from qms.core.actor import Actor
from qms.core.records import visible

MEASURES = {"cost": "Cost", "pieces": "Pieces", "records": "Records"}
BARS = 7


@dataclass(frozen=True)
class Bar:
    """One bar of the Pareto: a defect code (None: no code yet; -1: all others) and how much it weighs."""

    code: int | None
    name: str
    value: float
    share: float
    cumulative: float


@dataclass(frozen=True)
class Weight:
    """What one defect code (None: no code yet) weighs by each measure."""

    code: int | None
    name: str
    records: int
    pieces: int
    cost: float


def nonconformities_of(actor: Actor) -> QuerySet[Nonconformity]:
    """The nonconformities the actor may see, each with its booked cost as `cost`."""
    money = DecimalField(max_digits=14, decimal_places=2)
    return (
        visible(Nonconformity, actor)
        .select_related("owner", "site", "part", "station", "defect_code")
        .annotate(cost=Coalesce(F("cost_total__amount"), Decimal(0), output_field=money))
    )


def capas_of(actor: Actor) -> QuerySet[Capa]:
    """The CAPAs the actor may see."""
    return visible(Capa, actor).select_related("owner", "site", "champion", "source_ncr")


def weights_of(records: QuerySet[Nonconformity]) -> list[Weight]:
    """A filter by defect code, in one pass: how many records, pieces and how much money."""
    rows = records.order_by().values_list("defect_code")
    summed = rows.annotate(n=Count("pk"), pieces=Sum("quantity_nonconforming"), money=Sum("cost"))
    names = dict(DefectCode.objects.values_list("pk", "name"))
    return [
        Weight(code, names.get(code, "No code yet"), n, pieces or 0, float(money or 0))
        for code, n, pieces, money in summed
    ]


def pareto_of(weights: Sequence[Weight], measure: str) -> list[Bar]:
    """Records of a filter by defect code, largest first, what is left over last; sums to the whole filter."""
    name = measure if measure in MEASURES else "records"
    found: list[tuple[int | None, str, float]] = sorted(
        ((row.code, row.name, float(getattr(row, name))) for row in weights), key=lambda row: (-row[2], row[1])
    )
    if len(found) > BARS + 1:
        found = [*found[:BARS], (-1, "Other", sum(weight for *_, weight in found[BARS:]))]
    total = sum(weight for *_, weight in found)
    bars, running = [], 0.0
    for code, word, weight in found:
        running += weight
        bars.append(Bar(code, word, weight, weight / total if total else 0.0, running / total if total else 0.0))
    return bars


def corrective_totals(actor: Actor) -> dict[str, int]:
    """How many CAPAs are open, late, waiting for their effect, and how many were not effective."""
    rows = visible(Capa, actor)
    return {
        "open": rows.filter(closed_at=None).count(),
        "effectiveness": rows.filter(state="effectiveness").count(),
        "ineffective": rows.filter(ineffective_count__gt=0).count(),
    }
