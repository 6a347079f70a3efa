"""Did it help? Before against after, with the interval of the change, the exposure it rests on and a plain verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from spc.autocorrelation import effective_size
from spc.values import BadInput, Floats, numbers, present, said

Direction = Literal["lower", "higher", "nearer"]
Outcome = Literal["effective", "not_effective", "not_shown", "insufficient"]
_WORDS: dict[Outcome, str] = {
    "effective": "Effective",
    "not_effective": "Not effective",
    "not_shown": "Not shown",
    "insufficient": "Too little data",
}


@dataclass(frozen=True)
class Goal:
    """What was promised before the action was closed.

    direction: which way the metric should move ("nearer" = towards the target); target: the value to reach, None = any
    shown improvement; minimum: least exposure after the action (readings, items or units); confidence of the interval
    and the test; metric and unit: words for the sentence.
    """

    direction: Direction
    target: float | None = None
    minimum: float = 0.0
    confidence: float = 0.95
    metric: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Exposure:
    """A count of events and what it was counted over: items inspected, or units, hours, parts made."""

    events: int
    exposure: float


@dataclass(frozen=True)
class Verdict:
    """Outcome of the comparison; before, after and change in the unit of the metric, ci = interval of the change.

    n_before, n_after: exposure; p: two-sided p-value; values are None where they do not exist, reasons say why.
    """

    outcome: Outcome
    before: float | None
    after: float | None
    change: float | None
    ci: tuple[float, float] | None
    p: float | None
    n_before: float
    n_after: float
    sentence: str
    method: str
    reasons: tuple[str, ...] = ()
    after_ci: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Side:
    """One side's estimate with its interval."""

    value: float
    low: float
    high: float


def of_means(before: Any, after: Any, goal: Goal) -> Verdict:
    """Means of readings, unequal variances allowed. Source: Welch, Biometrika 34 (1947).

    In: two lists of readings in order of time (None = missing). Autocorrelated readings count as fewer (effective
    sample size), which widens the interval, and the verdict says so. Direction "nearer" compares the mean distance
    from the target. Out: Verdict, unit of the readings. Raises BadInput for text, and for "nearer" without a target.
    """
    old, new = numbers(before, name="before"), numbers(after, name="after")
    if goal.direction == "nearer":
        if goal.target is None:
            raise BadInput("Moving nearer needs a target.")
        old, new = np.abs(old - goal.target), np.abs(new - goal.target)
        goal = Goal(
            "lower", None, goal.minimum, goal.confidence, goal.metric or "mean distance from the target", goal.unit
        )
    method = "Welch comparison of two means"
    n, m = len(present(old)), len(present(new))
    if m < max(2.0, goal.minimum) or n < 2:
        return _insufficient(goal, method, n, m, (_mean(old), _mean(new)), least=2)
    sizes, notes = _independent(old, new)
    if min(sizes) < 2:
        return _insufficient(goal, method, n, m, (_mean(old), _mean(new)), notes=notes, least=2)
    variances = [float(np.var(present(x), ddof=1)) / size for x, size in ((old, sizes[0]), (new, sizes[1]))]
    error, means = math.sqrt(sum(variances)), (float(np.mean(present(old))), float(np.mean(present(new))))
    if error == 0:
        return _insufficient(
            goal, method, n, m, means, notes=(*notes, "Neither side varies, so noise cannot be judged.")
        )
    freedom = sum(variances) ** 2 / sum(v * v / (size - 1) for v, size in zip(variances, sizes, strict=True))
    change, reach = means[1] - means[0], float(scipy.stats.t.ppf(0.5 + goal.confidence / 2, freedom)) * error
    own = float(scipy.stats.t.ppf(0.5 + goal.confidence / 2, sizes[1] - 1)) * math.sqrt(variances[1])
    p = 2.0 * float(scipy.stats.t.sf(abs(change) / error, freedom))
    after_side = _Side(means[1], means[1] - own, means[1] + own)
    return _verdict(goal, method, (means[0], after_side), (change - reach, change + reach), p, (n, m), notes)


