"""The rule set of a characteristic: known rules by name, and rules of its own with their parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spc.rules import Rule
from spc.rulesets import read_rule, ruleset
from spc.run_length import RunLength, in_control
from spc.values import BadInput

OWN_BIT = 16  # masks of points keep the bits below for known rules, spread and limits
MOST_OWN = 8
_FIELDS = ("test", "needed", "window", "sigmas")


def rule_set(names: Sequence[str], own: Sequence[Any] = ()) -> tuple[Rule, ...]:
    """The rules of a set, own ones called own_1 and so on. Raises BadInput for what cannot be evaluated."""
    if not isinstance(own, Sequence) or isinstance(own, str) or not all(isinstance(one, Mapping) for one in own):
        raise BadInput("Own rules are a list of objects with test, needed, window and sigmas.")
    if len(own) > MOST_OWN:
        raise BadInput(f"A set holds up to {MOST_OWN} rules of its own.")
    plain = [{name: one[name] for name in _FIELDS if name in one} for one in own]
    return ruleset([*names, *plain], first_bit=OWN_BIT)


def own_as_data(rule: Rule) -> dict[str, Any]:
    """An own rule as it is stored."""
    return {name: getattr(rule, name) for name in _FIELDS}


def read_own(text: str) -> list[dict[str, Any]]:
    """Own rules as somebody wrote them, one a line. Raises BadInput with the number of the line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(read_rule(line))
                rule_set((), found[-1:])
            except BadInput as problem:
                raise BadInput(f"Line {number}: {problem}") from problem
    rule_set((), found)
    return found


def written_own(own: Sequence[Any]) -> str:
    """Own rules as text that can be read again."""
    return "\n".join(rule.words for rule in rule_set((), own))


def price_of(rules: Sequence[Rule]) -> RunLength:
    """Points between two false alarms of a process in control that these rules judge."""
    return in_control(rules)
