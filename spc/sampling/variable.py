"""Plans by variables (k method): accept when the mean lies k sigmas inside the limit; OC curves and matched plans."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.sampling.attribute import Risks, Single, quality_at
from spc.sampling.iso2859 import Level, Severity
from spc.sampling.iso2859 import plan as attribute_plan
from spc.values import BadInput, Floats, numbers, present

Method = Literal["s", "sigma"]


@dataclass(frozen=True)
class Variable:
    """Measure n items, accept when (USL - mean) / spread >= k (and likewise below); spread s or the known sigma."""

    n: int
    k: float
    method: Method = "s"

    def __post_init__(self) -> None:
        if self.n < (2 if self.method == "s" else 1) or not math.isfinite(self.k):
            raise BadInput("A plan by variables needs a finite k and n from 2 (from 1 when sigma is known).")
        if self.method not in ("s", "sigma"):
            raise BadInput("The method of a plan by variables is 's' or 'sigma'.")


@dataclass(frozen=True)
class Matched:
    """A plan by variables with the risks of a plan by attributes, and that plan's qualities at Pa 0.95 and 0.10."""

    plan: Variable
    letter: str
    attribute: Single
    good: float
    bad: float
    risks: Risks


@dataclass(frozen=True)
class Judgement:
    """One lot: mean and spread (unit of x), quality statistics, estimated fraction outside, accepted or None."""

    mean: float
    spread: float
    q_upper: float | None
    q_lower: float | None
    outside: float | None
    accepted: bool | None
    reason: str = ""


def accepted(plan: Variable, p: Floats | float) -> Floats:
    """Probability of acceptance of a lot with fraction p beyond a single limit, readings normal.

    In: a plan, p in (0, 1), shape (k,). Out: shape (k,). s method by the noncentral t, sigma method by the normal
    distribution. Source: Lieberman and Resnikoff, JASA 50 (1955); ISO 3951-1, clause 12.
    """
    shares = np.atleast_1d(np.asarray(p, dtype=np.float64))
    if ((shares <= 0) | (shares >= 1)).any():
        raise BadInput("A fraction nonconforming lies between 0 and 1.")
    z, root = -scipy.special.ndtri(shares), math.sqrt(plan.n)
    if plan.method == "sigma":
        return np.asarray(scipy.special.ndtr((z - plan.k) * root), dtype=np.float64)
    return np.asarray(scipy.stats.nct.sf(plan.k * root, plan.n - 1, z * root), dtype=np.float64)


def design(
    *, good: float, bad: float, producer: float = 0.05, consumer: float = 0.10, method: Method = "s"
) -> Variable:
    """The smallest plan by variables that keeps both risks.

    In: fractions good < bad in (0, 1), producer's risk at good, consumer's at bad, method s or sigma. Out: Variable; k
    lets the consumer's risk hold exactly. Raises BadInput. Source: Montgomery, Introduction to SQC, 16.3; Duncan 1986.
    """
    if not (0 < good < bad < 1 and 0 < producer < 1 and 0 < consumer < 1 and producer + consumer < 1):
        raise BadInput("A plan needs 0 < good < bad < 1 and two risks between 0 and 1.")
    za, zb = float(scipy.special.ndtri(1 - producer)), float(scipy.special.ndtri(1 - consumer))
    z1, z2 = -float(scipy.special.ndtri(good)), -float(scipy.special.ndtri(bad))
    first = ((za + zb) / (z1 - z2)) ** 2
    if method == "s":
        k = (za * z2 + zb * z1) / (za + zb)
        first *= 1 + k * k / 2
    if first > 1e6:
        raise BadInput("The two qualities lie too close: the sample would pass a million items.")
    n = max(2 if method == "s" else 1, math.floor(first * 0.6))
    while float(accepted(_holding(n, bad, consumer, method), good)[0]) < 1 - producer:
        n += 1
    return _holding(n, bad, consumer, method)


def _holding(n: int, bad: float, consumer: float, method: Method) -> Variable:
    """The plan of n items whose consumer's risk is exact."""
    z, root = -float(scipy.special.ndtri(bad)), math.sqrt(n)
    if method == "sigma":
        return Variable(n, z + float(scipy.special.ndtri(1 - consumer)) / root, method)
    return Variable(n, float(scipy.stats.nct.isf(consumer, n - 1, z * root)) / root, method)


def matched(
    lot: int, aql: float, *, level: Level = "II", severity: Severity = "normal", method: Method = "s"
) -> Matched:
    """A plan by variables in the manner of ISO 3951-1: the risks of the ISO 2859-1 plan with fewer items.

    In: lot size, AQL up to 10 (percent), level, severity, method. Out: Matched: the smallest plan whose producer's risk
    at the attribute plan's 0.95 quality and consumer's risk at its 0.10 quality are not larger. The printed k of
    ISO 3951-1 are rounded from the same principle; n may differ by an item or two. Raises BadInput.
    Source: ISO 3951-1:2013, annexes; Lieberman and Resnikoff 1955.
    """
    if aql > 10:
        raise BadInput("Plans by variables are offered up to AQL 10 (percent nonconforming).")
    base = attribute_plan(lot, aql, level=level, severity=severity)
    single = Single(base.n, base.accept)
    good, bad = quality_at(single, 0.95), quality_at(single, 0.10)
    found = design(good=good, bad=bad, method=method)
    pa = accepted(found, np.array([aql / 100, bad]))
    return Matched(found, base.letter, single, good, bad, Risks(1 - float(pa[0]), float(pa[1])))


def judge(
    x: Any, plan: Variable, *, lsl: float | None = None, usl: float | None = None, sigma: float | None = None
) -> Judgement:
    """Accept or reject a lot by its measured sample, each limit on its own (separate control of two limits).

    In: n readings (None left out; as many as the plan asks for), the limits, and the known sigma of the sigma method.
    Out: Judgement. Raises BadInput. Source: ISO 3951-1:2013, clauses 15 to 17.
    """
    values = present(numbers(x))
    if lsl is None and usl is None:
        raise BadInput("A plan by variables needs a specification limit: give lsl, usl or both.")
    if lsl is not None and usl is not None and lsl >= usl:
        raise BadInput(f"The lower specification limit {lsl:g} must lie below the upper one {usl:g}.")
    if len(values) != plan.n:
        raise BadInput(f"The plan asks for {plan.n} readings, there are {len(values)}.")
    if plan.method == "sigma" and not (sigma and sigma > 0):
        raise BadInput("The sigma method needs the known sigma, above 0.")
    mean = float(values.mean())
    flat = plan.method == "s" and np.ptp(values) == 0
    spread = (0.0 if flat else float(values.std(ddof=1))) if plan.method == "s" or sigma is None else sigma
    if spread == 0:
        why = "The readings do not vary: measure finer, or inspect by attributes."
        return Judgement(mean, 0.0, None, None, None, None, why)
    upper = None if usl is None else (usl - mean) / spread
    lower = None if lsl is None else (mean - lsl) / spread
    sides = [q for q in (upper, lower) if q is not None]
    outside = sum(float(scipy.special.ndtr(-q)) for q in sides)
    return Judgement(mean, spread, upper, lower, outside, min(sides) >= plan.k)
