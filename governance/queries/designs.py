"""The design of a chart: what is given of it, filled up with what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.models import MULTIVARIATE, Chart
from spc.joint import MOST_VARIABLES
from spc.live import AverageDesign, TimeDesign, average_run_length
from spc.memory import CusumDesign, EwmaDesign, cusum_run_length, ewma_run_length
from spc.values import BadInput


@dataclass(frozen=True)
class JointDesign:
    """Hotelling's T squared: ids of the characteristics judged together, and the risk of a false alarm at a point."""

    members: tuple[int, ...]
    alpha: float = 0.0027

    def __post_init__(self) -> None:
        check_members(self.members)
        if not 1e-6 <= self.alpha <= 0.2:
            raise BadInput("The risk α of a false alarm lies between 0.000001 and 0.2, for example 0.0027.")


@dataclass(frozen=True)
class JointMemory:
    """MEWMA: ids of the characteristics, weight, and how many points on average lie between two false alarms."""

    members: tuple[int, ...]
    weight: float = 0.1
    arl: float = 370.0

    def __post_init__(self) -> None:
        check_members(self.members)
        if not (0.01 <= self.weight <= 1 and 20 <= self.arl <= 100_000):
            raise BadInput("A MEWMA needs a weight λ from 0.01 to 1, and 20 to 100,000 points between false alarms.")


@dataclass(frozen=True)
class Pairing:
    """How readings come together: by serial number, else at one time (`exact`) or within the wait (`window`).

    `time` looks at the time alone, whatever the serial numbers. wait: seconds after which what is not there is missing.
    """

    pair: str = "exact"
    wait: float = 60.0

    def __post_init__(self) -> None:
        if self.pair not in ("exact", "window", "time"):
            raise BadInput("Readings come together as exact, window or time says, not otherwise.")
        if not 0.001 <= self.wait <= 600:
            raise BadInput("Readings wait for each other from 0.001 up to 600 seconds.")


Design = EwmaDesign | CusumDesign | AverageDesign | TimeDesign | JointDesign | JointMemory
_KINDS: Mapping[str, tuple[type[EwmaDesign | CusumDesign | AverageDesign | TimeDesign], tuple[str, ...]]] = {
    **dict.fromkeys((Chart.EWMA.value, Chart.EWMA_P.value, Chart.EWMA_U.value), (EwmaDesign, ("weight", "width"))),
    Chart.CUSUM.value: (CusumDesign, ("k", "h")),
    Chart.MOVING_AVERAGE.value: (AverageDesign, ("span",)),
    Chart.T.value: (TimeDesign, ("power",)),
}
NAMES = tuple(dict.fromkeys(name for _, names in _KINDS.values() for name in names))
_JOINT = {Chart.T2.value: ("alpha",), Chart.MEWMA.value: ("weight", "arl")}
_PAIRED = ("members", "pair", "wait")


def design_of(chart: str, given: Mapping[str, Any]) -> Design | None:
    """The design a person gives a chart; None for one that has none. Raises BadInput for what cannot be."""
    if chart in MULTIVARIATE:
        return _joint(chart, given)
    if strange := next((name for name in given if name not in NAMES), ""):
        raise BadInput(
            f"A design has no {strange!r}: an EWMA has weight and width, a CUSUM k and h, a moving average span, "
            "a t chart power."
        )
    if wrong := next((n for n, v in given.items() if isinstance(v, bool) or not isinstance(v, (int, float))), ""):
        raise BadInput(f"{wrong} of the design must be a number.")
    return kept_design(chart, given)


def _joint(chart: str, given: Mapping[str, Any]) -> Design | None:
    if strange := next((name for name in given if name not in (*_PAIRED, *_JOINT[chart])), ""):
        raise BadInput(f"The design of this chart has no {strange!r}, it has {', '.join((*_PAIRED, *_JOINT[chart]))}.")
    pairing_of(given)
    return kept_design(chart, given)


def kept_design(chart: str, kept: Mapping[str, Any]) -> Design | None:
    """The design that a version of limits keeps, beside what was fitted to its points; None for one without."""
    if chart in MULTIVARIATE:
        kind_joint = JointDesign if chart == Chart.T2 else JointMemory
        members = tuple(int(one) for one in kept.get("members", ()))
        return kind_joint(members, **{name: float(kept[name]) for name in _JOINT[chart] if name in kept})
    kind, names = _KINDS.get(chart, (None, ()))
    return None if kind is None else kind(**{name: _plain(kept[name]) for name in names if name in kept})


def pairing_of(kept: Mapping[str, Any]) -> Pairing:
    """How the readings of characteristics judged together come together."""
    wait = kept.get("wait", Pairing.wait)
    if isinstance(wait, bool) or not isinstance(wait, (int, float)):
        raise BadInput("How long readings wait for each other is a number of seconds.")
    return Pairing(str(kept.get("pair", Pairing.pair)), float(wait))


def check_members(members: tuple[int, ...]) -> None:
    """Two to twenty different characteristics. Raises BadInput."""
    if not 2 <= len(members) <= MOST_VARIABLES or len(set(members)) < len(members):
        raise BadInput(f"Two to {MOST_VARIABLES} different characteristics are judged together.")


def _plain(value: Any) -> Any:
    """A number as a design takes it: whole ones stay whole, so that a span is one."""
    return int(value) if float(value).is_integer() else float(value)


def run_length_of(design: Design, *, shift: float = 0.0) -> float | None:
    """Points to a signal on average after a shift in sigmas; without one between two false alarms.

    None for a design of a chart that run rules judge: its rules say how often. Of several variables judged together
    only the false alarms are known, because a shift of theirs has a direction.
    """
    if isinstance(design, (JointDesign, JointMemory)):
        return 1 / design.alpha if isinstance(design, JointDesign) else design.arl
    if isinstance(design, EwmaDesign):
        return ewma_run_length(design, shift=shift)
    if isinstance(design, CusumDesign):
        return cusum_run_length(design, shift=shift)
    return average_run_length(design, shift=shift) if isinstance(design, AverageDesign) else None
