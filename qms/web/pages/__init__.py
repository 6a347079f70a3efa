"""The pages' machinery: guarded pages, lists, record pages."""

from __future__ import annotations

from qms.web.pages.chosen import chosen_rows
from qms.web.pages.columns import Column
from qms.web.pages.dialog import FormDialog
from qms.web.pages.found import found_or_404
from qms.web.pages.guard import Guarded, Leading, Page, Policy
from qms.web.pages.listing import Bulk, ListPage, NamedView, RecordListView
from qms.web.pages.record import RecordPage

__all__ = [
    "Bulk",
    "Column",
    "FormDialog",
    "Guarded",
    "Leading",
    "ListPage",
    "NamedView",
    "Page",
    "Policy",
    "RecordListView",
    "RecordPage",
    "chosen_rows",
    "found_or_404",
]
