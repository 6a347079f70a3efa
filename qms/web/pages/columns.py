"""Columns of a list: how a value is written, sorted, summed and exported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Literal

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from qms.core.models import Record
from qms.web import marks, words
from qms.web.templatetags.web import ago, onday, whenshort
from qms.web.templatetags.web import due as due_cell

Kind = Literal[
    "text", "long", "what", "mono", "number", "time", "age", "day", "due", "state", "money", "person", "html"
]
NUMERIC = ("number", "money")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.

    `value`: attribute path ("part.number") or a function of the row; by default the key. `sort`: the ORM field to sort
    by, empty when it cannot be sorted. `total`: the ORM field summed in the totals row. `link`: the cell opens the row.
    `group`: the list can be grouped by it.
    """

    key: str
    label: str
    value: str | Callable[[Any], Any] = ""
    kind: Kind = "text"
    sort: str = ""
    total: str = ""
    unit: str = ""
    decimals: int = 0
    link: bool = False
    group: bool = False
    shown: bool = True

    @property
    def numeric(self) -> bool:
        """Whether the column stands right."""
        return self.kind in NUMERIC

    @property
    def head(self) -> str:
        """The heading with its unit."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    def raw(self, row: Any) -> Any:
        """The plain value, for exports and sums."""
        if callable(self.value):
            return self.value(row)
        return reduce(_step, (self.value or self.key).split("."), row)

    def cell(self, row: Any, url: str = "") -> SafeString:
        """The table cell."""
        body = self._written(row, self.raw(row))
        if self.link and url:
            body = format_html('<a class="{}" href="{}">{}</a>', "mono" if self.kind == "mono" else "cell-l", url, body)
        # a page has hundreds of cells: the body is escaped already, and our own class needs no escaping
        return SafeString(f'<td class="{_CSS.get(self.kind, "")}">{body}</td>')

    def _written(self, row: Any, value: Any) -> SafeString:
        """The value as the page writes it; a state comes from the record's flow or brings (mark, word) itself."""
        match self.kind:
            case "number" | "money":
                amount = money(value or ()) if self.kind == "money" else words.number(value, self.decimals)
                return conditional_escape(amount)
            case "time" | "age" | "day":
                return conditional_escape(_MOMENTS[self.kind](value))
            case "due":
                return conditional_escape(due_cell(value, done=getattr(row, "closed_at", None) is not None))
            case "state":
                shown = value if isinstance(value, tuple) else _state_of(row, value)
                return marks.state(*shown)
        return conditional_escape("" if value is None else value)

    def words(self, row: Any) -> str:
        """The value as one plain text, for the heading of a group."""
        value = self.plain(row)
        return str(value[1] if isinstance(value, tuple) else value or "")

    def plain(self, row: Any) -> Any:
        """The value as an export writes it: typed where the format has types, else text."""
        value = self.raw(row)
        if self.kind == "state" and isinstance(row, Record) and isinstance(value, str):
            return row.flow.state(value).label
        if self.kind == "money":
            return " + ".join(f"{row['amount']:.2f} {row['currency']}" for row in value or ())
        if self.kind == "state" and isinstance(value, tuple):
            return value[1]
        if value is None or isinstance(value, (int, float, datetime)):
            return value
        return value if isinstance(value, str) else str(value)

    def summed(self, row: Any) -> Any:
        """What the bulk bar adds up: a number, or for money a JSON object of amounts by currency."""
        value = self.raw(row)
        if self.kind == "money":
            return json.dumps({one["currency"]: float(one["amount"]) for one in value or ()})
        return value


def money(amounts: Iterable[Mapping[str, Any]]) -> str:
    """Amounts per currency, never added to each other: "1,200 EUR + 300 USD"."""
    return " + ".join(f"{words.number(row['amount'], 0)}\u00a0{row['currency']}" for row in amounts)


_MOMENTS: dict[str, Callable[[Any], SafeString | str]] = {"time": whenshort, "age": ago, "day": onday}
_CSS: dict[str, str] = {
    "number": "num",
    "money": "num",
    "mono": "mono nw",
    "long": "long",
    "what": "what",
    "time": "nw",
    "age": "nw",
    "day": "nw",
    "due": "nw",
    "person": "nw",
    "state": "nw",
}


def _step(value: Any, name: str) -> Any:
    return None if value is None else getattr(value, name)


def _state_of(record: Record, name: str) -> tuple[str, str]:
    state = record.flow.state(name)
    return state.mark, state.label


RECORD_COLUMNS: Sequence[Column] = (
    Column(key="number", label="Number", kind="mono", sort="number", link=True),
    Column(key="title", label="What", kind="what", sort="title"),
    Column(key="state", label="State", kind="state", sort="state"),
    Column(key="owner", label="Owner", value="owner.name", kind="person", sort="owner__name"),
    Column(key="due", label="Due", kind="due", sort="due"),
    Column(key="opened", label="Opened", value="opened_at", kind="day", sort="opened_at"),
)
