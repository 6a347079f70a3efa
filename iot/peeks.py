"""The side panel of a signal in the inbox: what happened in one sentence, the chart, what to do about it."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from iot import queries
from iot.models import Signal
from iot.views.characteristic import nc_url
from qms.core.models import Task
from qms.web import svg
from qms.web.requests import PageRequest, whole_number

SHOWN = 48


def signal_panel(task: Task, request: PageRequest) -> SafeString | None:
    """The panel of the signal a task asks about; None when it is gone or may not be seen."""
    number = task.key.partition(":")[2]
    related = ("characteristic__parameter", "characteristic__part", "characteristic__station", "characteristic__site")
    visible = queries.signals_visible_to(request.actor).select_related(*related, "limits", "subgroup")
    signal = visible.filter(pk=whole_number(number) or 0).first()
    if signal is None:
        return None
    row = signal.characteristic
    chart = queries.chart_data(row, actor=request.actor, points=SHOWN)
    context = {
        "signal": signal,
        "row": row,
        "drawing": _drawing(signal, chart),
        "points": len(chart.points),
        "value": queries.value_of(signal),
        "place": queries.place_of(signal),
        "chart_unit": chart.unit,
        "latest": chart.points[-1] if chart.points else None,
        "may_acknowledge": request.actor.can("signal.acknowledge", row.site_id),
        "open_nc": nc_url(signal) if request.actor.can("nonconformity.open", row.site_id) else "",
    }
    return render_to_string("iot/signal_peek.html", context, request=request)


def _drawing(signal: Signal, chart: svg.Chart) -> SafeString:
    row, stage = signal.characteristic, chart.stages[-1] if chart.stages else None
    known = stage is not None and None not in (stage.lcl, stage.center, stage.ucl)
    limits = (stage.lcl or 0.0, stage.center or 0.0, stage.ucl or 0.0) if stage and known else None
    return svg.sparkline(
        [None if point.excluded else point.value for point in chart.points],
        limits=limits,
        rules={i: ",".join(map(str, point.rules)) for i, point in enumerate(chart.points) if point.rules},
        state="signal" if limits else "learn",
        name=row.name,
        unit=chart.unit,
        decimals=row.decimals,
        size=(440, 120),
        labels=True,
    )
