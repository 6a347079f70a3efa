"""What a set of rules costs: how often it calls a process out of control that is not."""

from __future__ import annotations

from collections.abc import Sequence

from iot.charting.plan import REMEMBERED
from spc.run_length import in_control


def run_length(rules: Sequence[str]) -> float:
    """Points between two false alarms of an in-control process; each set is computed once."""
    return in_control(["nelson_1" if name == REMEMBERED.name else name for name in rules]).points
