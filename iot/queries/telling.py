"""Where a signal lies, in words: how far from the centre line, or how far beyond the one limit of several variables."""

from __future__ import annotations

from governance.models import MULTIVARIATE
from iot.models import Signal
from qms.web.words import number


def value_of(signal: Signal) -> str:
    """The first point of a signal with what it is drawn in."""
    row = signal.characteristic
    text = number(signal.value, row.decimals)
    return f"{row.drawn_in} {text}" if row.chart in MULTIVARIATE else f"{text} {row.drawn_in}".strip()


def place_of(signal: Signal) -> str:
    """Where it lies: in sigmas from the centre line; T squared has no centre, only an upper limit."""
    row, limit = signal.characteristic, signal.limits.ucl
    if row.chart in MULTIVARIATE:
        return f"limit {number(limit, row.decimals)}"
    return f"{number(signal.distance, 1, sign=True)} σ from the centre line at {number(signal.center, row.decimals)}"
