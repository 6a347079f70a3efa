"""Naming rules: which names they take, and why they refuse one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from governance.models import NumberRule, RuleTarget

PARAMETER_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")


@dataclass(frozen=True)
class Verdict:
    """What a rule makes of one test string, and whether that is what was asked for."""

    text: str
    wanted: bool
    taken: bool

    @property
    def right(self) -> bool:
        """Whether the rule does what the test string demands."""
        return self.wanted == self.taken


def rule_verdicts(pattern: str, accepted: list[str], refused: list[str]) -> list[Verdict]:
    """Every test string with what the pattern makes of it; raises re.error for a pattern that is none."""
    compiled = re.compile(pattern)
    return [
        Verdict(text, wanted, compiled.fullmatch(text) is not None)
        for wanted, texts in ((True, accepted), (False, refused))
        for text in texts
    ]


def refusal_of_name(site: int, target: str, text: str) -> str:
    """Why the site's naming rule refuses a name; empty when it takes it or there is no rule."""
    rule = NumberRule.objects.filter(site_id=site, target=target, active=True).first()
    if rule is None:
        if target == RuleTarget.PARAMETER and not PARAMETER_NAME.match(text):
            return f"{text!r}: a parameter name has lower-case letters, digits and _ and begins with a letter."
        return ""
    if re.fullmatch(rule.pattern, text):
        return ""
    example = f" Example: {rule.accepted[0]}." if rule.accepted else ""
    return f"{text!r} breaks the naming rule: {rule.explanation.rstrip('.')}.{example}"
