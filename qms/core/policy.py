"""The one table that says who may do what, and where. A missing row means no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

ROLES: dict[str, str] = {
    "operator": "Operator",
    "engineer": "Quality engineer",
    "approver": "Approver (function)",
    "manager": "Quality manager",
    "auditor": "Auditor",
    "executive": "Executive",
    "integration": "Integration",
    "admin": "Administrator",
    "owner": "Owner",
}


@dataclass(frozen=True)
class Rule:
    """Roles that may take an action; `own` limits it to what belongs to the person."""

    action: str
    roles: frozenset[str]
    scope: Literal["site", "own"] = "site"


_READERS = {"operator", "engineer", "approver", "manager", "auditor", "executive", "integration", "admin", "owner"}
_PEOPLE = _READERS - {"integration"}
_WORKERS = {"operator", "engineer", "approver", "manager", "owner"}
_QUALITY = {"engineer", "manager", "owner"}
_DECIDERS = {"approver", "manager", "owner"}
_HEADS = {"manager", "owner"}
_ADMINS = {"admin", "owner"}
_SETUP = {"engineer", "manager", "admin", "owner"}


def _rows(noun: str, verbs: str, roles: Iterable[str]) -> list[Rule]:
    return [Rule(f"{noun}.{verb}", frozenset(roles) | {"system"}) for verb in verbs.split()]


POLICY: tuple[Rule, ...] = (
    # people and sites
    *_rows("site", "view", _READERS),
    *_rows("site", "edit", _ADMINS),
    *_rows("person", "view", _PEOPLE),
    *_rows("person", "edit", _ADMINS),
    *_rows("token", "view edit", _READERS),
    # around every record
    *_rows("record", "view", _READERS),
    *_rows("record", "comment attach link", _WORKERS | {"auditor", "integration"}),
    *_rows("record", "watch", _PEOPLE),
    *_rows("record", "extend", _HEADS),
    *_rows("trail", "view", {"manager", "auditor", "admin", "owner"}),
    *_rows("trail", "verify", _ADMINS),
    *_rows("task", "view finish", _READERS),
    *_rows("job", "view run", _READERS),
    *_rows("job", "cancel", _HEADS | _ADMINS),
    Rule("job.cancel", frozenset(_READERS), "own"),
    *_rows("event", "view", _READERS),
    *_rows("metrics", "view", _ADMINS | {"manager", "integration"}),
    *_rows("notice", "view read", _READERS),
    *_rows("savedview", "view edit", _READERS),
    *_rows("evidence", "view", _READERS),
    *_rows("evidence", "freeze", _WORKERS),
    # master data
    *_rows("part", "view", _READERS),
    *_rows("equipment", "view", _READERS),
    *_rows("process", "view", _READERS),
    *_rows("parameter", "view", _READERS),
    *_rows("characteristic", "view", _READERS),
    *_rows("part", "edit", _SETUP | {"integration"}),
    *_rows("equipment", "edit", _SETUP),
    *_rows("process", "edit", _SETUP),
    *_rows("parameter", "edit", _SETUP),
    *_rows("characteristic", "edit", _SETUP),
    # measuring instruments and the studies that judge them
    *_rows("gage", "view", _READERS),
    *_rows("gage", "edit", _SETUP),
    *_rows("gage", "calibrate", _QUALITY | {"integration"}),
    *_rows("gagestudy", "view", _READERS),
    *_rows("gagestudy", "open edit void", _QUALITY),
    *_rows("gagestudy", "measure", _WORKERS),
    # the floor
    *_rows("device", "view", _READERS),
    *_rows("device", "edit", _SETUP),
    *_rows("profile", "view", _READERS),
    *_rows("profile", "edit", _SETUP),
    *_rows("topic", "view", _READERS),
    *_rows("topic", "map", _SETUP),
    *_rows("retention", "view", _READERS),
    *_rows("retention", "edit", _ADMINS),
    *_rows("quarantine", "view", _READERS),
    *_rows("quarantine", "replay", _SETUP),
    *_rows("reading", "view", _READERS),
    *_rows("reading", "add", {"operator", "engineer", "manager", "integration", "owner"}),
    *_rows("signal", "view", _READERS),
    *_rows("signal", "acknowledge annotate", _WORKERS),
    *_rows("signal", "exclude", _QUALITY),
    *_rows("limits", "view", _READERS),
    *_rows("limits", "open edit", _QUALITY),
    *_rows("limits", "release withdraw", _HEADS),
    # nonconformity
    *_rows("nonconformity", "view", _READERS),
    *_rows("nonconformity", "open", _WORKERS | {"integration"}),
    *_rows("nonconformity", "edit contain evaluate propose", _QUALITY | {"approver"}),
    *_rows("nonconformity", "approve", _DECIDERS),
    *_rows("nonconformity", "verify", _WORKERS),
    *_rows("nonconformity", "close decide", _QUALITY),
    *_rows("nonconformity", "void", _HEADS),
    # what a plant agrees on beforehand
    *_rows("deviation", "view", _READERS),
    *_rows("deviation", "open use", _WORKERS),
    *_rows("deviation", "edit close", _QUALITY | {"approver"}),
    *_rows("deviation", "agree", _DECIDERS),
    *_rows("deviation", "approve void", _HEADS),
    *_rows("defectcode", "view", _READERS),
    *_rows("defectcode", "edit", _SETUP),
    *_rows("escalation", "view", _READERS),
    *_rows("escalation", "edit", _HEADS | _ADMINS),
    # corrective and preventive action
    *_rows("capa", "view", _READERS),
    *_rows("capa", "open edit contain analyse implement prevent", _QUALITY | {"approver"}),
    *_rows("capa", "triage release_plan", _HEADS),
    *_rows("capa", "approve_plan", _DECIDERS),
    *_rows("capa", "judge confirm", _DECIDERS | {"engineer"}),
    *_rows("capa", "close cancel reopen", _HEADS),
    # analyses
    *_rows("analysis", "view", _READERS),
    *_rows("analysis", "open edit", _WORKERS | {"auditor", "integration"}),
    *_rows("analysis", "void", _HEADS),
)


@cache
def rules_for(action: str) -> tuple[Rule, ...]:
    """The rows of an action; none when the table does not know it."""
    return tuple(rule for rule in POLICY if rule.action == action)


def known(action: str) -> bool:
    """Whether the table has a row for the action, or it is one of the two open doors."""
    return action in {"public", "signed-in"} or bool(rules_for(action))
