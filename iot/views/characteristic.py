"""The instrument: one characteristic with its chart, capability, signals and limits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from governance.models import COUNTED, MULTIVARIATE, SHORT_RUNS, UNRULED, Characteristic, Chart
from governance.queries import behind_characteristic, design_of, judged_with, pairing_of, rule_set
from iot import queries
from iot.charting.plan import broken, mark_of
from iot.charting.plans import rules_of_version
from iot.models import ChartState, Exclusion, Signal, SignalState, Subgroup
from iot.queries import CapabilityCard, Standing
from iot.views.found import characteristic_or_404
from qms.core.actor import Actor
from qms.web import svg
from qms.web.pages import Guarded, Page
from qms.web.requests import whole_number
from spc.rules import Rule

_LISTED = 12


class CharacteristicPage(Page):
    """One characteristic, live."""

    policy = "characteristic.view"
    template_name = "iot/characteristic.html"
    nav = "process"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or for htmx only what stands around the chart."""
        part = request.GET.get("part", "") if self.request.htmx else ""
        template = f"iot/characteristic_{part}.html" if part in {"head", "side", "below"} else ""
        return self.render(template, **self.context(**kwargs))

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """Everything on the page but the chart's own data."""
        row = characteristic_or_404(kwargs["pk"], self.actor)
        signal = _asked_for(row, self.request.GET.get("signal", "")) or _open_signal(row)
        standing = queries.Standing(row)
        state = standing.state
        return {
            "title": f"{row.code} {row.name}",
            "row": row,
            "ranges": [(key, words) for key, (words, _) in queries.SPANS.items()],
            "asked": _asked_span(self.request),
            "strata": queries.BY.items(),
            "last": queries.newest_point(row),
            "age_at": state.last_t if state else None,
            "stale": _stale(row, state),
            "signal": signal,
            "learning": queries.learning_of(row, standing),
            **_looks(row),
            **_judged(row, standing),
            "may": _rights(self.actor, row),
            "open_nc": nc_url(signal),
            **_below(row, self.actor),
            **_side(row, self.actor, standing),
            **_gages(row, self.actor),
        }


def _asked_span(request: HttpRequest) -> dict[str, str]:
    """The span of the address, as the chart asks for it and as its buttons show it."""
    keep = {name: request.GET[name] for name in ("range", "from", "to") if request.GET.get(name)}
    return {"range": keep.get("range", ""), "query": urlencode(keep), "since": keep.get("from", ""),
            "until": keep.get("to", "")}  # fmt: skip


_HEADINGS = {
    Chart.I_MR: "Values and moving range", Chart.XBAR_R: "Mean and range", Chart.XBAR_S: "Mean and standard deviation",
    Chart.RESIDUAL: "Residuals of a first-order model", Chart.WIDENED: "Values, widened limits",
    Chart.SHORT_RUN: "Deviations from nominal", Chart.SHORT_RUN_Z: "Standardised deviations from nominal",
    Chart.T2: "T² of several characteristics", Chart.MEWMA: "T² of weighted averages",
    Chart.G: "Cases between events", Chart.T: "Time between events", Chart.MOVING_AVERAGE: "Moving average",
}  # fmt: skip
_TWO_PLOTS = frozenset({Chart.I_MR, Chart.XBAR_R, Chart.XBAR_S, Chart.CUSUM, Chart.SHORT_RUN, Chart.SHORT_RUN_Z})


def _looks(row: Characteristic) -> dict[str, Any]:
    """How the chart is headed, whether it has a second plot below, and whether its points carry the unit."""
    named = row.get_chart_display()
    return {
        "chart_name": named.partition(",")[0] if row.chart in MULTIVARIATE else named,
        "heading": _HEADINGS.get(Chart(row.chart), f"{row.get_chart_display()} chart"),
        "two_plots": Chart(row.chart) in _TWO_PLOTS,
        "measured": row.chart not in COUNTED,
        "short_run": row.chart in SHORT_RUNS,
        "joint": row.chart in MULTIVARIATE,
    }


def _judged(row: Characteristic, standing: Standing) -> dict[str, Any]:
    """What its points are judged by, in short and in words, and what that costs in false alarms."""
    rules, design = queries.rules_of(row, standing), design_of(row.chart, row.design)
    words = [(rule.label, rule.words, rule.means) for rule in rules]
    signs = {"weight": "λ", "width": "L", "span": "w", "alpha": "α", "arl": "ARL"}
    given = asdict(design) if design else {}
    parts = [f"{signs.get(name, name)} {value:g}" for name, value in given.items() if name != "members"]
    if row.chart not in UNRULED:
        parts.append("Rules " + ", ".join(mark_of(rule) for rule in rules))
    price = queries.price_of_chart(row, rules)
    chosen = rule_set(row.rules, row.own_rules)
    waits = row.chart not in UNRULED and set(chosen) != set(rules)
    return {"judged": ", ".join(parts), "rule_words": words, "price": price, "rules_wait": waits}


def _rights(actor: Actor, row: Characteristic) -> dict[str, bool]:
    wanted = {
        "acknowledge": "signal.acknowledge", "exclude": "signal.exclude", "annotate": "signal.annotate",
        "propose": "limits.open", "freeze": "evidence.freeze", "edit": "characteristic.edit",
        "open_nc": "nonconformity.open",
    }  # fmt: skip
    return {name: actor.can(action, row.site_id) for name, action in wanted.items()}


def nc_url(signal: Signal | None) -> str:
    """Where a signal becomes a nonconformity; empty when no room offers it."""
    if signal is None or signal.state not in (SignalState.OPEN, SignalState.ACKNOWLEDGED):
        return ""
    try:
        return reverse("capa:from-signal", args=[signal.pk])
    except NoReverseMatch:
        return ""


