"""The list of actions, over all CAPAs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from capa import queries
from capa.filters import ActionListFilter
from capa.models import Action
from capa.views.lists import CAPA_LISTS
from qms.web.pages import Column, ListPage, NamedView

_MARKS = {"open": "todo", "done": "done", "cancelled": "miss"}


class ActionList(ListPage):
    """Who does what until when, over all CAPAs."""

    key, nav, title = "actions", "capa", "Actions"
    family = "Corrective and preventive action"
    sections: ClassVar[Sequence[tuple[str, str]]] = CAPA_LISTS
    policy = "capa.view"
    model = Action
    filterset_class = ActionListFilter
    search_fields = ("text", "expected_effect", "capa__number", "capa__title", "owner__name")
    default_sort = "due"
    noun = "actions"
    purpose = "An action removes one cause of a CAPA and is planned on its page. None is planned yet."
    columns: ClassVar[Sequence[Column]] = (
        Column(key="text", label="Action", kind="what", sort="text", link=True),
        Column(key="capa", label="CAPA", value="capa.number", kind="mono", sort="capa__number", group=True),
        Column(key="kind", label="Kind", value=lambda row: row.get_kind_display(), sort="kind"),
        Column(key="cause", label="Against", value=lambda row: row.cause.get_kind_display() if row.cause else ""),
        Column(key="owner", label="Owner", value="owner.name", kind="person", sort="owner__name", group=True),
        Column(key="due", label="Due", kind="time", sort="due"),
        Column(key="state", label="State", kind="state", sort="state", group=True,
               value=lambda row: (_MARKS[row.state], row.get_state_display())),
        Column(key="done", label="Done", value="done_at", kind="time", sort="done_at"),
        Column(key="moved", label="Moved", kind="number", unit="times", sort="moved", shown=False),
        Column(key="evidence", label="Evidence", shown=False),
    )  # fmt: skip
    views = (
        NamedView("Open", "state=open"),
        NamedView("Mine", "state=open&mine=true"),
        NamedView("Overdue", "late=true"),
        NamedView("All", ""),
    )

    def queryset(self) -> QuerySet[Any]:
        """Those of the present plans."""
        return queries.actions_of(self.actor)

    def url_of(self, row: Action) -> str:
        """Where it stands on its CAPA."""
        return f"{row.capa.get_absolute_url()}#implementation"
