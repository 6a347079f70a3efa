"""Around a chart, loaded when asked for: what moved before a signal, the points by stratum, the stages compared."""

from __future__ import annotations

from typing import Any

from governance.models import UNRULED
from iot import queries
from iot.charting.plan import RELATIVE
from iot.queries.strata import Split, Stratum
from iot.views.found import characteristic_or_404, signal_or_404
from qms.web import svg
from qms.web.pages import Page

SIZE = (220, 64)
SLOTS = 48  # newest points of a stratum that are drawn


class WhatMoved(Page):
    """The parameters of the same line that moved before a signal."""

    policy = "signal.view"
    template_name = "iot/moved.html"
    fragment = True

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The comparison for one signal."""
        signal = signal_or_404(kwargs["pk"], self.actor)
        row = signal.characteristic
        return {"signal": signal, "row": row, "found": queries.what_moved(signal, actor=self.actor)}


class Strata(Page):
    """The points of a chart as small multiples."""

    policy = "characteristic.view"
    template_name = "iot/strata.html"
    fragment = True

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The strata of the kind asked for, each drawn to the same scale."""
        row = characteristic_or_404(kwargs["pk"], self.actor)
        by = self.request.GET.get("by", "")
        by = by if by in queries.BY else "shift"
        split = queries.stratify(row, by, actor=self.actor)
        return {
            "row": row,
            "by": by,
            "word": queries.BY[by].lower(),
            "choices": queries.BY.items(),
            "split": split,
            "cells": [(one, _drawn(one, split, row.name, row.decimals)) for one in split.strata],
        }


class LevelShift(Page):
    """Whether the level has moved under the limits in force."""

    policy = "characteristic.view"
    template_name = "iot/shift.html"
    fragment = True

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The newest change, and whether the person may propose limits from there."""
        row = characteristic_or_404(kwargs["pk"], self.actor)
        may = self.actor.can("limits.open", row.site_id)
        return {"row": row, "shift": queries.shift_of(row, actor=self.actor), "may_propose": may}


def _drawn(one: Stratum, split: Split, name: str, decimals: int) -> str:
    limits = None if split.limits and split.limits.chart in UNRULED | RELATIVE else split.limits
    lines = (limits.lcl if limits.lcl is not None else 0.0, limits.center, limits.ucl) if limits else None
    shown = [value for each in split.strata for value in each.values[-SLOTS:]]
    slots = min(SLOTS, max(len(each.values) for each in split.strata))
    return svg.sparkline(
        one.values[-SLOTS:], limits=lines, state="ok", name=f"{name}, {one.name}", decimals=decimals, size=SIZE,
        slots=slots, reach=(min(shown), max(shown)),
    )  # fmt: skip


class Stages(Page):
    """The versions of limits side by side."""

    policy = "characteristic.view"
    template_name = "iot/stages.html"
    fragment = True

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """One row a stage."""
        row = characteristic_or_404(kwargs["pk"], self.actor)
        return {"row": row, "stages": queries.compare_stages(row, actor=self.actor)}
