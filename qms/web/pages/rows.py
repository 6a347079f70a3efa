"""The rows of a list as the page writes them: in code, because a template took as long for them as the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qms.web import words
from qms.web.templatetags.web import icon

_GROUP = '<tr class="grp"><th colspan="{}" scope="colgroup">{} <span class="i3">{}</span></th></tr>'
_SELECT = (
    '<td class="c-sel"><input class="form-check-input" type="checkbox" form="bulk" name="ids" value="{}"'
    ' aria-label="Select {}"></td>'
)
_PEEK = (
    '<td class="c-peek"><button class="ibtn" type="button" data-peek-button hx-get="{}" hx-target="#peek"'
    ' aria-label="Show {} beside the list">{}</button></td>'
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: its cells, what the bulk bar adds up, where it opens and where its side panel comes from."""

    pk: Any
    name: str
    url: str
    cells: Sequence[SafeString]
    sums: Mapping[str, Any] = field(default_factory=dict)
    peek: str = ""

    def html(self, *, selects: bool) -> SafeString:
        """The table row; with a box to select it where the list has bulk actions."""
        sums = format_html_join("", ' data-{}="{}"', ((key, value or 0) for key, value in self.sums.items()))
        return format_html(
            '<tr data-row data-open="{}" aria-selected="false"{}>{}{}{}</tr>\n',
            self.url,
            sums,
            format_html(_SELECT, self.pk, self.name) if selects else "",
            SafeString("".join(self.cells)),
            format_html(_PEEK, self.peek, self.name, icon("layout-sidebar-right")) if self.peek else "",
        )


def heading(label: str, size: int, *, span: int) -> SafeString:
    """The row above a group: its words and how many rows it has."""
    return format_html(_GROUP, span, label, words.number(size, None))
