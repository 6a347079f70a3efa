"""The design of a chart: what is given of it, filled up with what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.models import Chart
from spc.live import AverageDesign, TimeDesign, average_run_length
from spc.memory import CusumDesign, EwmaDesign, cusum_run_length, ewma_run_length
from spc.values import BadInput

Design = EwmaDesign | CusumDesign | AverageDesign | TimeDesign
_KINDS: Mapping[str, tuple[type[Design], tuple[str, ...]]] = {
    **dict.fromkeys((Chart.EWMA.value, Chart.EWMA_P.value, Chart.EWMA_U.value), (EwmaDesign, ("weight", "width"))),
    Chart.CUSUM.value: (CusumDesign, ("k", "h")),
    Chart.MOVING_AVERAGE.value: (AverageDesign, ("span",)),
    Chart.T.value: (TimeDesign, ("power",)),
}
NAMES = tuple(dict.fromkeys(name for _, names in _KINDS.values() for name in names))


def design_of(chart: str, given: Mapping[str, Any]) -> Design | None:
    """The design a person gives a chart; None for one that has none. Raises BadInput for what cannot be."""
    if strange := next((name for name in given if name not in NAMES), ""):
        raise BadInput(
            f"A design has no {strange!r}: an EWMA has weight and width, a CUSUM k and h, a moving average span, "
            "a t chart power."
        )
    if wrong := next((n for n, v in given.items() if isinstance(v, bool) or not isinstance(v, (int, float))), ""):
        raise BadInput(f"{wrong} of the design must be a number.")
    return kept_design(chart, given)


def kept_design(chart: str, kept: Mapping[str, Any]) -> Design | None:
    """The design that a version of limits keeps, beside what was fitted to its points; None for one without."""
    kind, names = _KINDS.get(chart, (None, ()))
    return None if kind is None else kind(**{name: _plain(kept[name]) for name in names if name in kept})


def _plain(value: Any) -> Any:
    """A number as a design takes it: whole ones stay whole, so that a span is one."""
    return int(value) if float(value).is_integer() else float(value)


def run_length_of(design: Design, *, shift: float = 0.0) -> float | None:
    """Points to a signal on average after a shift in sigmas; without one between two false alarms.

    None for a design of a chart that run rules judge: its rules say how often.
    """
    if isinstance(design, EwmaDesign):
        return ewma_run_length(design, shift=shift)
    if isinstance(design, CusumDesign):
        return cusum_run_length(design, shift=shift)
    return average_run_length(design, shift=shift) if isinstance(design, AverageDesign) else None
