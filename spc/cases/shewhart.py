"""Cases of the Shewhart charts: i-mr, xbar-r, xbar-s, p, np, c, u."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

import numpy as np

from spc.cases.plain import Case, Result, figure, given, level, needed, numbers_of, plain, section
from spc.charts import Chart, Setup, draw, judge
from spc.estimators import SUBGROUP, Subgroups
from spc.rulesets import ruleset
from spc.samples import Sample, counted, individuals, subgroups
from spc.values import BadInput

_SPREAD = {"i-mr": "mr", "xbar-r": "r", "xbar-s": "s"}


def chart(case: Case) -> Result:
    """A Shewhart chart: limits, violations by rule, trial and revised limits where points are excluded."""
    data, options = section(case, "input"), section(case, "options")
    sample, setup = sample_of(str(options.get("chart")), data), setup_of(options)
    result = describe(_drawn(sample, setup, options), sample, setup)
    if setup.exclude:
        result["trial"] = _trial(sample, replace(setup, exclude=()), options)
        result["revised"] = {name: value for name, value in result.items() if name not in ("trial", "reasons")}
    return result


def _trial(sample: Sample, setup: Setup, options: Mapping[str, Any]) -> Result:
    """The chart before exclusions, judging the phase I points alone."""
    result = describe(_drawn(sample, setup, options), sample, setup)
    first, last = setup.phase1 or (1, len(sample.values))
    inside = {rule: [p for p in found if first <= p <= last] for rule, found in result["violations"].items()}
    return result | {"violations": inside}


def sample_of(kind: str, data: Mapping[str, Any]) -> Sample:
    """The points of a chart kind from the fields of a case's input."""
    if kind == "i-mr":
        return individuals(needed(data, "x"))
    if kind in ("xbar-r", "xbar-s"):
        return subgroups(needed(data, "subgroups"), chart=cast(Literal["xbar-r", "xbar-s"], kind))
    if kind in ("p", "np", "c", "u"):
        return counted(needed(data, "counts"), data.get("sizes"), chart=cast(Literal["p", "np", "c", "u"], kind))
    raise BadInput(f"not supported: chart {kind!r}")


def setup_of(options: Mapping[str, Any]) -> Setup:
    """Rules, phase I, exclusions and stages from the options of a case."""
    phase1 = _phase1(options)
    sigma = options.get("sigma")
    return Setup(
        rules=ruleset(options.get("rules") or ["nelson_1"]),
        phase1=(phase1[0], phase1[1]) if phase1 else None,
        exclude=numbers_of(options, "exclude"),
        stages=numbers_of(options, "stages"),
        estimator=sigma if isinstance(sigma, str) else "",
        width=given(options, "width", 3.0),
    )


def _phase1(options: Mapping[str, Any]) -> tuple[int, ...]:
    """First and last point of phase I; one number alone is its last point."""
    last = options.get("phase1")
    found = (1, last) if type(last) is int else numbers_of(options, "phase1")
    if found and len(found) != 2:
        raise BadInput("option phase1 must be [first, last].")
    return found


def _drawn(sample: Sample, setup: Setup, options: Mapping[str, Any]) -> Chart:
    """The chart, with a known centre or sigma of the options in the place of an estimated one."""
    chart = draw(sample, setup)
    known = {
        name: figure(options, name)
        for name in ("center", "sigma")
        if options.get(name) is not None and not (name == "sigma" and isinstance(options[name], str))
    }
    if (known.get("sigma") or 0.0) < 0:
        raise BadInput("option sigma is not negative.")
    if not known:
        return chart
    changes: dict[str, Any] = {**known, "estimator": "given"} if "sigma" in known else dict(known)
    reasons = {name: why for name, why in chart.limits.reasons.items() if name not in (*known, "violations")}
    if changes.get("sigma", chart.limits.sigma) == 0:
        reasons["violations"] = "Sigma is 0: the limits have no width and no point is judged."
    changes["reasons"] = reasons
    return judge(sample, replace(chart.limits, **changes), chart.rules)


def describe(chart: Chart, sample: Sample, setup: Setup) -> Result:
    """A chart in the names of the vocabulary; limits are lists where they differ from point to point."""
    location, limits = chart.location, chart.limits
    result: Result = {
        "center": level(location.center),
        "ucl": level(location.ucl),
        "lcl": level(location.lcl),
        "violations": chart.violations(),
    }
    if chart.kind in _SPREAD and chart.spread is not None:
        name = _SPREAD[chart.kind]
        result |= {
            "sigma": limits.sigma,
            "estimator": limits.estimator,
            f"{name}_bar": limits.spread_mean,
            f"{name}_center": level(chart.spread.center),
            f"{name}_ucl": level(chart.spread.ucl),
            f"{name}_lcl": level(chart.spread.lcl),
            f"{name}_violations": chart.spread_violations(),
        }
    if sample.groups is not None:
        result |= {
            "sizes": plain(sample.groups.sizes),
            "sigma_estimators": every_sigma(_entering(sample.groups, chart, setup)),
        }
    if len(chart.stages) > 1:
        result["stages"] = [
            {
                "first": s.first,
                "last": s.last,
                "center": s.limits.center,
                "sigma": s.limits.sigma,
                **{k: v for k, v in s.limits.at(float(sample.sizes[s.first - 1])).items() if k in ("ucl", "lcl")},
            }
            for s in chart.stages
        ]
    return result | {"reasons": dict(chart.reasons)}


def _entering(groups: Subgroups, chart: Chart, setup: Setup) -> Subgroups:
    number = np.arange(1, len(groups.sizes) + 1)
    first, last = setup.phase1 or (1, len(number))
    return groups.only((number >= first) & (number <= last) & ~np.isin(number, chart.excluded))


def every_sigma(groups: Subgroups) -> Result:
    """Every estimate of sigma by name, None where it does not exist."""
    return {name.removesuffix(", uncorrected"): plain(function(groups)) for name, function in SUBGROUP.items()}
