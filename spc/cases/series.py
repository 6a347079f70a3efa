"""Cases of series: statistics, autocorrelation, trend, change point, transformation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spc import autocorrelation, estimators, shapes, trend, trend_tests
from spc.cases.plain import Case, Result, fields, needed, plain, section
from spc.cases.shewhart import chart
from spc.changes import changes
from spc.johnson import johnson
from spc.runs import run_chart
from spc.values import BadInput, Floats, numbers, present

_METHODS = ("pettitt", "least-squares mean shift", "mann-kendall", "sen", "i-mr")
_MORE: dict[str, Callable[[Any], object]] = {
    "hamed-rao": trend_tests.hamed_rao,
    "sen-interval": trend_tests.sen,
    "change-points": changes,
    "run-tests": run_chart,
    "ljung-box": autocorrelation.ljung_box,
}
_POWERS = (-1.0, -0.5, 0.0, 0.3, 0.5, 1.0)


def statistics(case: Case) -> Result:
    """Mean, standard deviation, lag-one autocorrelation and moving-range sigma, per list when there are several."""
    data, options = section(case, "input"), section(case, "options")
    asked = options.get("stat") or ["mean", "std", "lag1_autocorrelation", "mr_sigma"]
    asked = [asked] if isinstance(asked, str) else asked
    if set(data) <= {"x"}:
        return _summary(numbers(needed(data, "x")), asked)
    lists = {name: values.get("x") if isinstance(values, Mapping) else values for name, values in data.items()}
    found = {
        name: _summary(numbers(values, name=name), asked) for name, values in lists.items() if isinstance(values, list)
    }
    if not found:
        raise BadInput("Statistics need x, or several lists of numbers, each with its name.")
    return found | next(iter(found.values())) if len(found) == 1 else found


def _summary(x: Floats, asked: list[str]) -> Result:
    kept, mean = present(x), estimators.mean(x)
    figures: Result = plain(
        {
            "mean": mean,
            "std": float(np.std(kept - mean, ddof=1)) if len(kept) > 1 else None,
            "lag1_autocorrelation": autocorrelation.lag_one(x),
            "mr_sigma": estimators.mean_moving_range(estimators.moving_ranges(x)) if len(x) else None,
        }
    )
    unknown = [name for name in asked if name not in figures and name != "warn_autocorrelated"]
    if unknown:
        raise BadInput(f"not supported: stat {unknown[0]!r}. Known: {', '.join(figures)}.")
    absent = {
        name: "There are too few values, or they do not vary." for name, value in figures.items() if value is None
    }
    return {**figures, "n": len(kept), "warn_autocorrelated": autocorrelation.warns(x), "reasons": absent}


def moved(case: Case) -> Result:
    """Change points and trends by the methods asked for; `start` is the label of point 1, such as a year."""
    data, options = section(case, "input"), section(case, "options")
    x, asked = needed(data, "x"), options.get("methods") or list(_METHODS)
    asked = [asked] if isinstance(asked, str) else asked
    unknown = [method for method in asked if method not in (*_METHODS, *_MORE)]
    if unknown:
        raise BadInput(f"not supported: method {unknown[0]!r}. Known: {', '.join((*_METHODS, *_MORE))}.")
    start = data.get("start")
    result: Result = {"reasons": {}}
    if "pettitt" in asked:
        change = trend.pettitt(x)
        result["pettitt"] = {"K": change.k, "p_approx": change.p, **_labelled(change.last_before_change, start)}
        result["reasons"] |= _level("pettitt", change.last_before_change)
    if "least-squares mean shift" in asked:
        split = trend.mean_shift(x)
        result["mean_shift_l2"] = fields(split) | _labelled(split.last_before_change, start)
        result["reasons"] |= _level("mean_shift_l2", split.last_before_change)
    if "mann-kendall" in asked:
        result["mann_kendall"] = _mann_kendall(x, result["reasons"])
    if "sen" in asked:
        result["sen_slope"] = trend.sen_slope(x)
    if "i-mr" in asked:
        shewhart = chart({"input": {"x": x}, "options": {**options, "chart": "i-mr"}})
        result |= {"i_mr": shewhart, "violations": shewhart["violations"]}
    result |= {name.replace("-", "_"): fields(_MORE[name](x)) for name in asked if name in _MORE}
    return result


def _level(name: str, point: int | None) -> dict[str, str]:
    """Why there is no change: its reason under the name of the method."""
    return {} if point is not None else {name: "All values are equal: there is no change."}


def _labelled(point: int | None, start: Any) -> Result:
    """Where the change lies: by its label where labels count on from a number, such as years, and by its point."""
    if point is None:
        return {"last_before_change": None, "point_before_change": None}
    counted = isinstance(start, (int, float)) and not isinstance(start, bool)
    return {"last_before_change": start + point - 1 if counted else point, "point_before_change": point}


def _mann_kendall(x: Any, reasons: dict[str, str]) -> Result:
    found = trend.mann_kendall(x)
    if found.z is None:
        reasons |= dict.fromkeys(("mann_kendall.z", "mann_kendall.p"), "All values are equal.")
    return fields(found)


def transform(case: Case) -> Result:
    """Box-Cox power with the profile log likelihood, or the member of Johnson's system."""
    data, options = section(case, "input"), section(case, "options")
    method = options.get("method", "box-cox")
    if method == "johnson":
        curve = johnson(needed(data, "x"))
        shown = {name.rstrip("_"): value for name, value in fields(curve).items()}
        return shown | {"values": plain(curve.forward(present(numbers(data["x"])))), "reasons": {}}
    if method != "box-cox":
        raise BadInput(f"not supported: transformation {method!r}. Known: box-cox, johnson.")
    found = shapes.box_cox(needed(data, "x"), at=_powers(options.get("lambdas")))
    return {
        "lambda": found.power,
        "log_likelihood": {f"{p:g}": v for p, v in found.log_likelihood.items()},
        "reasons": {},
    }


def _powers(asked: Any) -> tuple[float, ...]:
    return _POWERS if asked is None else tuple(numbers(asked, name="lambdas").tolist())
