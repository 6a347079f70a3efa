"""Process capability: normal theory, fitted distributions and transformations, never quoted without stability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.studies.anatomy import (
    Check,
    Grid,
    Inputs,
    Option,
    Result,
    Role,
    Study,
    Told,
    check_p,
    listed,
    source_of,
    unit_of,
    with_unit,
)
from analytics.studies.charts import rows_of
from qms.web.svg import histogram
from qms.web.words import places, significant
from spc import capability as indices
from spc import cases, shapes, transformed
from spc.capability import anderson_darling
from spc.display import histogram as binned
from spc.values import BadInput, Floats, present

METHODS = (
    ("normal", "Normal distribution"),
    ("best", "Best fitting distribution"),
    ("weibull", "Weibull"),
    ("gamma", "Gamma"),
    ("lognormal", "Lognormal"),
    ("box-cox", "Box-Cox transformation"),
    ("johnson", "Johnson transformation"),
)
_INDICES = (
    ("cp", "Cp", "cp_ci"), ("cpk", "Cpk", "cpk_ci"), ("cpl", "Cpl", ""), ("cpu", "Cpu", ""), ("cpm", "Cpm", "cpm_ci"),
    ("pp", "Pp", "pp_ci"), ("ppk", "Ppk", "ppk_ci"), ("ppl", "Ppl", ""), ("ppu", "Ppu", ""),
    ("ppk_z_method", "Ppk, Z method", ""), ("normal_theory_ppk", "Ppk if it were normal", ""),
)  # fmt: skip
_PPM = (
    ("expected_ppm_below", "Expected below LSL"), ("expected_ppm_above", "Expected above USL"),
    ("observed_ppm_below", "Observed below LSL"), ("observed_ppm_above", "Observed above USL"),
)  # fmt: skip
_FORMULAS: Mapping[str, tuple[str, ...]] = {
    "normal": (
        "Cp = (USL − LSL) / 6 σ within; Cpk = min(USL − x̄, x̄ − LSL) / 3 σ within",
        "Pp and Ppk alike with the overall standard deviation",
    ),
    "box-cox": ("x^λ with the λ of the highest likelihood; indices of the transformed values and limits",),
    "johnson": ("γ + δ f((x − ξ)/λ) of the family that makes the values most normal; indices as for normal values",),
}
_SHAPED = ("Ppk = min((USL − p50)/(p99.865 − p50), (p50 − LSL)/(p50 − p0.135)) of the fitted distribution",)


def _case(inputs: Inputs) -> Mapping[str, Any]:
    given, rows = inputs.options, rows_of(inputs)
    method = str(given.get("method") or "normal")
    options: dict[str, Any] = {k: given[k] for k in ("lsl", "usl", "target", "confidence") if given.get(k) is not None}
    if options.get("lsl") is None and options.get("usl") is None:
        raise BadInput("Capability needs a specification limit: give LSL, USL or both.")
    if method in ("box-cox", "johnson"):
        options["method"] = method
    elif method != "normal":
        options["distribution"] = method
    if rows.ndim == 2 and method == "normal":
        return {"kind": "capability", "input": {"subgroups": rows}, "options": options}
    x = rows.ravel() if rows.ndim == 2 else rows
    return {"kind": "capability", "input": {"x": x.tolist()}, "options": options}


def unstable(rows: Floats) -> list[int]:
    """The points beyond their limits on the chart that belongs to these readings."""
    chart, data = ("xbar-r", {"subgroups": rows}) if rows.ndim == 2 else ("i-mr", {"x": rows})
    found = cases.run({"kind": "chart", "input": data, "options": {"chart": chart, "rules": ["nelson_1"]}})
    return sorted({point for points in found["violations"].values() for point in points})


def _told(inputs: Inputs, result: Result) -> Told:
    rows, method = rows_of(inputs), str(inputs.options.get("method") or "normal")
    unit, kept = unit_of(inputs.one("values")), present(rows.ravel())
    out = unstable(rows)
    checks = (
        Check("broken" if out else "met", "The process is in control", f"{len(out):,} points beyond" if out else ""),
        *_fitting(kept, method, result),
        Check("met" if len(kept) >= 100 else "broken", "At least 100 values for a sure index", f"n {len(kept):,}"),
    )
    reasons = tuple(dict.fromkeys(str(text) for text in (result.get("reasons") or {}).values()))
    told = Told(
        headline=_headline(result, out, method),
        lines=(_interval(result), *reasons) if _interval(result) else reasons,
        grids=(_indices(result), _figures(result, unit), _parts(result)),
        checks=checks,
        formulas=_FORMULAS.get(method, _SHAPED),
        reference=_reference(method),
    )
    return Told(**{**vars(told), "drawing": _drawing(inputs, kept, told.headline)})


def _reference(method: str) -> str:
    of: Mapping[str, Any] = {
        "normal": indices.capability,
        "box-cox": transformed.transformed,
        "johnson": transformed.transformed,
    }
    return source_of(of.get(method, shapes.capability_of))


def _fitting(kept: Floats, method: str, result: Result) -> tuple[Check, ...]:
    if method in ("normal", "box-cox", "johnson"):
        p = result.get("normality_p") if method != "normal" else anderson_darling(kept)[1]
        words = "Values are normal (Anderson-Darling)" if method == "normal" else "Transformed values are normal"
        return (check_p(p, words),)
    name = str(result.get("distribution", method)).capitalize()
    distance = result.get("anderson_darling")
    side = "" if distance is None else f"A² {distance:.3f}"
    good = distance is not None and distance < 2.5  # 5 % point of the test with known parameters: generous
    return (Check("met" if good else "broken", f"{name} fits the values", side),)


def _headline(result: Result, out: list[int], method: str) -> str:
    if out:
        return f"No index is quoted: the process is not in control (points {listed(out, 5)} beyond the limits)."
    key = "cpk" if method == "normal" and result.get("cpk") is not None else "ppk"
    value = result.get(key)
    if value is None:
        return "No index can be computed. " + next(iter((result.get("reasons") or {}).values()), "")
    word = "capable" if value >= 1.33 else "barely capable" if value >= 1 else "not capable"
    return f"The process is {word}: {key.capitalize()} {significant(value)}."


def _interval(result: Result) -> str:
    ends, share = result.get("cpk_ci") or result.get("ppk_ci"), result.get("confidence") or 0.95
    name = "Cpk" if result.get("cpk_ci") else "Ppk"
    if not ends or None in ends:
        return ""
    return f"{share:.0%} interval of {name}: {significant(ends[0])} to {significant(ends[1])}.".replace("%", " %")


def _indices(result: Result) -> Grid:
    rows = []
    for key, name, ends in _INDICES:
        if (value := result.get(key)) is not None:
            low, high = result.get(ends) or (None, None)
            rows.append((name, value, low, high))
    return Grid("Indices", ("Index", "Value", "from", "to"), tuple(rows))


def _figures(result: Result, unit: str) -> Grid:
    names = (
        ("n", "Values"), ("mean", "Mean"), ("sigma_within", "Sigma within"), ("sigma_overall", "Sigma overall"),
        ("p00135", "0.135 % quantile"), ("p50", "Median"), ("p99865", "99.865 % quantile"), ("lambda", "λ"),
    )  # fmt: skip
    rows = tuple((name, result[key]) for key, name in names if result.get(key) is not None)
    return Grid("Figures", ("Figure", with_unit("Value", unit)), rows)


def _parts(result: Result) -> Grid:
    rows = tuple((name, result[key]) for key, name in _PPM if result.get(key) is not None)
    return Grid("Outside the specification", ("Share", "Value, ppm"), rows)


def _drawing(inputs: Inputs, kept: Floats, headline: str) -> str:
    bins = binned(kept, bins=min(40, max(5, len(binned(kept).counts))))
    bars = [
        (float(low), float(high), int(count))
        for low, high, count in zip(bins.edges[:-1], bins.edges[1:], bins.counts, strict=True)
    ]
    given = inputs.options
    spec = {name: given.get(key) for name, key in (("LSL", "lsl"), ("T", "target"), ("USL", "usl"))}
    sigma, mean = float(kept.std(ddof=1)) if len(kept) > 1 else 0.0, float(kept.mean())
    curve = (mean, sigma) if str(given.get("method") or "normal") == "normal" and sigma > 0 else None
    column = inputs.column("values")
    digits = places(sigma or None, digits=2)
    drawn = histogram(
        bars, spec=spec, normal=curve, unit=column.unit, decimals=digits, name=f"{column.name}. {headline}",
        size=(640, 290),
    )  # fmt: skip
    return drawn.replace('class="ch"', 'class="ch ch-wide"', 1)


CAPABILITY_STUDY = Study(
    key="capability",
    label="Process capability",
    question="Does the process meet the specification?",
    also=("readings", "trend"),
    roles=(Role(name="values", label="Readings", many=True, hint="Several columns are the readings of a subgroup."),),
    options=(
        Option(name="lsl", label="Lower specification limit"),
        Option(name="usl", label="Upper specification limit"),
        Option(name="target", label="Target"),
        Option(name="method", label="Distribution", kind="choice", default="normal", choices=METHODS),
        Option(name="size", label="Subgroup size", default=1, hint="For one column: every so many rows."),
        Option(name="confidence", label="Confidence", default=0.95),
    ),
    case=_case,
    tell=_told,
)