def of_proportions(before: Exposure, after: Exposure, goal: Goal) -> Verdict:
    """Shares of nonconforming items: Fisher's exact test, interval by Newcombe's hybrid score method.

    In: events among items inspected, before and after. Out: Verdict, proportions 0..1.
    Source: Newcombe, Statistics in Medicine 17 (1998), method 10; Wilson 1927.
    """
    _check(before, after, most=True)
    method, n, m = "Fisher's exact test of two proportions", before.exposure, after.exposure
    if min(n, m) <= 0 or m < goal.minimum:
        return _insufficient(goal, method, n, m, (_rate(before), _rate(after)))
    old, new = (_wilson(side, goal.confidence) for side in (before, after))
    counts = np.array([[side.events, round(side.exposure - side.events)] for side in (before, after)])
    p = float(scipy.stats.fisher_exact(counts)[1])
    return _verdict(goal, method, (old.value, new), _mover(old, new), p, (n, m))


def of_rates(before: Exposure, after: Exposure, goal: Goal) -> Verdict:
    """Rates of events per unit of exposure: exact conditional test, interval combined from exact Poisson limits.

    In: events over an exposure (parts, hours), before and after. Out: Verdict, events per unit of exposure.
    Source: Przyborowski and Wilenski, Biometrika 31 (1940); Garwood 1936; Li, Tang, Wong, Comp. Statistics 29 (2014).
    """
    _check(before, after, most=False)
    method, n, m = "Exact conditional test of two Poisson rates", before.exposure, after.exposure
    if min(n, m) <= 0 or m < goal.minimum:
        return _insufficient(goal, method, n, m, (_rate(before), _rate(after)))
    old, new = (_garwood(side, goal.confidence) for side in (before, after))
    total = before.events + after.events
    p = float(scipy.stats.binomtest(after.events, total, m / (n + m)).pvalue) if total else 1.0
    return _verdict(goal, method, (old.value, new), _mover(old, new), p, (n, m))


def of_spread(before: Any, after: Any, goal: Goal) -> Verdict:
    """Standard deviations of readings, robust to their shape: the log ratio with the error that the kurtosis gives.

    In: two lists of readings. Out: Verdict, unit of the readings. Raises BadInput for text.
    Source: Bonett, Computational Statistics and Data Analysis 50 (2006).
    """
    old, new = numbers(before, name="before"), numbers(after, name="after")
    method, n, m = "Bonett comparison of two standard deviations", len(present(old)), len(present(new))
    known = (_std(old), _std(new))
    if m < max(4.0, goal.minimum) or n < 4 or not known[0] or not known[1]:
        return _insufficient(goal, method, n, m, known, least=4)
    sizes, notes = _independent(old, new)
    tails = _tails(present(old), present(new))
    errors = [math.sqrt(max(1e-12, tails - (s - 3) / s) / max(1.0, s - 1)) for s in sizes]
    z = float(scipy.stats.norm.ppf(0.5 + goal.confidence / 2))
    sides = [
        _Side(s, s * math.exp(-z * e / 2), s * math.exp(z * e / 2)) for s, e in zip(known, errors, strict=True) if s
    ]
    p = 2.0 * float(scipy.stats.norm.sf(2.0 * abs(math.log(known[1] / known[0])) / math.hypot(*errors)))
    return _verdict(goal, method, (known[0], sides[1]), _mover(sides[0], sides[1]), p, (n, m), notes)


