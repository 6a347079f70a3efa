"""Lists of nonconformities and CAPAs, and the Pareto above the first."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject

from capa.models import Capa, CostLine, EscalationRule, Nonconformity
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

    Amounts in different currencies are never added.
    """
    lines = CostLine.objects.filter(record_id=OuterRef("pk")).order_by().values("currency").annotate(s=Sum("amount"))
    spent = lines.filter(currency=currency).values("s")
    each = lines.order_by("currency").values(json=JSONObject(currency="currency", amount="s"))
    money = DecimalField(max_digits=14, decimal_places=2)
    return (
        visible(Nonconformity, actor)
        .select_related("owner", "site", "part", "station", "defect_code")
        .annotate(
            cost=Coalesce(Subquery(spent, output_field=money), Decimal(0), output_field=money),
            money=ArraySubquery(each),
        )
    )


def spent_on(records: QuerySet[Nonconformity]) -> list[dict[str, Any]]:
    """What the records of a filter cost, one row {"currency", "amount"} per currency, the largest first."""
    lines = CostLine.objects.filter(record_id__in=records.order_by().values("pk"))
    sums = lines.order_by().values("currency").annotate(sum=Sum("amount")).order_by("-sum", "currency")
    return [{"currency": row["currency"], "amount": row["sum"]} for row in sums]


def capas_of(actor: Actor) -> QuerySet[Capa]:
    """The CAPAs the actor may see."""
    return visible(Capa, actor).select_related("owner", "site", "champion", "source_ncr")


def pareto_of(records: QuerySet[Nonconformity], measure: str) -> list[Bar]:
    """Records of a filter by defect code, largest first, what is left over last; sums to the whole filter."""
    weighed = {
        "cost": Sum("cost"),
        "pieces": Coalesce(Sum("quantity_nonconforming"), 0),
        "records": Count("pk"),
    }[measure if measure in MEASURES else "records"]
    rows = records.order_by().values("defect_code", "defect_code__name").annotate(weight=weighed)
    found = sorted(
        ((row["defect_code"], row["defect_code__name"] or "No code yet", float(row["weight"] or 0)) for row in rows),
        key=lambda row: (-row[2], row[1]),
    )
    if len(found) > BARS + 1:
        found = [*found[:BARS], (-1, "Other", sum(weight for *_, weight in found[BARS:]))]
    total = sum(weight for *_, weight in found)
    bars, running = [], 0.0
    for code, name, weight in found:
        running += weight
        bars.append(Bar(code, name, weight, weight / total if total else 0.0, running / total if total else 0.0))
    return bars


def corrective_totals(actor: Actor) -> dict[str, int]:
    """How many CAPAs are open, late, waiting for their effect, and how many were not effective."""
    rows = visible(Capa, actor)
    return {
        "open": rows.filter(closed_at=None).count(),
        "effectiveness": rows.filter(state="effectiveness").count(),
        "ineffective": rows.filter(ineffective_count__gt=0).count(),
    }
