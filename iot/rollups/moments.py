"""Count, mean, squared deviations and extremes of readings by bucket, and how buckets merge without loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iot.copying import Ints
from iot.readings import begins
from spc.values import Floats

SECOND = 1_000_000
MINUTE, TEN_MINUTES, HOUR, DAY = 60, 600, 3_600, 86_400  # widths in seconds
WIDTHS = (MINUTE, TEN_MINUTES, HOUR, DAY)
_WORTH = 20  # readings a bucket must hold on average, or the buckets cost more room than they save time

Table = NDArray[np.void]

# times are microseconds since 2000-01-01, as the database counts them; a bucket is known by its start
MOMENTS = np.dtype(
    [
        ("parameter", np.int64), ("bucket", np.int64), ("n", np.int64), ("aside", np.int64), ("mean", np.float64),
        ("m2", np.float64), ("low", np.float64), ("high", np.float64), ("first", np.float64), ("last", np.float64),
        ("first_t", np.int64), ("last_t", np.int64),
    ]
)  # fmt: skip
NEVER, EVER = np.iinfo(np.int64).max, np.iinfo(np.int64).min


def moments(parameters: Ints, times: Ints, values: Floats, taken: NDArray[np.bool_], *, width: int = MINUTE) -> Table:
    """One row for each parameter and bucket of `width` seconds, in that order.

    In: readings in any order, times in microseconds; `taken` false: set aside, counted and nothing else. Out: rows of
    MOMENTS: m2 is the sum of squared deviations from the mean; n = 0 has low = inf and high = -inf.
    """
    found = _of_taken(parameters[taken], times[taken], values[taken], width)
    if taken.all():
        return found
    return merged(np.concatenate([found, _of_aside(parameters[~taken], times[~taken], width)]), width=width)


def _of_taken(parameters: Ints, times: Ints, values: Floats, width: int) -> Table:
    order = np.lexsort((times, parameters))
    p, t, v = parameters[order], times[order], values[order]
    bucket = t - t % (width * SECOND)
    starts = np.flatnonzero(begins(p, bucket))
    found = np.zeros(len(starts), dtype=MOMENTS)
    if not len(starts):
        return found
    ends = np.append(starts[1:], len(p)) - 1
    n = ends - starts + 1
    found["parameter"], found["bucket"], found["n"] = p[starts], bucket[starts], n
    found["mean"] = np.add.reduceat(v, starts) / n
    found["m2"] = np.add.reduceat((v - np.repeat(found["mean"], n)) ** 2, starts)
    found["low"], found["high"] = np.minimum.reduceat(v, starts), np.maximum.reduceat(v, starts)
    found["first"], found["last"] = v[starts], v[ends]
    found["first_t"], found["last_t"] = t[starts], t[ends]
    return found


def _of_aside(parameters: Ints, times: Ints, width: int) -> Table:
    found = np.zeros(len(parameters), dtype=MOMENTS)
    found["parameter"], found["bucket"], found["aside"] = parameters, times - times % (width * SECOND), 1
    found["low"], found["high"], found["first_t"], found["last_t"] = np.inf, -np.inf, NEVER, EVER
    return found


def merged(rows: Table, *, width: int) -> Table:
    """Rows of the same parameter and bucket of `width` seconds as one; narrower buckets fall into wider ones.

    The mean and the squared deviations are exact whatever the order. Source: Chan, Golub and LeVeque, American
    Statistician 37 (1983).
    """
    if not len(rows):
        return rows
    wide = rows["bucket"] - rows["bucket"] % (width * SECOND)
    order = np.lexsort((rows["first_t"], wide, rows["parameter"]))
    rows, wide = rows[order], wide[order]
    starts = np.flatnonzero(begins(rows["parameter"], wide))
    lengths = np.diff(np.append(starts, len(rows)))
    found = rows[starts].copy()
    found["bucket"] = wide[starts]
    for name in ("n", "aside"):
        found[name] = np.add.reduceat(rows[name], starts)
    found["low"], found["high"] = np.minimum.reduceat(rows["low"], starts), np.maximum.reduceat(rows["high"], starts)
    origin = np.repeat(rows["mean"][starts], lengths)  # near every mean, so that nothing cancels
    shift = np.add.reduceat(rows["n"] * (rows["mean"] - origin), starts) / np.maximum(found["n"], 1)
    found["mean"] = np.where(found["n"] > 0, rows["mean"][starts] + shift, 0.0)
    apart = rows["n"] * (rows["mean"] - np.repeat(found["mean"], lengths)) ** 2
    found["m2"] = np.add.reduceat(rows["m2"] + apart, starts)
    newest = np.lexsort((rows["last_t"], np.repeat(np.arange(len(starts)), lengths)))[starts + lengths - 1]
    found["last"], found["last_t"] = rows["last"][newest], rows["last_t"][newest]
    return found


def ladder(minutes: Table) -> tuple[dict[int, Table], Ints]:
    """What is kept of whole hours: rows by width, and the narrowest width kept of each hour.

    In: rows by minute of hours that are complete. Narrow buckets are kept of hours that fill them.
    """
    hours = merged(minutes, width=HOUR)
    finest = np.full(len(hours), HOUR, dtype=np.int64)
    kept = {HOUR: hours}
    for width in (TEN_MINUTES, MINUTE):
        full = hours["n"] >= _WORTH * HOUR // width
        finest[full] = width
        keys = hours[full][["parameter", "bucket"]]
        belongs = np.isin(units(minutes["parameter"], minutes["bucket"]), units(keys["parameter"], keys["bucket"]))
        kept[width] = merged(minutes[belongs], width=width)
    return kept, finest


def units(parameters: Ints, times: Ints) -> Ints:
    """One number for a parameter and an hour, ascending by parameter, then hour."""
    return (parameters.astype(np.int64) << 32) | (times // (HOUR * SECOND))


def parts(unit: Ints) -> tuple[Ints, Ints]:
    """The parameters and the starts of the hours behind `units`."""
    return unit >> 32, (unit & 0xFFFFFFFF) * (HOUR * SECOND)
