"""The price of a rule set: how many points pass between false alarms while nothing has changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.fleet import Fleet, step_all
from spc.rules import RULES, Rule, RuleNames, chosen, known_run_length

_STREAMS, _STEPS, _SEED = 2000, 1200, 20_26


@dataclass(frozen=True)
class RunLength:
    """Average number of points between false alarms, its standard error (0 when exact) and where it comes from."""

    points: float
    error: float
    method: str

    @property
    def words(self) -> str:
        """For the rule picker: "one false alarm in 92 points"."""
        return "no false alarms" if math.isinf(self.points) else f"one false alarm in {self.points:,.0f} points"


def in_control(rules: RuleNames) -> RunLength:
    """In-control average run length of a rule set on independent normal points with known limits.

    In: rule names or Rules. Out: RunLength: exact for a set of single-point rules (1 / P), published for Western
    Electric 1-4 (91.75: Champ and Woodall, Technometrics 29, 1987), else simulated once per set with a fixed seed: 2.4
    million points, each alarm starting the rules afresh; infinite for the empty set and where no alarm came.
    Source: Champ and Woodall 1987; simulation of the definitions in Rule.
    """
    return _in_control(tuple(sorted(chosen(rules), key=lambda rule: rule.bit)))


@lru_cache(maxsize=512)
def _in_control(rules: tuple[Rule, ...]) -> RunLength:
    if not rules:
        return RunLength(math.inf, 0.0, "exact")
    if all(rule.test == "beyond" and rule.window == 1 for rule in rules):
        tail = 2.0 * float(scipy.special.ndtr(-float(min(rule.sigmas for rule in rules))))
        return RunLength(1.0 / tail, 0.0, "exact")
    published = known_run_length(tuple(rule.name for rule in rules if RULES.get(rule.name) == rule))
    if published is not None and all(rule.name in RULES for rule in rules):
        return RunLength(published, 0.0, "Champ and Woodall 1987")
    return _simulated(rules)


def _simulated(rules: tuple[Rule, ...]) -> RunLength:
    """Points per alarm over many long streams; the first stretch is left out so that its start does not count."""
    rng, fleet, alarms = np.random.default_rng(_SEED), Fleet.start(_STREAMS), 0
    warm = _STEPS // 5
    for step in range(_STEPS + warm):
        fleet, mask = step_all(fleet, rng.standard_normal(_STREAMS), 0.0, 1.0, rules)
        hit = mask != 0
        if hit.any():
            fleet.bits[:, hit], fleet.last[hit] = 0, np.nan
        alarms += int(hit.sum()) if step >= warm else 0
    if not alarms:
        return RunLength(math.inf, math.inf, "simulated")
    points = _STREAMS * _STEPS / alarms
    return RunLength(points, points / math.sqrt(alarms), "simulated")
