"""What a set of rules costs: how often it calls a process out of control that is not."""

from __future__ import annotations

from spc.run_length import in_control


def run_length(rules: tuple[str, ...]) -> float:
    """Points between two false alarms of an in-control process; each set is computed once."""
    return in_control(rules).points