def of_capability(
    before: Any, after: Any, goal: Goal, *, lsl: float | None = None, usl: float | None = None
) -> Verdict:
    """Overall capability Ppk of readings against one or two specification limits.

    In: two lists of readings, lsl and usl in their unit. Out: Verdict, Ppk. Raises BadInput without a limit.
    Source: variance of the index by Bissell, Applied Statistics 39 (1990).
    """
    if lsl is None and usl is None:
        raise BadInput("Capability needs a specification limit: give lsl, usl or both.")
    old, new = numbers(before, name="before"), numbers(after, name="after")
    method, n, m = "Comparison of two Ppk (Bissell)", len(present(old)), len(present(new))
    known = (_ppk(old, lsl, usl), _ppk(new, lsl, usl))
    if m < max(10.0, goal.minimum) or n < 10 or known[0] is None or known[1] is None:
        return _insufficient(goal, method, n, m, known, least=10)
    sizes, notes = _independent(old, new)
    errors = [
        math.sqrt(1 / (9 * s) + v * v / (2 * max(1.0, s - 1)))
        for v, s in zip(known, sizes, strict=True)
        if v is not None
    ]
    z, change, error = float(scipy.stats.norm.ppf(0.5 + goal.confidence / 2)), known[1] - known[0], math.hypot(*errors)
    new_side = _Side(known[1], known[1] - z * errors[1], known[1] + z * errors[1])
    p = 2.0 * float(scipy.stats.norm.sf(abs(change) / error))
    return _verdict(goal, method, (known[0], new_side), (change - z * error, change + z * error), p, (n, m), notes)


def _verdict(
    goal: Goal,
    method: str,
    sides: tuple[float, _Side],
    ci: tuple[float, float],
    p: float,
    sizes: tuple[float, float],
    notes: tuple[str, ...] = (),
) -> Verdict:
    """Worse, or the target out of reach: not effective; better and on target: effective; else noise: not shown."""
    before, after = sides
    sign = -1.0 if goal.direction == "lower" else 1.0
    gain, shown = sign * (after.value - before), p < 1.0 - goal.confidence
    best = after.low if goal.direction == "lower" else after.high
    missed = goal.target is not None and sign * (best - goal.target) < 0
    met = goal.target is None or sign * (after.value - goal.target) >= 0
    outcome: Outcome = (
        "not_effective"
        if missed or (shown and gain < 0)
        else "effective"
        if shown and met and gain > 0
        else "not_shown"
    )
    reasons = _reasons(goal, shown=shown, gain=gain, met=met, missed=missed) + notes
    sentence = _sentence(goal, outcome, (before, after.value), ci, p, sizes, reasons)
    return Verdict(
        outcome,
        before,
        after.value,
        after.value - before,
        ci,
        p,
        *sizes,
        sentence,
        method,
        reasons,
        (after.low, after.high),
    )


def _reasons(goal: Goal, *, shown: bool, gain: float, met: bool, missed: bool) -> tuple[str, ...]:
    if shown:
        first = "The change is larger than noise." if gain > 0 else "It became worse by more than noise."
    else:
        first = "The difference is within noise."
    if goal.target is None:
        return (first,)
    wanted = f"the target of {'at most' if goal.direction == 'lower' else 'at least'} {_say(goal.target, goal.unit)}"
    second = (
        f"The data rule out {wanted}." if missed else f"It reaches {wanted}." if met else f"It does not reach {wanted}."
    )
    return first, second


def _sentence(
    goal: Goal,
    outcome: Outcome,
    values: tuple[float, float],
    ci: tuple[float, float],
    p: float,
    sizes: tuple[float, float],
    reasons: tuple[str, ...],
) -> str:
    metric = goal.metric[:1].upper() + goal.metric[1:] if goal.metric else "The metric"
    moved = "stayed at" if values[0] == values[1] else f"went from {_say(values[0], goal.unit)} to"
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return (
        f"{_WORDS[outcome]}: {metric} {moved} {_say(values[1], goal.unit)} "
        f"(change {said(values[1] - values[0], '+.4g')}, "
        f"{goal.confidence * 100:g} % interval {said(ci[0], '+.4g')} to {said(ci[1], '+.4g')}, {chance}; "
        f"{sizes[0]:,.10g} before, {sizes[1]:,.10g} after). {' '.join(reasons)}"
    )


