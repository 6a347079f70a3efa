"""Lists of nonconformities and CAPAs, and the Pareto above the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import JSONObject

from capa.models import Capa, CostTotal, DefectCode, EscalationRule, Nonconformity
from qms.core.actor import ALL, Actor
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
    cost: Decimal


def currency_of(actor: Actor) -> str:
    """The currency the actor's sites reckon in: that of the first site's limits."""
    sites = actor.sites("nonconformity.view")
    rules = EscalationRule.objects.order_by("site_id")
    found = (rules if sites is ALL else rules.filter(site_id__in=sites)).values_list("currency", flat=True).first()
    return found or str(EscalationRule._meta.get_field("currency").default)


def currency_at(site_id: int) -> str:
    """The currency a site reckons in."""
    found = EscalationRule.objects.filter(site_id=site_id).values_list("currency", flat=True).first()
    return found or str(EscalationRule._meta.get_field("currency").default)


def nonconformities_of(actor: Actor, currency: str = "EUR") -> QuerySet[Nonconformity]:
    """The nonconformities the actor may see: `money` is the cost per currency, `cost` its part in one currency.

    Amounts in different currencies are never added; where nothing was booked, `cost` is None.
    """
    booked = CostTotal.objects.filter(record_id=OuterRef("pk")).exclude(amount=0).order_by("currency")
    return (
        visible(Nonconformity, actor)
        .select_related("owner", "site", "part", "station", "defect_code")
        .annotate(
            spent=FilteredRelation("cost_totals", condition=Q(cost_totals__currency=currency)),
            money=ArraySubquery(booked.values(json=JSONObject(currency="currency", amount="amount"))),
        )
        .annotate(cost=F("spent__amount"))
    )


def spent_on(records: QuerySet[Nonconformity], known: Mapping[str, Decimal]) -> list[dict[str, Any]]:
    """What the records of a filter cost, one row {"currency", "amount"} per currency, the largest first.

    In: sums by currency that were taken already; they are not asked again. Most plants reckon in one currency.
    """
    others = CostTotal.objects.filter(record_id__in=records.order_by().values("pk")).exclude(amount=0)
    found = others.exclude(currency__in=known).values_list("currency").annotate(sum=Sum("amount")).order_by()
    rows = [{"currency": currency, "amount": amount} for currency, amount in [*known.items(), *found] if amount]
    return sorted(rows, key=lambda row: (-row["amount"], row["currency"]))


def capas_of(actor: Actor) -> QuerySet[Capa]:
    """The CAPAs the actor may see."""
    return visible(Capa, actor).select_related("owner", "site", "champion", "source_ncr")


def weights_of(records: QuerySet[Nonconformity]) -> list[Weight]:
    """A filter by defect code, in one pass: how many records, pieces and how much money."""
    rows = records.order_by().values_list("defect_code")
    summed = rows.annotate(n=Count("pk"), pieces=Sum("quantity_nonconforming"), money=Sum("cost"))
    names = dict(DefectCode.objects.values_list("pk", "name"))
    return [
        Weight(code, names.get(code, "No code yet"), n, pieces or 0, money or Decimal(0))
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
