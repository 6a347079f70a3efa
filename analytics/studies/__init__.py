"""The studies of the workbench by key, and one way to run any of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analytics.studies.anatomy import Check, Grid, Inputs, Option, Role, Study, Told
from analytics.studies.capable import CAPABILITY_STUDY
from analytics.studies.charts import READINGS_STUDY, propose_readings
from analytics.studies.comparing import CORRELATION_STUDY, REGRESSION_STUDY, TEST_STUDY
from analytics.studies.counting import SAMPLING_STUDY, TREND_STUDY
from analytics.studies.counts import COUNTS_STUDY, MEMORY_STUDY, propose_counts
from analytics.studies.gauges import BIAS_STUDY, LINEARITY_STUDY, NESTED_STUDY, STABILITY_STUDY
from analytics.studies.grouping import ANOVA_STUDY
from analytics.studies.measuring import AGREEMENT_STUDY, GAUGE_STUDY
from analytics.studies.multivariate import MEWMA_STUDY, T2_STUDY
from analytics.studies.nesting import MULTI_VARI_STUDY
from analytics.studies.ranking import PARETO_STUDY
from analytics.studies.shortrun import SHORT_RUN_STUDY
from analytics.studies.strength import POWER_STUDY
from analytics.tables import Table
from qms.web.words import significant
from spc import cases
from spc.cases.plain import plain as as_plain
from spc.guide import Advice
from spc.values import BadInput

__all__ = ["STUDIES", "Answer", "Check", "Grid", "Option", "Role", "Study", "Told", "default_roles", "propose", "run"]
STUDIES: Mapping[str, Study] = {
    study.key: study
    for study in (
        READINGS_STUDY,
        COUNTS_STUDY,
        MEMORY_STUDY,
        SHORT_RUN_STUDY,
        T2_STUDY,
        MEWMA_STUDY,
        CAPABILITY_STUDY,
        GAUGE_STUDY,
        NESTED_STUDY,
        BIAS_STUDY,
        LINEARITY_STUDY,
        STABILITY_STUDY,
        AGREEMENT_STUDY,
        PARETO_STUDY,
        TREND_STUDY,
        CORRELATION_STUDY,
        TEST_STUDY,
        ANOVA_STUDY,
        MULTI_VARI_STUDY,
        REGRESSION_STUDY,
        POWER_STUDY,
        SAMPLING_STUDY,
    )
}
_PROPOSE = {"readings": propose_readings, "counts": propose_counts}


@dataclass(frozen=True)
class Answer:
    """What was asked and what came out: roles and options as they were settled, figures, and the answer in words."""

    study: Study
    roles: Mapping[str, Sequence[str]]
    options: Mapping[str, Any]
    figures: Mapping[str, Any]
    told: Told

    def as_json(self) -> dict[str, Any]:
        """The whole answer as plain JSON, without the drawing."""
        return {**self.told_json(), "figures": self.figures}

    def told_json(self) -> dict[str, Any]:
        """The answer in words, without figures and drawing; tuples and numbers of numpy as a database gives them."""
        told = {name: value for name, value in asdict(self.told).items() if name != "drawing"}
        plain = as_plain({"study": self.study.key, "label": self.study.label, **told})
        found: dict[str, Any] = json.loads(json.dumps(plain, allow_nan=False))
        return found


def study_of(key: str) -> Study:
    """The study of this key. Raises BadInput with the names there are."""
    found = STUDIES.get(key)
    if found is None:
        raise BadInput(f"There is no study “{key}”. There are: {', '.join(STUDIES)}.")
    return found


def inputs_of(table: Table, study: Study, roles: Mapping[str, Any], options: Mapping[str, Any]) -> Inputs:
    """The columns by role and the settings with their defaults. Raises BadInput for what is unknown or missing."""
    known = {role.name: role for role in study.roles}
    if strange := next((name for name in roles if name not in known), ""):
        raise BadInput(f"“{study.label}” has no column called “{strange}”. It has: {', '.join(known) or 'none'}.")
    if strange := next((name for name in options if name not in {o.name for o in study.options}), ""):
        names = ", ".join(option.name for option in study.options) or "none"
        raise BadInput(f"“{study.label}” has no option “{strange}”. It has: {names}.")
    columns: dict[str, Any] = {}
    for role_name, role in known.items():
        given = roles.get(role_name) or ()
        chosen: list[str] = [given] if isinstance(given, str) else [str(one) for one in given]
        if len(chosen) > 1 and not role.many:
            raise BadInput(f"{role.label} is one column, {len(chosen)} are given.")
        if role.needed and not chosen:
            raise BadInput(f"Choose a column for: {role.label}.")
        columns[role_name] = tuple(table.column(one) for one in chosen)
    return Inputs(columns, {option.name: _setting(option, options.get(option.name)) for option in study.options})


def _setting(option: Option, value: Any) -> Any:
    if value is None or value == "":
        return option.default
    if option.kind == "choice":
        if str(value) not in dict(option.choices):
            raise BadInput(f"{option.label}: “{value}” is not one of {', '.join(dict(option.choices))}.")
        return str(value)
    if option.kind == "set":
        return _chosen(option, value)
    if option.kind == "points":
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= 1e75:
        raise BadInput(f"{option.label}: “{value}” is not a number.")
    return value


def _chosen(option: Option, value: Any) -> list[str]:
    found = [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else []
    known = dict(option.choices)
    if not found or not all(isinstance(one, str) and one in known for one in found):
        raise BadInput(f"{option.label}: “{value}” is no list of {', '.join(known)}.")
    return list(dict.fromkeys(found))


def roles_told(study: str, roles: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """The columns that were chosen, by what they are to the study."""
    known = {role.name: role.label for role in STUDIES[study].roles} if study in STUDIES else {}
    return [(known.get(name, name.capitalize()), ", ".join(chosen)) for name, chosen in roles.items() if chosen]


def settings_told(study: str, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The settings that were chosen, as the form calls them."""
    known = {option.name: option for option in STUDIES[study].options} if study in STUDIES else {}
    return [
        (known[name].label if name in known else name.capitalize(), _set_to(known.get(name), value))
        for name, value in options.items()
        if value not in (None, "", [])
    ]


