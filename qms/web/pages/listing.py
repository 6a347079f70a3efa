"""Lists: declared columns, filters, sort, paging by key, chosen columns, saved views, totals, exports, bulk bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

import django_filters
from django.db.models import Count, Model, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from qms.core.addresses import address
from qms.core.errors import Invalid, Refused
from qms.core.models import Record, SavedView
from qms.core.records import visible
from qms.core.search import entries_with, terms_of
from qms.web import nav, words
from qms.web.nav import Command
from qms.web.pages import export, keyset
from qms.web.pages.columns import RECORD_COLUMNS, Column
from qms.web.pages.filters import chips_of, errors_of, offered
from qms.web.pages.guard import Page
from qms.web.pages.rows import Row, heading

BLOCK = 1000  # rows of an export fetched at a time
AT_ONCE = 200  # a heavy list with more rows in its filter brings its sums after the page
OWN = ("q", "sort", "cols", "after", "export", "view", "group")


@dataclass(frozen=True)
class NamedView:
    """A view of a list that comes with the product."""

    name: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """An action of the bulk bar: posts `ids`, or `all` and the list's `query`, to `url`, which reads `chosen_rows`."""

    label: str
    url: str
    permission: str = "signed-in"
    confirm: str = ""


class ListPage(Page):
    """A list of rows of any model; a room declares what is on it."""

    key: ClassVar[str]
    model: ClassVar[type[Model]]
    columns: ClassVar[Sequence[Column]]
    template_name = "web/list.html"
    filterset_class: ClassVar[type[django_filters.FilterSet] | None] = None
    search_fields: ClassVar[Sequence[str]] = ()
    default_sort: ClassVar[str] = "-id"
    page_size: ClassVar[int] = 50
    views: ClassVar[Sequence[NamedView]] = ()
    bulk: ClassVar[Sequence[Bulk]] = ()
    sums: ClassVar[Sequence[tuple[str, str]]] = ()  # (column key, unit) shown in the bulk bar
    heavy: ClassVar[bool] = False  # summing very many rows takes longer than a page may
    strip_template: ClassVar[str] = "web/list_strip.html"
    new: ClassVar[Command | None] = None
    purpose: ClassVar[str] = "Nothing is here yet."
    noun: ClassVar[str] = "rows"
    peeks: ClassVar[bool] = False  # rows open in the side panel
    asked: QueryDict  # the query of the list: that of the address, or of a list acted on as a whole
    family: ClassVar[str] = ""  # what the lists beside this one have in common
    sections: ClassVar[Sequence[tuple[str, str]]] = ()  # (URL name, word) of the lists beside it

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The list as its address asks for it."""
        super().setup(request, *args, **kwargs)
        self.asked = request.GET

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, only its rows or its sums for htmx, or an export."""
        if kind := request.GET.get("export"):
            return self._export(kind)
        if self.part() == "sums":
            return self.render("web/list_sums.html", **self._frame(), **self.summary(self.filtered()[0]))
        return self.render("web/list_rows.html" if self.part() else "", **self.context(**kwargs))

    def part(self) -> str:
        """The part of the page that is there already that htmx asks for; empty for a whole page, also one it lost."""
        target = self.request.htmx.target if self.request.htmx else None
        return str(target) if target in {"rows", "more", "sums"} else ""

    # ---- what a room may override
    def queryset(self) -> QuerySet[Any]:
        """All rows the actor may see."""
        raise TypeError(f"{type(self).__name__} must declare queryset(), scoped to self.actor.")

    def url_of(self, row: Any) -> str:
        """The page of a row; empty when it has none."""
        return str(row.get_absolute_url()) if hasattr(row, "get_absolute_url") else ""

    def peek_of(self, row: Any) -> str:
        """Where the row's summary for the side panel comes from; empty when it has none."""
        return ""

    def siblings(self) -> list[tuple[str, str, bool]]:
        """The lists beside this one that the person may open: address, word, whether it is the one shown."""
        found = [(url, word) for url, word in self.sections if nav.may_open(url, self.actor)]
        return [(reverse(url), word, word == self.title) for url, word in found]

    def strip(self, rows: QuerySet[Any]) -> dict[str, Any] | None:
        """The Pareto strip above the list: {"title", "note", "bars": [{"label", "words", "share", "url", "on"}]}."""
        return None

    def summed(self, rows: QuerySet[Any]) -> tuple[int, Mapping[str, float | str]]:
        """How many rows the filter has, and their sums by column key, a text standing as it is; asked once."""
        fields = {column.key: Sum(column.total) for column in self.columns if column.total}
        if not fields:
            return rows.count(), {}
        found = rows.aggregate(rows_found=Count("pk"), **fields)
        return found["rows_found"], {key: found[key] or 0 for key in fields}

    def prepared(self, rows: Iterable[Any]) -> Iterable[Any]:
        """The rows shown or exported, with what their columns need beside the query."""
        return rows

    # ---- the machinery
    def filtered(self) -> tuple[QuerySet[Any], django_filters.FilterSet | None]:
        """The rows of the filter and search in the URL, unordered, with the bound filter set.

        A filter that cannot be read has no rows: the list says why, and nothing acts on more than was meant.
        """
        rows = self.searched(self.queryset(), self.asked.get("q", "").strip())
        if self.filterset_class is None:
            return rows, None
        filters = self.filterset_class(self.asked, queryset=rows, request=self.request)
        return (filters.qs if filters.is_valid() else rows.none()), filters

    def sound(self) -> QuerySet[Any]:
        """The rows of the filter for an act or an export; Invalid when the filter cannot be read."""
        rows, filters = self.filtered()
        if problems := errors_of(filters):
            raise Invalid(problems)
        return rows

    def searched(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Rows in whose search fields every word of the text occurs."""
        for word in text.split():
            found = Q()
            for name in self.search_fields:
                found |= Q(**{f"{name}__icontains": word})
            rows = rows.filter(found)
        return rows

    def sorting(self) -> tuple[Column | None, str, bool]:
        """(column, ORM field, descending) from the URL or the default; a grouped list is in the order of its groups."""
        if (by := self.grouping()) is not None:
            return by, by.sort, False
        wanted = self.asked.get("sort", "")
        descending, key = wanted.startswith("-"), wanted.lstrip("-")
        for column in self.columns:
            if column.key == key and column.sort:
                return column, column.sort, descending
        field = self.default_sort.lstrip("-")
        chosen = next((column for column in self.columns if column.sort == field), None)
        return chosen, field, self.default_sort.startswith("-")

    def grouping(self) -> Column | None:
        """The column the list is grouped by."""
        wanted = self.asked.get("group", "")
        return next((column for column in self.columns if column.key == wanted and column.group and column.sort), None)

    def chosen(self) -> list[Column]:
        """The columns shown: those of the URL, or those declared as shown."""
        wanted = self.asked.get("cols", "").split(",")
        return [c for c in self.columns if c.key in wanted] or [c for c in self.columns if c.shown]

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """Rows of this page and everything around them."""
        rows, filters = self.filtered()
        column, field, descending = self.sorting()
        cursor = self.asked.get("after", "")
        found = self._read(keyset.page_keys(rows, field, descending=descending, cursor=cursor, most=self.page_size + 1))
        more = keyset.cursor_of(found[self.page_size - 1], field) if len(found) > self.page_size else ""
        shown = self.chosen()
        context = {
            "columns": shown,
            "rows": self._written(found[: self.page_size], rows, cursor),
            "more": more,
            "sort": (column.key if column else "", descending),
        }
        if cursor and self.part():
            return context
        return {**context, **self._frame(), **self._around(filters), **self._sums(rows)}

    def _sums(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """What is said of all rows, at once or after the page; of few rows it is asked by their keys."""
        if not self.heavy:
            return self.summary(rows)
        few = list(rows.order_by().values_list("pk", flat=True)[: AT_ONCE + 1])
        return {"later": AT_ONCE} if len(few) > AT_ONCE else self.summary(self.queryset().filter(pk__in=few))

    def _read(self, keys: Sequence[Any]) -> list[Any]:
        """The rows of the keys, in their order: what is sorted is narrow, what is shown is read whole."""
        rows = self.queryset().order_by().in_bulk(keys)
        return list(self.prepared([rows[key] for key in keys if key in rows]))

    def summary(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """What is said of all rows of the filter: how many, the totals, the strip."""
        count, totals = self.summed(rows)
        totals = totals if count else {}
        foot = [_total(totals[c.key], c.decimals) if c.key in totals else "" for c in self.chosen()]
        return {"count": count, "foot": foot if totals else [], "strip": self.strip(rows)}

    def _frame(self) -> dict[str, Any]:
        """What rows and sums have in common."""
        allowed = [b for b in self.bulk if b.permission == "signed-in" or self.actor.can(b.permission)]
        heads = [self._head(column) for column in self.chosen()]
        return {"heads": heads, "peeks": self.peeks, "bulk_actions": allowed}

    def _around(self, filters: django_filters.FilterSet | None) -> dict[str, Any]:
        shown = self.chosen()
        return {
            "groups": [(c, c is self.grouping()) for c in self.columns if c.group],
            "filters": offered(filters),
            "wrong": errors_of(filters),
            "chips": chips_of(filters, self.asked),
            "hidden": [(key, value) for key in ("sort", "cols", "q", "group") if (value := self.asked.get(key))],
            "all_columns": [(column, column in shown) for column in self.columns],
            "siblings": self.siblings(),
            "tabs": self._tabs(),
            "new_allowed": bool(self.new and self.actor.can(self.new.permission)),
            "narrowed": bool(self._plain_query()),
        }

    def _written(self, found: Sequence[Any], rows: QuerySet[Any], cursor: str) -> list[SafeString]:
        """The rows as they are shown, the first of each group below a heading with the group's words and size."""
        shown = self.chosen()
        written = [self._row(row, shown).html(selects=bool(self.bulk)) for row in found]
        by = self.grouping()
        if by is None or not found:
            return written
        sizes = dict(rows.order_by().values_list(by.sort).annotate(n=Count("pk")))
        before: Any = keyset.last_value(cursor) if cursor else self  # the first page starts with a heading
        for place, row in enumerate(found):
            value = keyset.value_of(row, by.sort)
            if value != before:
                label = by.words(row) or f"No {by.label.lower()}"
                written[place] = heading(label, sizes.get(value, 0), span=len(shown) + 2) + written[place]
            before = value
        return written

    def _row(self, row: Any, shown: Sequence[Column]) -> Row:
        url, added = self.url_of(row), dict(self.sums)
        return Row(
            pk=row.pk,
            name=str(row),
            url=url,
            cells=[column.cell(row, url) for column in shown],
            sums={column.key: column.summed(row) for column in self.columns if column.key in added},
            peek=self.peek_of(row) if self.peeks else "",
        )

    def _head(self, column: Column) -> dict[str, Any]:
        current, _, descending = self.sorting()
        here = current is column
        toggled = f"-{column.key}" if here and not descending else column.key
        aria = ("descending" if descending else "ascending") if here else ""
        return {"column": column, "sort": toggled if column.sort else "", "aria": aria}

    def _plain_query(self) -> QueryDict:
        query = self.asked.copy()
        for name in ("after", "export", "cols", "sort", "view", "group"):
            query.pop(name, None)
        return query

    def _tabs(self) -> list[dict[str, Any]]:
        kept = SavedView.objects.filter(Q(user_id=self.actor.id) | Q(shared=True), page=self.key).select_related("user")
        here = self.asked.copy()
        here.pop("after", None)
        tabs: list[dict[str, Any]] = [
            {"name": view.name, "query": view.query, "pk": None, "mine": False} for view in self.views
        ]
        tabs += [{"name": v.name, "query": v.query, "pk": v.pk, "mine": v.user_id == self.actor.id} for v in kept]
        for tab in tabs:
            tab["current"] = QueryDict(str(tab["query"])) == here
        return tabs

    def _export(self, kind: str) -> HttpResponseBase:
        if kind != "xlsx":
            return export.as_csv(self.in_order(self.sound()), self.chosen(), self.key, self.actor)
        found = self.sound().count()
        if found > export.MOST:
            raise Refused(
                f"A sheet holds at most {export.MOST:,} rows. Export CSV, which has no limit, or filter more."
            )
        if found > export.AT_ONCE:
            return self.render("web/sheet_ask.html", query=self.asked.urlencode(), found=found, token=uuid4().hex)
        return export.as_xlsx(self.in_order(self.sound()), self.chosen(), self.key, self.about())

    def in_order(self, rows: QuerySet[Any]) -> Iterable[Any]:
        """All rows of an export in the order of the list; nothing is asked before the first is wanted."""
        _, field, descending = self.sorting()
        return self.prepared(in_blocks(keyset.ordered(rows, field, descending=descending)))

    def about(self) -> list[tuple[str, str]]:
        """What the second sheet of an export says."""
        chips = "; ".join(f"{chip['label']}: {chip['words']}" for chip in chips_of(self.filtered()[1], self.asked))
        search = self.asked.get("q", "") or "none"
        return [("List", self.title), ("Filter", chips or "none"), ("Search", search), ("Exported by", self.actor.name)]


def in_blocks(rows: QuerySet[Any]) -> Iterator[Any]:
    """The rows one after another, fetched in blocks; nothing is asked before the first is wanted."""
    yield from rows.iterator(chunk_size=BLOCK)


def _total(value: float | str, decimals: int) -> str:
    return value if isinstance(value, str) else words.number(value, decimals)


class RecordListView(ListPage):
    """A list of one kind of record, scoped to the actor, with the columns every record has."""

    model: ClassVar[type[Record]]
    columns: ClassVar[Sequence[Column]] = RECORD_COLUMNS
    default_sort = "-opened_at"
    peeks = True

    def peek_of(self, row: Any) -> str:
        """The summary of a record."""
        return address("web:record-peek", row.pk)

    def queryset(self) -> QuerySet[Any]:
        """The records of the kind that the actor may see."""
        return visible(self.model, self.actor).select_related("owner", "site")

    def searched(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Rows that hold words beginning like every word of the text, found by the index of the search."""
        terms = terms_of(text)
        return rows.filter(pk__in=entries_with(terms).values("record_id")) if terms else rows
