"""Groups beside each other: their figures, their drawing, analysis of variance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts load at first use: most processes never ask for them

from analytics.studies.anatomy import (
    Check,
    Grid,
    Inputs,
    Result,
    Role,
    Study,
    Told,
    check_p,
    grouped,
    p_words,
    source_of,
    unit_of,
    with_unit,
)
from qms.web.svg import Group, groups
from qms.web.words import number, places, significant
from spc import anova
from spc.figures import boxes
from spc.values import BadInput, Floats, present

MOST_GROUPS = 40


def samples_of(inputs: Inputs) -> dict[str, Floats]:
    """The groups: one column by the words of another, or a column each."""
    columns, by = inputs.columns.get("values", ()), inputs.one("group")
    if not columns:
        raise BadInput("Choose at least one column of values.")
    if by is not None:
        found = grouped(columns[0], by)
    else:
        found = {column.name: present(column.measured()) for column in columns}
    if len(found) > MOST_GROUPS:
        raise BadInput(f"There are {len(found)} groups; at most {MOST_GROUPS} are compared. Choose another column.")
    return found


def drawn_groups(
    samples: Mapping[str, Floats], *, unit: str, sentence: str, flagged: frozenset[str] = frozenset()
) -> str:
    """Points, boxes and means with their 95 % intervals."""
    found = boxes({name: values for name, values in samples.items() if len(values)})
    rows = []
    for name, box in found.items():
        values = samples[name]
        interval = None
        if len(values) > 1 and np.ptp(values) > 0:
            reach = float(scipy.stats.t.ppf(0.975, len(values) - 1)) * float(values.std(ddof=1)) / len(values) ** 0.5
            interval = (box.mean - reach, box.mean + reach)
        ends = (box.low, box.q1, box.median, box.q3, box.high)
        rows.append(Group(name=name, values=values.tolist(), box=ends, mean=box.mean, interval=interval,
                          flagged=name in flagged))  # fmt: skip
    every = np.concatenate([samples[name] for name in found]) if found else np.zeros(1)
    return groups(rows, unit=unit, sentence=sentence, grand=float(every.mean()))


def figures_grid(samples: Mapping[str, Floats], unit: str, *, odd: str = "") -> Grid:
    """n, mean with its 95 % interval, standard deviation and median of each group, and its mean against the rest."""
    rows = []
    total, size = sum(float(values.sum()) for values in samples.values()), sum(map(len, samples.values()))
    for name, values in samples.items():
        n = len(values)
        mean, sd = float(values.mean()) if n else None, float(values.std(ddof=1)) if n > 1 else None
        reach = None if mean is None or sd is None else float(scipy.stats.t.ppf(0.975, n - 1)) * sd / n**0.5
        low, high = (None, None) if mean is None or reach is None else (mean - reach, mean + reach)
        apart = None if mean is None or n == size else mean - (total - float(values.sum())) / (size - n)
        rows.append((name, n, mean, low, high, sd, float(np.median(values)) if n else None, apart))
    head = ("Group", "n", with_unit("Mean", unit), "95 % from", "to", with_unit("Std dev", unit),
            with_unit("Median", unit), with_unit("Against rest", unit))  # fmt: skip
    return Grid("Groups", head, tuple(rows), tuple(i for i, row in enumerate(rows) if row[0] == odd))


# ---- analysis of variance
def _anova_case(inputs: Inputs) -> Mapping[str, Any]:
    samples = samples_of(inputs)
    return {"kind": "anova", "input": {"groups": dict(samples)}, "options": {}}


def _anova_told(inputs: Inputs, result: Result) -> Told:
    samples, unit = samples_of(inputs), unit_of(inputs.one("values"))
    lines = list(result["table"].values())
    first, p = lines[0], lines[0]["p"]
    odd = _odd(samples) if p is not None and p < 0.05 else None
    if p is None:
        headline = "The groups cannot be compared. " + next(iter(result["reasons"].values()), "")
    elif p < 0.05:
        headline = f"{odd.name} is {odd.words(unit)} the others." if odd else "The groups differ."
    else:
        headline = "No difference between the groups is shown."
    freedom = f"F({first['df']}, {lines[-2]['df']})"
    share = result.get("r_squared")
    told = () if p is None else (
        f"{freedom} {significant(first['f'])}, {p_words(p)}.",
        f"The groups explain {100 * (share or 0):.1f} % of the spread.",
        *((odd.told(unit, among=len(samples)),) if odd else ()),
    )  # fmt: skip
    rows = tuple((one["name"], one["df"], one["ss"], one["ms"], one["f"], one["p"]) for one in lines)
    return Told(
        headline=headline,
        lines=(*told, *result.get("warnings", ())),
        grids=(
            figures_grid(samples, unit, odd=odd.name if odd else ""),
            Grid("Analysis of variance", ("Source", "df", "Sum of squares", "Mean square", "F", "p"), rows),
        ),
        checks=(
            check_p(result.get("equal_variance_p"), "Equal spread (Levene)"),
            check_p(result.get("normality_p"), "Normal residuals (Anderson-Darling)"),
            group_sizes(samples),
        ),
        formulas=("F = mean square between groups / mean square within groups",),
        reference=source_of(anova.one_way),
        drawing=drawn_groups(samples, unit=unit, sentence=headline, flagged=frozenset({odd.name} if odd else ())),
    )


@dataclass(frozen=True)
class Odd:
    """The group that lies farthest from the rest: how far, with the 95 % interval of the distance and its p."""

    name: str
    by: float
    low: float
    high: float
    p: float

    def words(self, unit: str) -> str:
        """How far from the others."""
        return f"{significant(abs(self.by), 3)}{' ' if unit else ''}{unit} {'lower' if self.by < 0 else 'higher'} than"

    def told(self, unit: str, *, among: int) -> str:
        """The distance with its uncertainty; p holds for a group that was looked for among all of them."""
        digits = max(0, places(max(abs(self.low), abs(self.high)), digits=3))  # both ends with as many decimals
        ends = f"{number(self.low, digits)} to {number(self.high, digits)}{' ' if unit else ''}{unit}"
        found = p_words(min(1.0, self.p * among))
        return f"{self.name} against all others: 95 % interval {ends}, {found} for {among} groups looked at."


def _odd(samples: Mapping[str, Floats]) -> Odd | None:
    """The group whose mean lies farthest from the rest, in standard errors of the difference (Welch)."""
    found: list[tuple[float, Odd]] = []
    for name, values in samples.items():
        rest = np.concatenate([v for other, v in samples.items() if other != name])
        if len(values) < 2 or len(rest) < 2 or not np.ptp(values) + np.ptp(rest):
            continue
        test = scipy.stats.ttest_ind(values, rest, equal_var=False)
        interval = test.confidence_interval(0.95)
        by = float(values.mean() - rest.mean())
        found.append(
            (abs(float(test.statistic)), Odd(name, by, float(interval.low), float(interval.high), float(test.pvalue)))
        )
    return max(found, key=lambda one: one[0])[1] if found else None


def group_sizes(samples: Mapping[str, Floats]) -> Check:
    """Whether the smallest group carries a comparison."""
    name, values = min(samples.items(), key=lambda item: len(item[1]))
    words = "Every group has at least five values"
    return Check("met" if len(values) >= 5 else "broken", words, f"{name}: n {len(values)}")


ANOVA_STUDY = Study(
    key="anova",
    label="Compare groups: ANOVA",
    question="Do groups differ?",
    also=("multi-vari", "test", "regression"),
    roles=(
        Role(name="values", label="Values", many=True, hint="One column with a group beside it, or a column each."),
        Role(name="group", label="Group by", kind="any", needed=False, eager=True),
    ),
    case=_anova_case,
    tell=_anova_told,
)
