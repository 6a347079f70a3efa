"""Capability of data made normal: readings and specification limits through the same Box-Cox or Johnson curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from spc.capability import Capability, Spec, capability, of_values
from spc.johnson import johnson
from spc.shapes import box_cox
from spc.values import BadInput, Floats, numbers, present

Curve = Callable[[Floats | float], Floats]


@dataclass(frozen=True)
class TransformedCapability:
    """Indices of the transformed readings; parameters of the curve, quantiles back in the unit of x.

    shift: added to every value and limit before Box-Cox so that all are above zero (0 = none).
    """

    method: str
    parameters: Mapping[str, float | str]
    shift: float
    capability: Capability
    p00135: float
    p50: float
    p99865: float
    reasons: Mapping[str, str]


def transformed(
    x: Any,
    spec: Spec,
    *,
    method: Literal["box-cox", "johnson"] = "box-cox",
    power: float | None = None,
    confidence: float = 0.95,
) -> TransformedCapability:
    """Capability after a transformation to normality.

    In: n values in order of time (None = gap), a Spec in the unit of x, the method, a fixed Box-Cox power (default by
    maximum likelihood), the confidence. Out: TransformedCapability; a limit that the curve cannot reach (at or below
    zero for Box-Cox, beyond the bounds of a Johnson curve) is left out with the reason. The target is not carried over.
    Raises BadInput. Sources: Box and Cox 1964; Chou, Polansky and Mason 1998; ISO 22514-4.
    """
    values = numbers(x)
    if method == "johnson":
        found = johnson(values)
        parts: dict[str, float | str] = {
            "family": found.kind, "gamma": found.gamma, "eta": found.eta,
            "epsilon": found.epsilon, "lambda": found.lambda_,
        }  # fmt: skip
        return _finished(values, spec, (found.forward, found.back), ("johnson", parts, 0.0), confidence)
    if method != "box-cox":
        raise BadInput(f"not supported: transformation {method!r}. Known: box-cox, johnson.")
    low = float(present(values).min()) if len(present(values)) else math.nan
    shift = 0.0 if low > 0 else _lift(values, low)
    lifted = values + shift
    chosen = None if power is not None else box_cox(lifted)
    best = chosen.power if chosen else float(power or 0.0)
    scale = math.exp(float(np.log(present(lifted)).mean()))
    done = _finished(values, spec, _box_cox(best, shift, scale), ("box-cox", {"lambda": best}, shift), confidence)
    weak = {"lambda": _WEAK} if chosen and chosen.at_bound else {}
    inner = _unscaled(done.capability, best, scale)
    return replace(done, capability=inner, reasons={**done.reasons, **weak})


_WEAK = "The values spread too little about their level to tell a power; the indices hardly depend on it."


def _unscaled(found: Capability, power: float, scale: float) -> Capability:
    """Mean and sigmas as of (x^p - 1) / p itself, which the indices do not depend on."""
    with np.errstate(over="ignore"):
        factor = float(np.float64(scale) ** power)
    shift = math.log(scale) if power == 0 else (factor - 1) / power

    def moved(value: float | None, offset: float = 0.0) -> float | None:
        return None if value is None or not math.isfinite(value * factor + offset) else value * factor + offset

    return replace(
        found,
        mean=moved(found.mean, shift),
        sigma_within=moved(found.sigma_within),
        sigma_overall=moved(found.sigma_overall),
    )


def _lift(values: Floats, low: float) -> float:
    """What to add so that the smallest value becomes a thousandth of the range above zero."""
    if math.isnan(low) or np.ptp(present(values)) == 0:
        raise BadInput("Box-Cox needs at least three values that vary.")
    return 1e-3 * float(np.ptp(present(values))) - low


def _box_cox(power: float, shift: float, scale: float) -> tuple[Curve, Curve]:
    """The curve of values divided by their geometric mean: no power of them leaves the range of numbers."""

    def forward(x: Floats | float) -> Floats:
        moved = (np.asarray(x, dtype=np.float64) + shift) / scale
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            curved = np.log(moved) if power == 0 else np.expm1(power * np.log(moved)) / power
        return np.where(moved > 0, curved, -np.inf)

    def back(z: Floats | float) -> Floats:
        given = np.asarray(z, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            base = np.exp(given) if power == 0 else np.exp(np.log1p(np.maximum(-1.0, power * given)) / power)
        return np.asarray(scale * base - shift, dtype=np.float64)

    return forward, back


def _finished(
    values: Floats, spec: Spec, curves: tuple[Curve, Curve], named: tuple[str, Any, float], confidence: float
) -> TransformedCapability:
    forward, back = curves
    ends = {name: None if end is None else float(forward(end)) for name, end in (("lsl", spec.lsl), ("usl", spec.usl))}
    beyond = [name for name, end in ends.items() if end is not None and not math.isfinite(end)]
    kept = {name: None if name in beyond else end for name, end in ends.items()}
    if kept["lsl"] is None and kept["usl"] is None:
        raise BadInput("The transformed process never reaches the specification limits: take a fitted distribution.")
    result = capability(of_values(forward(values)), Spec(kept["lsl"], kept["usl"]), confidence=confidence)
    mean, sigma = result.mean or 0.0, result.sigma_overall or 0.0
    low, middle, high = (float(back(mean + z * sigma)) for z in (-3.0, 0.0, 3.0))
    method, parameters, shift = named
    reasons = dict.fromkeys(beyond, "The transformed process never reaches this limit.")
    return TransformedCapability(method, parameters, shift, result, low, middle, high, {**result.reasons, **reasons})