def _insufficient(
    goal: Goal,
    method: str,
    n: float,
    m: float,
    known: tuple[float | None, float | None],
    *,
    notes: tuple[str, ...] = (),
    least: float = 0.0,
) -> Verdict:
    need = max(goal.minimum, least)
    if m < need:
        notes = (f"After the action there are {m:,.10g} of at least {need:,.10g}.", *notes)
    elif n < least or n <= 0:
        notes = (f"Before the action there are {n:,.10g} of at least {max(least, 1):,.10g}.", *notes)
    elif not notes:
        notes = ("The values of one side do not vary, so noise cannot be judged.",)
    change = None if known[0] is None or known[1] is None else known[1] - known[0]
    sentence = f"{_WORDS['insufficient']}: {' '.join(notes)} The effect cannot be judged yet."
    return Verdict("insufficient", known[0], known[1], change, None, None, n, m, sentence, method, notes)


def _independent(old: Floats, new: Floats) -> tuple[tuple[float, float], tuple[str, ...]]:
    sizes, notes = [], []
    for name, values in (("before", old), ("after", new)):
        size, count = effective_size(values), len(present(values))
        sizes.append(size)
        if size < count:
            notes.append(
                f"The {count:,} readings {name} follow each other (autocorrelation) and count as {size:,.1f} "
                "independent ones; the interval is widened."
            )
    return (sizes[0], sizes[1]), tuple(notes)


def _mover(old: _Side, new: _Side) -> tuple[float, float]:
    """Interval of new - old from the two separate intervals (method of variance estimates recovery)."""
    change = new.value - old.value
    return (
        change - math.hypot(new.value - new.low, old.high - old.value),
        change + math.hypot(new.high - new.value, old.value - old.low),
    )


def _wilson(side: Exposure, confidence: float) -> _Side:
    interval = scipy.stats.binomtest(side.events, round(side.exposure)).proportion_ci(confidence, method="wilson")
    return _Side(side.events / side.exposure, float(interval.low), float(interval.high))


def _garwood(side: Exposure, confidence: float) -> _Side:
    tail = (1.0 - confidence) / 2
    low = float(scipy.stats.chi2.ppf(tail, 2 * side.events)) / 2 if side.events else 0.0
    high = float(scipy.stats.chi2.isf(tail, 2 * side.events + 2)) / 2
    return _Side(side.events / side.exposure, low / side.exposure, high / side.exposure)


def _check(before: Exposure, after: Exposure, *, most: bool) -> None:
    for name, side in (("before", before), ("after", after)):
        if side.events < 0 or int(side.events) != side.events or side.exposure < 0:
            raise BadInput(f"{name}: events are whole numbers from 0, and the exposure is not negative.")
        if most and (side.events > side.exposure or int(side.exposure) != side.exposure):
            raise BadInput(f"{name}: {side.events} nonconforming of {side.exposure:g} items is not a proportion.")


def _rate(side: Exposure) -> float | None:
    return side.events / side.exposure if side.exposure > 0 else None


def _mean(values: Floats) -> float | None:
    return float(np.mean(present(values))) if len(present(values)) else None


def _std(values: Floats) -> float | None:
    kept = present(values)
    return float(np.std(kept, ddof=1)) if len(kept) > 1 and np.ptp(kept) > 0 else None


def _ppk(values: Floats, lsl: float | None, usl: float | None) -> float | None:
    mean, spread = _mean(values), _std(values)
    if mean is None or spread is None:
        return None
    above = math.inf if usl is None else (usl - mean) / (3 * spread)
    return min(above, math.inf if lsl is None else (mean - lsl) / (3 * spread))


def _tails(old: Floats, new: Floats) -> float:
    """Pooled kurtosis about the trimmed means, as Bonett's interval needs it."""
    fourth = squares = 0.0
    for values in (old, new):
        trim = 1.0 / (2.0 * math.sqrt(max(len(values) - 4, 1)))
        fourth += float(np.sum((values - scipy.stats.trim_mean(values, min(trim, 0.49))) ** 4))
        squares += float(np.sum((values - values.mean()) ** 2))
    return (len(old) + len(new)) * fourth / squares**2


def _say(value: float, unit: str) -> str:
    return f"{said(value)} {unit}".rstrip()