def _set_to(option: Option | None, value: Any) -> str:
    words = dict(option.choices) if option else {}
    if isinstance(value, (list, tuple)):
        return ", ".join(words.get(str(one), str(one)) for one in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return significant(value, 6)
    return words.get(str(value), str(value))


def default_roles(table: Table, study: Study) -> dict[str, list[str]]:
    """Columns for the roles that must be filled, by their names, else in the order they come."""
    found = _named_alike(table, study)
    taken = {name for names in found.values() for name in names}
    words = [column.name for column in table.columns if column.kind == "words"]
    texts = [name for name in words if name not in taken]
    left = [c.name for c in table.columns if c.kind == "numbers" and c.name not in taken]
    for role in study.roles:
        if role.name in found:
            continue
        if role.kind == "any":
            if role.needed or role.eager:
                found[role.name] = [(texts or left).pop(0)] if texts or (left and role.needed) else []
        elif role.needed and left:
            every = role.many and (role.eager or not words)
            found[role.name] = list(left) if every else [left[0]]
            left = [] if every else left[1:]
        elif left and role.eager and not role.many:
            found[role.name] = [left.pop(0)]
    return found


def _named_alike(table: Table, study: Study) -> dict[str, list[str]]:
    """Columns that are called as the role is, such as Part, Appraiser and Reading of a gauge study."""
    found: dict[str, list[str]] = {}
    for role in study.roles:
        wanted = {role.name.lower(), role.label.lower()}
        fitting = [column for column in table.columns if role.kind in ("any", column.kind)]
        alike = [column.name for column in fitting if column.name.lower() in wanted]
        if alike and not role.many:
            found[role.name] = alike[:1]
    return found


def propose(
    table: Table, study: str, roles: Mapping[str, Any], options: Mapping[str, Any] | None = None
) -> Advice | None:
    """The chart the guide proposes for these columns, with its reason; None for a study without a choice of chart."""
    found = _PROPOSE.get(study)
    return None if found is None else found(inputs_of(table, STUDIES[study], roles, options or {}))


def run(table: Table, study: str, roles: Mapping[str, Any], options: Mapping[str, Any]) -> Answer:
    """The answer of a study.

    In: the table, the key of a study, role -> column names, option -> value. Out: Answer. Raises BadInput with the
    place of what cannot be judged.
    """
    chosen = study_of(study)
    inputs = inputs_of(table, chosen, roles, options)
    inputs = Inputs(inputs.columns, {**inputs.options, **chosen.settle(inputs)})
    figures = cases.run(chosen.case(inputs))
    names = {role: [column.name for column in columns] for role, columns in inputs.columns.items() if columns}
    return Answer(chosen, names, inputs.options, figures, chosen.tell(inputs, figures))