def _asked_for(row: Characteristic, pk: str) -> Signal | None:
    return Signal.objects.filter(pk=number, characteristic=row).first() if (number := whole_number(pk)) else None


def _open_signal(row: Characteristic) -> Signal | None:
    return Signal.objects.filter(characteristic=row, state=SignalState.OPEN).order_by("-last_at").first()


def _stale(row: Characteristic, state: ChartState | None) -> bool:
    limit = timedelta(seconds=row.stale_after)
    late = state is None or state.last_t is None or timezone.now() - state.last_t > limit
    return late or queries.is_cut_off(row.parameter_id)


def _below(row: Characteristic, actor: Actor) -> dict[str, Any]:
    signals = queries.signals_visible_to(actor).filter(characteristic=row)
    versions = queries.limits_visible_to(actor).filter(characteristic=row).order_by("-revision")
    return {
        "signals": list(signals.select_related("record", "limits").order_by("-first_at")[:_LISTED]),
        **signals.aggregate(signal_count=Count("pk"), open_count=Count("pk", filter=Q(state=SignalState.OPEN))),
        "versions": list(versions.prefetch_related("signatures")[:6]),
        "runs": list(queries.runs_visible_to(actor).filter(characteristic=row).order_by("-begins_at")[:6]),
        "notes": list(queries.annotations_visible_to(actor).filter(characteristic=row).order_by("-at")[:6]),
        **_together(row, actor),
        "exclusions": list(Exclusion.objects.filter(characteristic=row, lifted_at=None).order_by("-first_t")[:6]),
    }


_PAIRS = {
    "exact": "the same serial number, or the same time",
    "window": "the same serial number, or within {:g} s",
    "time": "the same time",
}


def _together(row: Characteristic, actor: Actor) -> dict[str, Any]:
    """The variables of a chart of vectors at its newest point, what is missing; else the vectors it is a part of."""
    if row.chart not in MULTIVARIATE:
        return {"judged_with": judged_with(row)}
    newest = row.points.select_related("vector", "limits").order_by("-n").first()
    gaps = queries.gaps_visible(row, actor=actor)
    pairing = pairing_of(row.design)
    return {
        "variables": queries.variables_at(row, newest),
        "newest": newest,
        "missing": list(gaps[:6]),
        "missing_count": gaps.count(),
        "pairing": _PAIRS[pairing.pair].format(pairing.wait),
        "wait": pairing.wait,
    }


def _side(row: Characteristic, actor: Actor, standing: Standing) -> dict[str, Any]:
    card = queries.capability_of(row, actor=actor, standing=standing)
    bars = queries.histogram_of(row, actor=actor, standing=standing)
    drawing = bars and svg.histogram(
        bars.bins, spec={"LSL": row.lsl, "T": row.target, "USL": row.usl}, normal=bars.normal, unit=row.parameter.unit,
        decimals=row.decimals, name=row.name,
    )  # fmt: skip
    fit = queries.fit_of(row, actor=actor, standing=standing)
    return {"card": card, "expected": _expected(card), "histogram": drawing, "fit": fit}


def _gages(row: Characteristic, actor: Actor) -> dict[str, Any]:
    """What it is measured with, and whether that can be trusted."""
    behind = behind_characteristic(row, actor=actor)
    doubted = [one.gage for one in behind if one.gage_warned]
    return {"behind": behind, "doubted": doubted, "may_see_gages": actor.can("gage.view", row.site_id)}


def _expected(card: CapabilityCard) -> float | None:
    if card.result is None:
        return None
    sides = (card.result.expected_ppm_above, card.result.expected_ppm_below)
    return sum(side for side in sides if side is not None)


class ChartData(Guarded):
    """The chart as JSON, for the page and for whoever wants it."""

    policy = "characteristic.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The points of a span; `after` asks only for newer ones."""
        row = characteristic_or_404(pk, self.actor)
        chart = queries.chart_asked(row, request.GET, actor=self.actor)
        data = queries.chart_json(row, chart)
        if (after := whole_number(request.GET.get("after"))) is not None:
            data["points"] = [point for point in data["points"] if point["n"] > after]
        return JsonResponse(data)


class ChartPoint(Page):
    """What is known of one point: its values, lot, limits, rules."""

    policy = "characteristic.view"
    template_name = "iot/point.html"
    fragment = True

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The point of a running number."""
        row = characteristic_or_404(kwargs["pk"], self.actor)
        point = row.points.select_related("signal", "limits", "vector").filter(n=kwargs["n"]).first()
        words = [(rule.label, rule.words) for rule in _broken(row, point)]
        return {
            "row": row,
            "title": f"Point {kwargs['n']:,} of {row.code} {row.name}",
            "point": point,
            "words": words,
            "variables": queries.variables_at(row, point) if row.chart in MULTIVARIATE else [],
            "may": _rights(self.actor, row),
            "unit": row.drawn_in,
        }


def _broken(row: Characteristic, point: Subgroup | None) -> list[Rule]:
    """The rules a point breaks, own ones as they stood in the version of limits that judged it."""
    if point is None:
        return []
    signed = rules_of_version(point.limits) if point.limits else ()
    return broken(point.mask, signed or rule_set(row.rules, row.own_rules))


class ChartSvg(Guarded):
    """The chart as a drawing that prints."""

    policy = "characteristic.view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The SVG of a span."""
        row = characteristic_or_404(pk, self.actor)
        drawing = str(svg.control_chart(queries.chart_asked(row, request.GET, actor=self.actor)))
        name = f'attachment; filename="{row.code}.svg"'
        return HttpResponse(drawing, content_type="image/svg+xml", headers={"Content-Disposition": name})
