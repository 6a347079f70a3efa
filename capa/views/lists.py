"""The lists: nonconformities with their Pareto, CAPAs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone

from capa import queries
from capa.filters import CapaListFilter, NonconformityListFilter
from capa.models import Capa, Nonconformity
from capa.queries.lists import MEASURES, Bar
from qms.core.models import Record
from qms.web.nav import Command
from qms.web.pages import Bulk, Column, Leading, NamedView, RecordListView
from qms.web.pages.columns import money
from qms.web.svg import pareto_strip
from qms.web.words import number

CURRENCY = re.compile(r"[A-Z]{3}")
NEW_NONCONFORMITY = Command(
    label="New nonconformity",
    url="capa:nonconformity-new",
    permission="nonconformity.open",
    icon="plus",
    words="ncr nc report",
)
CAPA_LISTS = (("capa:capas", "CAPA"), ("capa:actions", "Actions"))
NEW_CAPA = Command(
    label="New CAPA", url="capa:capa-new", permission="capa.open", icon="plus", words="8d corrective preventive"
)


def days_open(record: Record) -> str:
    """How long it has been open, or was."""
    return f"{((record.closed_at or timezone.now()) - record.opened_at).days} d"


class NonconformityList(RecordListView):
    """What does not meet a requirement, with the Pareto that filters it."""

    policy = "nonconformity.view"
    key, nav, title = "nonconformities", "records", "Nonconformities"
    strip_template = "capa/nonconformities_strip.html"
    heavy = True
    model = Nonconformity
    filterset_class = NonconformityListFilter
    new = NEW_NONCONFORMITY
    noun = "records"
    purpose = (
        "Whatever does not meet a requirement is kept here: what, where, how many, what was done. "
        "A signal on a chart opens one with its chart as evidence."
    )
    columns: ClassVar[Sequence[Column]] = (
        Column(key="number", label="Number", kind="mono", sort="number", link=True),
        Column(key="title", label="What", kind="what", sort="title"),
        Column(key="part", label="Part", value="part", kind="mono", sort="part__number"),
        Column(
            key="station",
            label="Found at",
            value=lambda row: row.station.code if row.station else row.get_found_display(),
            sort="station__code",
            group=True,
        ),
        Column(
            key="pieces",
            label="Pieces",
            value="quantity_nonconforming",
            kind="number",
            sort="quantity_nonconforming",
            total="quantity_nonconforming",
        ),
        Column(key="defect", label="Defect", value="defect_code", sort="defect_code__name", group=True),
        Column(key="cost", label="Cost", value="money", kind="money", sort="cost"),
        Column(key="amount", label="Cost in the currency chosen", value="cost", kind="number", decimals=2, shown=False),
        Column(key="state", label="State", kind="state", sort="state", group=True),
        Column(
            key="severity", label="Severity", value="get_severity_display", sort="severity", group=True, shown=False
        ),
        Column(key="lot", label="Lot", kind="mono", shown=False),
        Column(key="owner", label="Owner", value="owner.name", kind="person", sort="owner__name", group=True),
        Column(key="due", label="Due", kind="due", sort="due"),
        Column(key="open", label="Open", value=days_open),
    )
    views: ClassVar[Sequence[NamedView]] = (
        NamedView("Open", "open=true"),
        NamedView("Mine", "open=true&mine=true"),
        NamedView("Overdue", "late=true"),
        NamedView("Waiting for disposition", "state=disposition_proposed"),
        NamedView("Calls for a CAPA", "open=true&escalated=true"),
        NamedView("All", ""),
    )
    bulk: ClassVar[Sequence[Bulk]] = (
        Bulk(label="Assign", url="capa:nonconformities-assign", permission="nonconformity.edit"),
        Bulk(label="Set disposition", url="capa:nonconformities-dispose", permission="nonconformity.propose"),
        Bulk(label="Turn into CAPA", url="capa:nonconformities-capa", permission="capa.open"),
    )
    sums: ClassVar[Sequence[tuple[str, str]]] = (("pieces", "pieces"), ("cost", ""))

    def queryset(self) -> QuerySet[Any]:
        """With the cost booked on each, by currency."""
        return queries.nonconformities_of(self.actor, self.currency)

    def summed(self, rows: QuerySet[Any]) -> tuple[int, Mapping[str, float | str]]:
        """How many, pieces and, by currency, cost of the filter, from one pass that feeds the Pareto as well."""
        self.weights = queries.weights_of(rows)
        self.spent = queries.spent_on(rows, {self.currency: sum((row.cost for row in self.weights), Decimal(0))})
        totals: dict[str, float | str] = {
            "pieces": sum(row.pieces for row in self.weights),
            "cost": money(self.spent),
        }
        return sum(row.records for row in self.weights), totals

    @cached_property
    def currency(self) -> str:
        """The currency the list is weighed and sorted in: that of the address, else that of the person's sites."""
        asked = self.asked.get("by", "").partition("-")[2]
        return asked if CURRENCY.fullmatch(asked) else queries.currency_of(self.actor)

    @property
    def measure(self) -> str:
        """What the Pareto weighs by."""
        wanted = self.asked.get("by", "cost").partition("-")[0]
        return wanted if wanted in MEASURES else "cost"

    def summary(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """With the measures to choose from."""
        return {**super().summary(rows), "measures": self._measures()}

    def _measures(self) -> list[tuple[str, str, bool]]:
        """Cost once per currency, because amounts of different currencies are not compared; pieces; records."""
        booked = {row["currency"] for row in self.spent} | {self.currency}
        costs = [(f"cost-{name}", f"Cost, {name}", self.currency == name) for name in sorted(booked)]
        rest = [(key, word, True) for key, word in MEASURES.items() if key != "cost"]
        here = self.measure
        return [(key, word, on and key.partition("-")[0] == here) for key, word, on in [*costs, *rest]]

    def strip(self, rows: QuerySet[Any]) -> dict[str, Any] | None:
        """Defect codes by cost, pieces or records; a bar is a filter."""
        bars = queries.pareto_of(self.weights, self.measure)
        if not bars or not any(bar.value for bar in bars):
            bars = queries.pareto_of(self.weights, "records")
        if not bars:
            return None
        total, tallest = sum(bar.value for bar in bars), max(bar.value for bar in bars) or 1.0
        return {
            "title": f"{MEASURES[self.measure]} by defect",
            "note": f"{self._weighed(total)} in this view. Choose a bar to filter.",
            "bars": [self._bar(bar, tallest) for bar in bars],
        }

    def _bar(self, bar: Bar, tallest: float) -> dict[str, Any]:
        chosen = self.asked.get("code", "")
        key = "null" if bar.code is None else str(bar.code)
        query = self.asked.copy()
        query.pop("after", None)
        query.pop("code", None)
        if chosen != key and bar.code != -1:
            query["code"] = key
        return {
            "label": bar.name,
            "words": f"{self._weighed(bar.value)}, {bar.cumulative:.0%}".replace("%", " %"),
            "svg": pareto_strip(bar.value / tallest),
            "url": f"?{query.urlencode()}",
            "on": chosen == key,
        }

    def _weighed(self, value: float) -> str:
        return f"{number(value, 0)} {self.currency if self.measure == 'cost' else self.measure}"


class CapaList(RecordListView):
    """Corrective and preventive actions."""

    policy = "capa.view"
    key, nav, title = "capas", "capa", "CAPA"
    family = "Corrective and preventive action"
    sections: ClassVar[Sequence[tuple[str, str]]] = CAPA_LISTS
    model = Capa
    filterset_class = CapaListFilter
    new = NEW_CAPA
    noun = "records"
    purpose = (
        "Corrective and preventive actions with their eight disciplines, from the symptom to an effect that the "
        "readings show."
    )
    columns: ClassVar[Sequence[Column]] = (
        Column(key="number", label="Number", kind="mono", sort="number", link=True),
        Column(key="title", label="What", kind="what", sort="title"),
        Column(
            key="source", label="From", value=lambda row: row.source_detail or row.get_source_display(), kind="mono"
        ),
        Column(key="state", label="State", kind="state", sort="state", group=True),
        Column(key="risk", label="Risk of 25", value="risk", kind="number"),
        Column(key="owner", label="Leader", value="owner.name", kind="person", sort="owner__name", group=True),
        Column(key="champion", label="Champion", value="champion.name", kind="person", sort="champion__name"),
        Column(key="revision", label="Plan revision", value="plan_revision", kind="number", shown=False),
        Column(key="ineffective", label="Not effective", value="ineffective_count", kind="number", shown=False),
        Column(key="due", label="Due", kind="due", sort="due"),
        Column(key="open", label="Open", value=days_open),
    )
    views: ClassVar[Sequence[NamedView]] = (
        NamedView("Open", "open=true"),
        NamedView("Mine", "open=true&mine=true"),
        NamedView("Overdue", "late=true"),
        NamedView("Waiting for the effect", "state=effectiveness"),
        NamedView("All", ""),
    )

    def queryset(self) -> QuerySet[Any]:
        """With the people in it."""
        return queries.capas_of(self.actor)


class Front(Leading):
    """The room's own address leads to its first list."""

    policy = "nonconformity.view"
    to = "capa:nonconformities"
