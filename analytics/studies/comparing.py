"""Groups and pairs: tests of hypotheses, correlation, regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

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
    counted,
    listed,
    p_words,
    source_of,
    unit_of,
    with_unit,
)
from analytics.studies.grouping import ANOVA_STUDY, drawn_groups, figures_grid, group_sizes, samples_of
from qms.web.svg import Fit, scatter
from qms.web.words import significant
from spc import correlation, hypotheses, regression
from spc.values import BadInput, Floats

TESTS = (
    ("welch", "Two means (Welch)"),
    ("t", "Two means, equal spread (t)"),
    ("paired", "Pairs (paired t)"),
    ("one-sample t", "A mean against a value"),
    ("mann-whitney", "Two groups by rank (Mann-Whitney)"),
    ("kruskal", "Several groups by rank (Kruskal-Wallis)"),
    ("variances", "Spread of groups (Levene)"),
)
_SOURCES: Mapping[str, Any] = {
    "welch": hypotheses.t_two, "t": hypotheses.t_two, "paired": hypotheses.t_paired,
    "one-sample t": hypotheses.t_one, "mann-whitney": hypotheses.mann_whitney, "kruskal": hypotheses.kruskal,
    "variances": hypotheses.variances,
}  # fmt: skip
_TEST_FORMULAS: Mapping[str, str] = {
    "welch": "t = (x̄ − ȳ) / √(s²x/n + s²y/m), degrees of freedom by Welch",
    "t": "t = (x̄ − ȳ) / (s √(1/n + 1/m)), s pooled",
    "paired": "t = mean difference / (s of differences / √n)",
    "one-sample t": "t = (x̄ − μ) / (s / √n)",
    "mann-whitney": "U from the rank sum of the first group, ties averaged",
    "kruskal": "H from the rank sums of all groups, ties corrected",
    "variances": "F of the distances from the group medians (Brown and Forsythe)",
}


def _pair(inputs: Inputs) -> tuple[str, list[float], str, list[float]]:
    """Two columns as they are (pairs keep their rows), or two groups of one column."""
    columns, by = inputs.columns.get("values", ()), inputs.one("group")
    if by is None and len(columns) == 2:
        (a, b) = columns
        return a.name, a.measured().tolist(), b.name, b.measured().tolist()
    samples = samples_of(inputs)
    if len(samples) != 2:
        raise BadInput(f"This test compares two groups, there are {len(samples)}: choose two columns or groups.")
    (one, x), (other, y) = samples.items()
    return one, x.tolist(), other, y.tolist()


def _test_case(inputs: Inputs) -> Mapping[str, Any]:
    method = str(inputs.options.get("method") or "welch")
    options: dict[str, Any] = {"method": method, "confidence": inputs.options.get("confidence") or 0.95}
    data: dict[str, Any]
    if method in ("kruskal", "variances"):
        data = {"groups": {k: v.tolist() for k, v in samples_of(inputs).items()}}
    elif method == "one-sample t":
        options["mean"] = inputs.options.get("mean")
        if options["mean"] is None:
            raise BadInput("Give the value that the mean is tested against.")
        data = {"x": inputs.measured("values").tolist()}
    else:
        _, x, _, y = _pair(inputs)
        data = {"x": x, "y": y}
    return {"kind": "hypothesis", "input": data, "options": options}


def _test_told(inputs: Inputs, result: Result) -> Told:
    method, unit = str(inputs.options.get("method") or "welch"), unit_of(inputs.one("values"))
    samples = samples_of(inputs)
    p = result["p"]
    what = "spread" if method == "variances" else "difference"
    if p is None:
        headline = f"No verdict: {result.get('reason') or 'the test cannot be computed.'}"
    elif p < 0.05:
        headline = f"A {what if what == 'difference' else 'difference in spread'} is shown, {p_words(p)}."
    else:
        headline = f"No {what if what == 'difference' else 'difference in spread'} is shown, {p_words(p)}."
    ends = result.get("ci") or (None, None)
    rows = (
        ("Statistic", result["statistic"], None, None),
        ("Degrees of freedom", result["df"], None, None),
        ("p", p, None, None),
        ("Estimate", result["estimate"], ends[0], ends[1]),
    )
    return Told(
        headline=headline,
        lines=(str(result["method"]).capitalize() + f", n {', '.join(map(str, result['n']))}.",),
        grids=(Grid("Test", ("Figure", with_unit("Value", unit), "from", "to"), rows), figures_grid(samples, unit)),
        checks=(Check("open", str(result["assumes"])), group_sizes(samples)),
        formulas=(_TEST_FORMULAS[method],),
        reference=source_of(_SOURCES[method]),
        drawing=drawn_groups(samples, unit=unit, sentence=headline),
    )


TEST_STUDY = Study(
    key="test",
    label="Test of a hypothesis",
    question="Is a difference more than chance?",
    also=("anova", "power"),
    roles=(ANOVA_STUDY.roles[0], replace(ANOVA_STUDY.roles[1], eager=False)),
    options=(
        Option(name="method", label="Test", kind="choice", default="welch", choices=TESTS),
        Option(name="mean", label="Value to test against", hint="For one mean."),
        Option(name="confidence", label="Confidence", default=0.95),
    ),
    case=_test_case,
    tell=_test_told,
)


# ---- pairs
def _xy(inputs: Inputs) -> tuple[Floats, Floats]:
    return inputs.measured("x"), inputs.measured("y")


def _correlation_case(inputs: Inputs) -> Mapping[str, Any]:
    x, y = _xy(inputs)
    options: dict[str, Any] = {"methods": ["pearson", "spearman"]}
    if len(x) <= 5000:
        options["methods"].append("kendall-b")
    if inputs.options.get("lags"):
        options["lags"] = int(inputs.options["lags"])
    return {"kind": "correlation", "input": {"x": x, "y": y}, "options": options}


def _correlation_told(inputs: Inputs, result: Result) -> Told:
    x, y = correlation.pairs(*_xy(inputs))
    straight, ranked = result["pearson"], result["spearman"]
    r, p = straight["r"], straight["p"]
    heads = (inputs.column("x").head, inputs.column("y").head)
    if r is None:
        headline = "No correlation can be computed. " + next(iter(result["reasons"].values()), "")
    elif p is not None and p < 0.05:
        headline = f"They go together: r {significant(r)}, {p_words(p)}. That alone shows no cause."
    else:
        headline = f"No straight relation is shown: r {significant(r)}, {p_words(p)}."
    rows = [("Pearson r", r, p, straight["n"]), ("Spearman ρ", ranked["rho"], ranked["p"], ranked["n"])]
    if kendall := result.get("kendall_b"):
        rows.append(("Kendall τ-b", kendall["tau"], kendall["p"], kendall["n"]))
    lines = []
    if (lag := result.get("lag")) and lag["best_lag"] is not None:
        lines.append(f"Strongest {lag['best_lag']} steps later: r {significant(lag['best'])}, {p_words(lag['p'])}"
                     " after correction for autocorrelation and for the lags tried.")  # fmt: skip
    rho = ranked["rho"]
    near = r is None or rho is None or abs(abs(r) - abs(rho)) < 0.2
    checks = (
        Check("met" if near else "broken", "The relation is straight (r and ρ agree)"),
        Check("met" if len(x) >= 20 else "broken", "At least 20 pairs", f"n {len(x):,}"),
    )
    return Told(
        headline=headline,
        lines=tuple(lines),
        grids=(Grid("Coefficients", ("Coefficient", "Value", "p", "Pairs"), tuple(rows)),),
        checks=checks,
        formulas=("r = Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² Σ(y − ȳ)²); ρ the same of ranks",),
        reference=source_of(correlation.pearson, correlation.spearman, correlation.kendall),
        drawing=scatter(x, y, heads=heads, sentence=headline),
    )


CORRELATION_STUDY = Study(
    key="correlation",
    label="Correlation",
    question="Do two measures go together?",
    also=("regression",),
    roles=(Role(name="x", label="First measure"), Role(name="y", label="Second measure")),
    options=(Option(name="lags", label="Also try lags up to", hint="Steps the second may come later; empty: none."),),
    case=_correlation_case,
    tell=_correlation_told,
)


def _regression_case(inputs: Inputs) -> Mapping[str, Any]:
    columns = {column.name: column.measured() for column in inputs.columns.get("x", ())}
    if not columns:
        raise BadInput("Choose at least one column that explains.")
    options = {"confidence": inputs.options.get("confidence") or 0.95}
    return {"kind": "regression", "input": {"y": inputs.measured("y"), "columns": columns}, "options": options}


def _regression_told(inputs: Inputs, result: Result) -> Told:
    terms, share, p = list(result["terms"].values()), result["r_squared"], result["p"]
    shown = p is not None and p < 0.05
    headline = "A relation is shown" if shown else "No relation is shown"
    headline += "." if share is None else f": {100 * share:.1f} % of the spread is explained, {p_words(p)}."
    rows = tuple(
        (t["name"], t["estimate"], t["error"], t["t"], t["p"], *(t["ci"] or (None, None)), t["vif"]) for t in terms
    )
    far = max((t["vif"] or 0.0 for t in terms), default=0.0)
    watson = result["durbin_watson"]
    checks = [
        check_p(result["normality_p"], "Normal residuals (Anderson-Darling)"),
        Check(
            "open" if watson is None else "met" if 1.5 <= watson <= 2.5 else "broken",
            "Neighbouring residuals are independent (Durbin-Watson)",
            "" if watson is None else significant(watson),
        ),
        Check("met" if far < 5 else "broken", "Columns do not repeat each other (VIF below 5)", significant(far)),
    ]
    odd = list(result["unusual"])
    lines = (f"{counted(len(odd), 'row')} steer the fit or lie far off: {listed(odd)}.",) if odd else ()
    return Told(
        headline=headline,
        lines=(*lines, *result["warnings"]),
        grids=(Grid("Terms", ("Term", "Estimate", "Std error", "t", "p", "from", "to", "VIF"), rows),),
        checks=tuple(checks),
        formulas=("y = b0 + Σ b x by least squares; R² = 1 − residual / total sum of squares",),
        reference=source_of(regression.regression),
        drawing=_fitted(inputs, terms, odd, headline),
    )


def _fitted(inputs: Inputs, terms: list[Any], odd: list[int], sentence: str) -> str:
    """The line through the pairs, or for several columns what was measured against what was fitted."""
    y = inputs.measured("y")
    columns = [column.measured() for column in inputs.columns["x"]]
    whole = ~np.isnan(np.column_stack([y, *columns])).any(axis=1)
    marked = frozenset(np.flatnonzero(np.isin(np.flatnonzero(whole) + 1, odd)).tolist())
    b = [term["estimate"] for term in terms]
    if len(columns) == 1:
        heads = (inputs.column("x").head, inputs.column("y").head)
        fit = Fit(slope=b[1], constant=b[0], unusual=marked)
        return scatter(columns[0][whole], y[whole], heads=heads, sentence=sentence, fit=fit)
    values = b[0] + sum(slope * column[whole] for slope, column in zip(b[1:], columns, strict=True))
    heads = ("Fitted", inputs.column("y").head)
    fit = Fit(slope=1.0, constant=0.0, unusual=marked)
    return scatter(np.asarray(values), y[whole], heads=heads, sentence=sentence, fit=fit)


REGRESSION_STUDY = Study(
    key="regression",
    label="Regression",
    question="What explains a measure?",
    also=("correlation",),
    roles=(Role(name="y", label="Measure to explain"), Role(name="x", label="Explained by", many=True, eager=True)),
    options=(Option(name="confidence", label="Confidence", default=0.95),),
    case=_regression_case,
    tell=_regression_told,
)
