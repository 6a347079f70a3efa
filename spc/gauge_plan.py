"""The order in which a gauge study is measured: drawn by lot, the same again from the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spc.values import BadInput

MOST = 5000  # readings of one study


@dataclass(frozen=True)
class Run:
    """One reading to take: by which appraiser, of which part, in which round (from 1)."""

    appraiser: str
    part: str
    trial: int


def run_order(
    parts: Mapping[str, Sequence[str]], *, trials: int, seed: int, shuffled: bool = True
) -> dict[str, tuple[Run, ...]]:
    """The runs of a gauge study in the order each appraiser takes them.

    In: appraiser -> labels of the parts he measures (the same for all when crossed, his own when nested), rounds, seed.
    Out: appraiser -> runs; every round holds each of his parts once, in an order drawn anew, and no part comes twice in
    a row where there are others. `shuffled` false keeps the order given (stability: the order is time). Raises BadInput
    for no appraiser, no part, the same part twice, no round, or more than 5,000 readings. Source: AIAG, Measurement
    Systems Analysis, 4th ed., chapter III, section B (parts in random order, appraisers unaware of earlier readings).
    """
    if not parts or not all(parts.values()):
        raise BadInput("A gauge study needs at least one appraiser and one part.")
    if trials < 1:
        raise BadInput("A gauge study needs at least one round.")
    if any(len(set(labels)) != len(labels) for labels in parts.values()):
        raise BadInput("Two parts carry the same label: each needs its own.")
    if (size := trials * sum(map(len, parts.values()))) > MOST:
        raise BadInput(f"That is {size:,} readings; a study takes at most {MOST:,}.")
    rng = np.random.default_rng(seed)
    return {
        appraiser: tuple(
            Run(appraiser, label, trial)
            for trial, labels in enumerate(_rounds(list(labels), trials, rng, shuffled), start=1)
            for label in labels
        )
        for appraiser, labels in parts.items()
    }


def _rounds(labels: list[str], trials: int, rng: np.random.Generator, shuffled: bool) -> list[list[str]]:
    """The labels of each round in order."""
    found: list[list[str]] = []
    for _ in range(trials):
        drawn = [labels[place] for place in rng.permutation(len(labels))] if shuffled else list(labels)
        if shuffled and found and len(drawn) > 1 and drawn[0] == found[-1][-1]:
            drawn[0], drawn[-1] = drawn[-1], drawn[0]
        found.append(drawn)
    return found
