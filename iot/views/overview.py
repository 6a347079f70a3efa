"""The plant overview: every characteristic as a cell, worst first or in the order of the route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.safestring import SafeString

from iot.charting.plan import KNOWN
from iot.queries import Band, Cell, plant_overview
from iot.queries.overview import ORDER, CellState
from qms.core.models import Site
from qms.web.context import chosen_site, sites_of
from qms.web.pages import Page
from qms.web.svg import sparkline
from qms.web.words import age, number

WORDS: dict[CellState, str] = {
    "signal": "Signal", "watch": "Watch", "stale": "No data", "learn": "Learning", "ok": "In control",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A cell as the template writes it."""

    pk: int
    url: str
    code: str
    name: str
    state: CellState
    word: str
    chart: SafeString
    value: float | None
    decimals: int
    unit: str
    stable: bool
    capability: str
    why: str
    at: datetime | None


class PlantOverview(Page):
    """All characteristics of the chosen site."""

    policy = "characteristic.view"
    template_name = "iot/overview.html"
    title = "Plant overview"
    nav = "process"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, its bands for htmx, or the wall."""
        template = "iot/overview_bands.html" if self.request.htmx else ""
        if request.GET.get("wall") and not self.request.htmx:
            template = "iot/wall.html"
        return self.render(template, **self.context())

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """Bands, tally and what is chosen."""
        sites = sites_of(self.actor)
        site = chosen_site(self.request, sites)
        overview = plant_overview(self.actor, site=site.pk if site else None, since=shift_start(site))
        order, state = self.request.GET.get("order", ""), self.request.GET.get("state", "")
        bands = [_band(band, state=state, worst=order == "worst") for band in overview.bands]
        count = sum(overview.tally.values())
        return {
            "bands": [band for band in bands if band["cells"]],
            "tally": [(name, WORDS[name], overview.tally[name]) for name in ORDER],
            "state": state,
            "order": order,
            "topics": " ".join(f"site:{one.pk}" for one in ([site] if site else sites)),
            "events": ", ".join(f"live:site:{one.pk} from:body throttle:2s" for one in ([site] if site else sites)),
            "summary": f"{count} characteristics on {len(overview.bands)} lines" if count else "",
            "wall": bool(self.request.GET.get("wall")),
        }


def shift_start(site: Site | None) -> datetime:
    """When the shift that runs at a site began; eight hours ago when it has no shifts."""
    now = timezone.now()
    if site is None or not site.shifts:
        return now - timedelta(hours=8)
    local = now.astimezone(ZoneInfo(site.timezone))
    starts = []
    for shift in site.shifts:
        hour, minute = (int(part) for part in shift["start"].split(":"))
        begun = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        starts.append(begun if begun <= local else begun - timedelta(days=1))
    return max(starts)


def _band(band: Band, *, state: str, worst: bool) -> dict[str, Any]:
    cells = [cell for cell in band.cells if not state or cell.state == state]
    if worst:
        cells.sort(key=lambda cell: (ORDER.index(cell.state), cell.characteristic.sequence))
    part = next((cell.characteristic.part for cell in band.cells if cell.characteristic.part), None)
    return {"line": band.line, "part": part, "band": band, "cells": [shown(cell) for cell in cells]}


def shown(cell: Cell) -> Shown:
    """A cell with its drawing and words."""
    row = cell.characteristic
    chart = sparkline(
        [None if point.excluded else point.value for point in cell.points],
        limits=cell.lines, rules=cell.rules, state=cell.state, name=row.name, unit=row.parameter.unit,
        decimals=row.decimals,
    )  # fmt: skip
    return Shown(
        pk=row.pk, url=row.get_absolute_url(), code=row.code, name=row.name, state=cell.state, word=WORDS[cell.state],
        chart=chart, value=cell.value, decimals=row.decimals, unit=row.drawn_in,
        stable=cell.state == "ok", capability=_capability(cell), why=_why(cell), at=cell.last_t,
    )  # fmt: skip


def _capability(cell: Cell) -> str:
    if cell.state == "learn":
        return f"Cpk at {cell.learned[1]}"
    if cell.cpk is None:
        return "no spec" if cell.characteristic.lsl is None and cell.characteristic.usl is None else ""
    text = number(cell.cpk, 2)
    return f"Cpk {text}" if cell.state == "ok" else f"Cpk ({text})"


def _why(cell: Cell) -> str:
    row = cell.characteristic
    if cell.signal is not None and cell.state in ("signal", "watch"):
        rule = KNOWN.get(cell.signal.rule)
        return f"Rule {rule.number}: {cell.signal.words}" if rule else cell.signal.words
    if cell.state == "stale":
        if cell.last_t is None:
            return "No data yet"
        limit = age(timedelta(seconds=row.stale_after))
        return f"No data for {age(timezone.now() - cell.last_t)} (limit {limit})"
    if cell.state == "learn":
        return f"Learning limits, {cell.learned[0]} of {cell.learned[1]}"
    return f"{row.get_chart_display()} n{row.subgroup_size}" if row.subgroup_size > 1 else row.get_chart_display()
