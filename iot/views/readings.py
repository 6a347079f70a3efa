"""The readings of a characteristic over any span."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from iot import queries
from iot.queries import ReadingsChart
from iot.views.found import characteristic_or_404
from qms.web import svg
from qms.web.pages import Guarded, Page
from qms.web.words import number

DESK, PHONE = (980, 360), (380, 320)  # width and height of the drawing


class ReadingsPage(Page):
    """Readings of a shift, a year or all there is."""

    policy = "characteristic.view"
    template_name = "iot/readings.html"
    nav = "process"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        row = characteristic_or_404(kwargs["pk"], self.actor)
        asked = {name: self.request.GET[name] for name in ("range", "from", "to") if self.request.GET.get(name)}
        since, until = queries.span_asked(row, asked)
        chart = queries.readings_chart(row, since, until, actor=self.actor)
        own = "from" in asked or "to" in asked
        return {
            "title": f"Readings of {row.code}", "row": row, "chart": chart,
            "drawing": _drawing(chart, row.site.timezone),
            "narrow": _drawing(chart, row.site.timezone, size=PHONE),
            "spans": [(key, words) for key, (words, _) in queries.SPANS.items()], "own": own,
            "chosen": "" if own else asked.get("range", "24h"), "asked": asked, "query": urlencode(asked),
            "stretch": _stretch(chart.step), "unit": row.parameter.unit,
        }  # fmt: skip


class ReadingsData(Guarded):
    """The same as JSON."""

    policy = "characteristic.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Of `range`, or `from` and `to`."""
        row = characteristic_or_404(pk, self.actor)
        since, until = queries.span_asked(row, request.GET)
        return JsonResponse(queries.readings_json(row, queries.readings_chart(row, since, until, actor=self.actor)))


def _drawing(chart: ReadingsChart, zone: str, *, size: tuple[int, int] = DESK) -> str:
    shown = svg.Band(
        since=chart.since.timestamp(), until=chart.until.timestamp(), t=chart.t, mean=chart.mean, low=chart.low,
        high=chart.high, breaks=frozenset(chart.breaks), outside=chart.outside, missing=chart.missing,
        lines=chart.lines, zone=zone,
    )  # fmt: skip
    words = f"{number(chart.summary.n)} readings"
    if chart.outside:
        words += f", {number(len(chart.outside))} beyond a limit"
    if chart.missing:
        words += f", {number(len(chart.missing))} gaps"
    return svg.band(shown, sentence=words, size=size) if chart.t else ""


def _stretch(step: float) -> str:
    """How long a bucket is, in words."""
    for seconds, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if step >= seconds:
            return f"{number(step / seconds, 0 if step % seconds == 0 else 1)} {word}"
    return ""
