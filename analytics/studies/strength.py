"""Power and sample size: what a test would show, before anything is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analytics.studies.anatomy import Check, Grid, Inputs, Option, Result, Study, Told, source_of
from qms.web.svg import curve
from spc import cases, power
from spc.values import BadInput

TESTS = (
    ("two-means", "Two means"),
    ("mean", "A mean against a value, or pairs"),
    ("proportions", "Two proportions"),
    ("anova", "Several groups: ANOVA"),
    ("variances", "Two standard deviations"),
)
_NEEDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "two-means": (("difference", "the difference to be shown"), ("sigma", "the standard deviation")),
    "mean": (("difference", "the difference to be shown"), ("sigma", "the standard deviation")),
    "proportions": (("first", "the first proportion"), ("second", "the second proportion")),
    "anova": (("groups", "the number of groups"), ("effect", "the effect f")),
    "variances": (("ratio", "the ratio of the standard deviations"),),
}
_FORMULAS: Mapping[str, str] = {
    "two-means": "power = P(|t'| > t(1 − α/2)), t' noncentral with difference / σ · √(n / 2)",
    "mean": "power = P(|t'| > t(1 − α/2)), t' noncentral with difference / σ · √n",
    "proportions": "h = 2 asin √p1 − 2 asin √p2; power = Φ(|h| √(n / 2) − z(1 − α/2))",
    "anova": "power = P(F' > F(1 − α)), F' noncentral with groups · n · f²",
    "variances": "power = P(F > F(1 − α/2) / ratio²) + P(F < F(α/2) / ratio²)",
}
_SOURCES: Mapping[str, Callable[..., Any]] = {
    "two-means": power.power_mean, "mean": power.power_mean, "proportions": power.power_proportions,
    "anova": power.power_anova, "variances": power.power_variances,
}  # fmt: skip


def _asked(inputs: Inputs) -> dict[str, Any]:
    """What the chosen test needs, in the names of the vocabulary. Raises BadInput for what is missing."""
    given, test = inputs.options, str(inputs.options.get("test") or "two-means")
    found: dict[str, Any] = {"alpha": given.get("alpha") or 0.05}
    for name, words in _NEEDS[test]:
        if given.get(name) is None:
            raise BadInput(f"Give {words}.")
        found[name] = given[name] / 100 if test == "proportions" else given[name]
    if test in ("two-means", "mean"):
        found |= {"method": "mean", "samples": 2 if test == "two-means" else 1}
        if found["difference"] == 0:
            raise BadInput("A difference of 0 cannot be shown: give the smallest difference that matters.")
        return found | {"difference": abs(found["difference"])}
    return found | {"method": test}


def _case(inputs: Inputs) -> Mapping[str, Any]:
    given, asked = inputs.options, _asked(inputs)
    wanted = {"n": given["n"]} if given.get("n") is not None else {"power": given.get("power") or 0.8}
    return {"kind": "power", "input": {}, "options": {**asked, **wanted}}


def _told(inputs: Inputs, result: Result) -> Told:
    test, n, strength = str(inputs.options.get("test") or "two-means"), result["n"], result["power"]
    each = "values" if test == "mean" else "items in each sample" if test == "proportions" else "values in each group"
    asked = inputs.options.get("n") is not None
    headline = (
        f"With {n:,} {each} the test shows it {100 * strength:.1f} times of 100."
        if asked
        else f"It takes {n:,} {each} to show it {100 * strength:.1f} times of 100."
    )
    sizes = sorted({*(max(2, round(2 * n * i / 40)) for i in range(1, 41)), n})
    powers = [_power(inputs, size) for size in sizes]
    steps = (max(2, n // 4), max(2, n // 2), n, 2 * n, 4 * n)
    rows = tuple((size, _power(inputs, size)) for size in dict.fromkeys(steps))
    drawing = curve(
        sizes, powers, marks=[(float(n), strength, f"n {n:,} → {strength:.3f}")], sentence=f"Power. {headline}",
        heads=("Values in each sample", "Power"),
    )  # fmt: skip
    return Told(
        headline=headline,
        lines=(
            f"One time in {1 / (inputs.options.get('alpha') or 0.05):.0f} it shows a difference that is not there.",
        ),
        grids=(Grid("Power by sample size", ("n", "Power"), rows),),
        checks=(
            Check("open", "The standard deviation, or the proportions, are as given"),
            Check("met" if strength >= 0.8 else "broken", "Power of at least 0.8", f"{strength:.3f}"),
        ),
        formulas=(_FORMULAS[test],),
        reference=source_of(_SOURCES[test]),
        drawing=drawing,
    )


def _power(inputs: Inputs, n: int) -> float:
    return float(cases.run({"kind": "power", "input": {}, "options": {**_asked(inputs), "n": n}})["power"])


POWER_STUDY = Study(
    key="power",
    label="Power and sample size",
    question="How many values does it take?",
    also=("test",),
    roles=(),
    options=(
        Option(name="test", label="Test", kind="choice", default="two-means", choices=TESTS),
        Option(name="difference", label="Smallest difference that matters", default=1.0, hint="Of means."),
        Option(
            name="sigma", label="Standard deviation", default=1.0, hint="Of the values; for pairs of their differences."
        ),
        Option(name="first", label="First proportion, %", hint="For two proportions."),
        Option(name="second", label="Second proportion, %", hint="For two proportions."),
        Option(name="groups", label="Groups", default=3, hint="For ANOVA."),
        Option(name="effect", label="Effect f", default=0.25, hint="For ANOVA: σ of group means / σ within."),
        Option(name="ratio", label="Ratio of standard deviations", default=1.5, hint="For two standard deviations."),
        Option(name="power", label="Power wanted", default=0.8),
        Option(name="n", label="Or: values in each sample", hint="Empty: the size that reaches the power."),
        Option(name="alpha", label="Risk of a false alarm α", default=0.05),
    ),
    case=_case,
    tell=_told,
)
