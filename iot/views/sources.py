"""Sources: whether everything a device sent is accounted for."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from iot import queries
from iot.filters import SourceFilter
from iot.models import Device
from iot.places import SECTIONS
from qms.web.pages import Column, ListPage, NamedView


def _balance(row: Any) -> tuple[str, str]:
    if not row.received:
        return "todo", "Nothing heard"
    return ("ok", "Balances") if row.unexplained == 0 else ("signal", "Does not balance")


class Sources(ListPage):
    """Every device with what became of its readings."""

    key = "sources"
    title = "Sources"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "device.view"
    model = Device
    filterset_class = SourceFilter
    search_fields = ("code", "name", "topic_prefix")
    default_sort = "code"
    noun = "sources"
    purpose = (
        "For every device the readings of the last 30 days and what became of them: stored = received - duplicates -"
        " corrections - refused. Add a device, and its account begins with its first reading."
    )
    views = (NamedView("All", ""), NamedView("Does not balance", "balanced=false"), NamedView("Silent", "silent=true"))
    columns = (
        Column(key="code", label="Device", kind="mono", sort="code", link=True),
        Column(key="name", label="Name", kind="what", sort="name"),
        Column(key="account", label="Account", kind="state", sort="unexplained", value=_balance),
        Column(key="received", label="Received", kind="number", sort="received"),
        Column(key="stored", label="Stored", kind="number", sort="stored"),
        Column(key="duplicate", label="Duplicates", kind="number", sort="duplicate"),
        Column(key="correction", label="Corrections", kind="number", sort="correction"),
        Column(key="dead", label="Refused", kind="number", sort="dead"),
        Column(key="unexplained", label="Unexplained", kind="number", sort="unexplained"),
        Column(key="lag", label="Lag", kind="number", unit="ms", sort="lag"),
        Column(key="seen", label="Last heard", kind="age", sort="activity__last_seen",
               value=lambda row: getattr(getattr(row, "activity", None), "last_seen", None)),
        Column(key="site", label="Site", value="site.code", sort="site__code", shown=False),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        return queries.sources_visible_to(self.actor)
