"""The design of a chart with a memory: what is given of it, filled up with what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.models import Chart
from spc.memory import CusumDesign, EwmaDesign, cusum_run_length, ewma_run_length
from spc.values import BadInput

NAMES: Mapping[str, tuple[str, ...]] = {Chart.EWMA.value: ("weight", "width"), Chart.CUSUM.value: ("k", "h")}


def design_of(chart: str, given: Mapping[str, Any]) -> EwmaDesign | CusumDesign | None:
    """The design of an EWMA or CUSUM; None for a chart without a memory. Raises BadInput for what cannot be."""
    if strange := next((name for name in given if not any(name in names for names in NAMES.values())), ""):
        raise BadInput(f"A design has no {strange!r}: an EWMA has weight and width, a CUSUM k and h.")
    if wrong := next((n for n, v in given.items() if isinstance(v, bool) or not isinstance(v, (int, float))), ""):
        raise BadInput(f"{wrong} of the design must be a number.")
    own = {name: float(given[name]) for name in NAMES.get(chart, ()) if name in given}
    if chart == Chart.EWMA:
        return EwmaDesign(**own)
    return CusumDesign(**own) if chart == Chart.CUSUM else None


def run_length_of(design: EwmaDesign | CusumDesign, *, shift: float = 0.0) -> float:
    """Points to a signal on average after a shift in sigmas; without one between two false alarms."""
    if isinstance(design, EwmaDesign):
        return ewma_run_length(design, shift=shift)
    return cusum_run_length(design, shift=shift)
