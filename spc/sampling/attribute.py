"""Plans by attributes: what a single or double plan accepts, what it costs, and the smallest plan for two risks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.values import BadInput, Floats, Ints

Model = Literal["binomial", "hypergeometric", "poisson"]
_MOST_ACCEPTED = 1000
_LARGEST = 100_000_000


@dataclass(frozen=True)
class Single:
    """Inspect n items, accept the lot with at most `accept` nonconforming ones."""

    n: int
    accept: int

    def __post_init__(self) -> None:
        if self.n < 1 or self.accept < 0:
            raise BadInput("A single plan needs n from 1 and an acceptance number from 0.")


@dataclass(frozen=True)
class Double:
    """Inspect n1 items: accept up to accept1, reject from reject1, else inspect n2 more and accept up to accept2."""

    n1: int
    accept1: int
    reject1: int
    n2: int
    accept2: int

    def __post_init__(self) -> None:
        sound = self.n1 >= 1 and self.n2 >= 1 and 0 <= self.accept1 < self.reject1 - 1 <= self.accept2
        if not sound:
            raise BadInput("A double plan needs sample sizes from 1 and accept1 + 1 < reject1 <= accept2 + 1.")


@dataclass(frozen=True)
class Curve:
    """What a plan does at each fraction nonconforming p (shape (k,)): probability of acceptance, outgoing quality.

    accepted: Pa; aoq: average outgoing fraction with rejected lots screened; ati: average items inspected in a lot
    (None without a lot size); asn: average sample number; aoql: the worst aoq.
    """

    p: Floats
    accepted: Floats
    asn: Floats
    aoq: Floats | None
    ati: Floats | None
    aoql: float | None


@dataclass(frozen=True)
class Risks:
    """What a plan promises: producer's risk at p1 (good lots refused) and consumer's risk at p2 (bad lots accepted)."""

    producer: float
    consumer: float


def _chance(upto: int | Ints, n: int, p: Floats, lot: int | None, model: Model) -> Floats:
    """P(nonconforming items <= upto) in a sample of n, also for an `upto` below 0."""
    if model == "hypergeometric":
        if lot is None or lot < n:
            raise BadInput("The hypergeometric model needs a lot at least as large as the sample.")
        return np.asarray(scipy.stats.hypergeom.cdf(upto, lot, np.rint(p * lot), n), dtype=np.float64)
    if model == "poisson":
        return np.asarray(scipy.stats.poisson.cdf(upto, n * p), dtype=np.float64)
    return np.asarray(scipy.stats.binom.cdf(upto, n, p), dtype=np.float64)


def accepted(plan: Single | Double, p: Floats | float, *, model: Model = "binomial", lot: int | None = None) -> Floats:
    """Probability of acceptance at each fraction nonconforming.

    In: a plan, p in 0..1 (for the Poisson model nonconformities per item, any rate from 0), shape (k,), the model and
    the lot size it needs (hypergeometric: p is rounded to whole items of the lot). Out: shape (k,), 0..1. Raises
    BadInput. Source: Montgomery, Introduction to SQC, 15.2 and 15.3; ISO 2859-1, clause 12.
    """
    shares = np.atleast_1d(np.asarray(p, dtype=np.float64))
    if (shares < 0).any() or (model != "poisson" and (shares > 1).any()) or np.isnan(shares).any():
        raise BadInput("A fraction nonconforming lies between 0 and 1.")
    if isinstance(plan, Single):
        return _chance(plan.accept, plan.n, shares, lot, model)
    total = _chance(plan.accept1, plan.n1, shares, lot, model)
    for seen in range(plan.accept1 + 1, plan.reject1):
        here = _chance(seen, plan.n1, shares, lot, model) - _chance(seen - 1, plan.n1, shares, lot, model)
        rest, after = shares, lot
        if model == "hypergeometric" and lot is not None:
            after = lot - plan.n1
            rest = np.maximum(0.0, np.rint(shares * lot) - seen) / max(1, after)
        total = total + here * _chance(plan.accept2 - seen, plan.n2, rest, after, model)
    return np.clip(total, 0.0, 1.0)


def curve(
    plan: Single | Double, p: Floats | None = None, *, model: Model = "binomial", lot: int | None = None
) -> Curve:
    """Operating characteristic with average outgoing quality, total inspection and sample number.

    In: a plan; p shape (k,), default 0 up to where hardly a lot passes, in 101 steps; the model; the lot size. Out:
    Curve; aoq and ati for rectifying inspection, None without a lot size. Source: Montgomery 15.2 and 15.3.
    """
    shares = _grid(plan, model) if p is None else np.asarray(p, dtype=np.float64)
    pa = accepted(plan, shares, model=model, lot=lot)
    if isinstance(plan, Single):
        asn = np.full(len(shares), float(plan.n))
    else:
        first = _chance(plan.reject1 - 1, plan.n1, shares, lot, model)
        asn = plan.n1 + plan.n2 * (first - _chance(plan.accept1, plan.n1, shares, lot, model))
    if lot is None:
        return Curve(shares, pa, asn, None, None, None)
    if isinstance(plan, Single):
        early, size = pa, plan.n
    else:
        early, size = _chance(plan.accept1, plan.n1, shares, lot, model), plan.n1 + plan.n2
    first_size = size if isinstance(plan, Single) else plan.n1
    inspected = early * first_size + (pa - early) * size + (1 - pa) * lot
    aoq = shares * (early * (lot - first_size) + (pa - early) * (lot - size)) / lot
    return Curve(shares, pa, asn, aoq, inspected, float(aoq.max()))


def _grid(plan: Single | Double, model: Model) -> Floats:
    chosen: Model = "poisson" if model == "poisson" else "binomial"
    top = quality_at(plan, 0.001, model=chosen)
    return np.linspace(0.0, top if model == "poisson" else min(1.0, top), 101)


def quality_at(plan: Single | Double, probability: float, *, model: Model = "binomial") -> float:
    """The fraction nonconforming that is accepted with this probability (the inverse of the OC curve).

    In: a plan, probability in (0, 1), binomial or Poisson. Out: p, such as p at 0.95, 0.5 and 0.1. Raises BadInput.
    Source: ISO 2859-1, tables of OC curves (computed here, not looked up).
    """
    if not 0 < probability < 1 or model == "hypergeometric":
        raise BadInput("The probability of acceptance lies between 0 and 1; the model is binomial or poisson.")
    most = plan.accept if isinstance(plan, Single) else plan.accept2
    top = 1.0 if model == "binomial" else 20.0 * (most + 2)
    if float(accepted(plan, top, model=model)[0]) >= probability:
        raise BadInput("This plan accepts every lot: the acceptance number is not below the sample size.")
    return float(
        scipy.optimize.brentq(lambda p: float(accepted(plan, p, model=model)[0]) - probability, 0.0, top, xtol=1e-12)
    )


def risks(
    plan: Single | Double, *, good: float, bad: float, model: Model = "binomial", lot: int | None = None
) -> Risks:
    """Producer's risk at the good quality and consumer's risk at the bad one.

    In: a plan, fractions good and bad, the model and its lot size. Out: Risks in 0..1. Raises BadInput.
    Source: Montgomery, Introduction to SQC, 15.2.
    """
    pa = accepted(plan, np.array([good, bad]), model=model, lot=lot)
    return Risks(1.0 - float(pa[0]), float(pa[1]))


def design(
    *, good: float, bad: float, producer: float = 0.05, consumer: float = 0.10, model: Model = "binomial"
) -> Single:
    """The smallest single plan that keeps both risks.

    In: fractions good < bad in (0, 1), the producer's risk at good, the consumer's risk at bad. Out: Single. For each
    acceptance number the smallest n that holds the consumer's risk, until the producer's is held too. Raises BadInput.
    Source: Guenther, J. Quality Technology 1 (1969); Hald, Statistical Theory of Sampling Inspection (1981).
    """
    if not (0 < good < bad < 1 and 0 < producer < 1 and 0 < consumer < 1 and producer + consumer < 1):
        raise BadInput("A plan needs 0 < good < bad < 1 and two risks between 0 and 1.")
    if model == "hypergeometric":
        raise BadInput("Plans are designed by the binomial or the Poisson model.")
    za, zb = float(scipy.special.ndtri(1 - producer)), float(scipy.special.ndtri(1 - consumer))
    rough = ((za * math.sqrt(good * (1 - good)) + zb * math.sqrt(bad * (1 - bad))) / (bad - good)) ** 2
    if rough * bad > _MOST_ACCEPTED:
        raise BadInput(
            f"The two qualities lie too close: no acceptance number up to {_MOST_ACCEPTED} tells them apart."
        )
    accept, n = -1, 0
    while n == 0 or _chance(accept, n, np.array([good]), None, model)[0] < 1 - producer:
        accept += 1
        n = _smallest(partial(_kept_out, accept, bad, consumer, model), accept + 1)
    return Single(n, accept)


def _kept_out(accept: int, bad: float, consumer: float, model: Model, n: int) -> bool:
    """Whether a sample of n keeps the consumer's risk at the bad quality."""
    return bool(_chance(accept, n, np.array([bad]), None, model)[0] <= consumer)


def _smallest(holds: Callable[[int], bool], least: int) -> int:
    """The smallest whole number from `least` for which a rising condition holds."""
    high = least
    while not holds(high):
        high *= 2
        if high > _LARGEST:
            raise BadInput("No sample of this size exists: the bad quality lies too close to zero.")
    low = max(least, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return math.ceil(low)
