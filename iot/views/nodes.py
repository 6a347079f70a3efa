"""Edge nodes: what speaks Sparkplug B, and what its births said."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from iot import queries
from iot.filters import NodeFilter
from iot.models import EdgeNode
from iot.places import SECTIONS
from qms.web.pages import Column, ListPage, NamedView, Page, found_or_404

MARKS = {"unknown": "todo", "online": "ok", "offline": "stale"}
_MOST = 500


class Nodes(ListPage):
    """Every edge node with its session."""

    key = "nodes"
    title = "Edge nodes"
    nav = "process"
    family = "Process"
    sections = SECTIONS
    policy = "device.view"
    model = EdgeNode
    filterset_class = NodeFilter
    search_fields = ("group", "name")
    default_sort = "group"
    noun = "edge nodes"
    purpose = (
        "Edge nodes that speak Sparkplug B appear here by themselves, with their births and the state they are in."
    )
    views = (NamedView("All", ""), NamedView("Offline", "state=offline"))
    columns = (
        Column(key="name", label="Node", kind="mono", sort="name", link=True),
        Column(key="group", label="Group", kind="mono", sort="group"),
        Column(key="state", label="State", kind="state", sort="state",
               value=lambda row: (MARKS[row.state], row.get_state_display())),
        Column(key="devices", label="Devices", kind="number", sort="devices"),
        Column(key="heard_at", label="Last heard", kind="age", sort="heard_at"),
        Column(key="born_at", label="Born", kind="time", sort="born_at"),
        Column(key="errors", label="Messages missed", kind="number", sort="errors"),
        Column(key="rebirths", label="Births asked for", kind="number", sort="rebirths"),
        Column(key="site", label="Site", value=lambda row: row.site.code if row.site else "", shown=False),
    )  # fmt: skip

    def queryset(self) -> QuerySet[Any]:
        return queries.nodes_visible_to(self.actor)


class NodePage(Page):
    """One edge node with its metrics."""

    policy = "device.view"
    template_name = "iot/node.html"
    nav = "process"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The session, the devices, what was born."""
        row = found_or_404(queries.nodes_visible_to(self.actor), kwargs["pk"], "edge node")
        metrics = queries.metrics_of(row)
        return {
            "title": str(row), "row": row, "mark": MARKS[row.state], "metrics": metrics[:_MOST], "count": len(metrics),
            "devices": [(birth, MARKS[birth.state]) for birth in row.births.defer("metrics") if birth.device],
        }  # fmt: skip
