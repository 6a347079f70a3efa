"""What a set of rules costs: how often it calls a process out of control that is not."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from spc.rules import known_run_length
from spc.streaming import START, stepper

_POINTS = 120_000
_SEED = 20_111


@lru_cache(maxsize=64)
def run_length(rules: tuple[str, ...]) -> float:
    """Points between two false alarms of an in-control process: published where known, else simulated (seeded).

    The simulation starts the rules anew after each alarm, as a stage would; with 120,000 points its standard error
    is about run_length / sqrt(120,000 / run_length).
    """
    known = known_run_length(rules)
    if known is not None:
        return known
    step, state, alarms = stepper(rules), START, 0
    for value in np.random.default_rng(_SEED).standard_normal(_POINTS).tolist():
        state, mask = step(state, value, 0.0, 1.0)
        if mask:
            alarms, state = alarms + 1, START
    return _POINTS / max(alarms, 1)
