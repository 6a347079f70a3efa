"""The reference part of the docs, written from the code: flows of records, permissions, settings, formulas, API."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from django.core.serializers.json import DjangoJSONEncoder

from qms.core.flow import AnyFlow, State, Within
from qms.core.models import Record
from qms.core.policy import POLICY, ROLES
from qms.core.records import KINDS
from qms.core.rest.openapi import document
from qms.embedded.environment import GIVEN
from spc import formulas

NOTE = "<!-- Written by `python3 manage.py reference`; edit the code instead. -->\n"


def pages(settings: Path) -> dict[str, str]:
    """File name below docs/reference to its text."""
    records = {f"records/{kind}.md": NOTE + record_page(model) for kind, model in sorted(KINDS.items())}
    return {
        **records,
        "formulas.md": NOTE + formulas.page(),
        "permissions.md": NOTE + permissions_page(),
        "settings.md": NOTE + settings_page(settings.read_text()),
        "openapi.json": openapi_document(),
    }


def openapi_document() -> str:
    """The OpenAPI document as `/api/v1/schema/` serves it."""
    return json.dumps(document(), cls=DjangoJSONEncoder, indent=1, ensure_ascii=False) + "\n"


def record_page(model: type[Record]) -> str:
    """One kind: what it is, its states with their clocks, its steps, its diagram."""
    flow: AnyFlow = model.flow
    states = "\n".join(f"| {state.label} | `{state.name}` | {clock(state)} |" for state in flow.states)
    steps = "\n".join(
        f"| {step.label} | `{step.name}` | {', '.join(flow.state(s).label for s in step.source)}"
        f" → {flow.state(step.target).label} | `{step.permission}` | {step.meaning or ''} |"
        for step in flow.steps
    )
    return (
        f"# {model.LABEL}\n\n{(model.__doc__ or '').strip()}\n\n"
        f"Kind `{model.KIND}`, numbers `{model.PREFIX}-YYYY-NNNN`.\n\n"
        f"## States\n\n| state | name | clock |\n|---|---|---|\n{states}\n\n"
        f"## Steps\n\n| step | name | from → to | permission | signed as |\n|---|---|---|---|---|\n{steps}\n\n"
        f"```mermaid\n{flow.mermaid()}\n```\n"
    )


def clock(state: State) -> str:
    """The clock of a state in words."""
    within: Within | None = state.within
    if within is None:
        return "paused" if state.paused else "end" if state.final else ""
    parts = [(within.hours, "h"), (within.days, "d"), (within.workdays, "working days")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) + (" from opening" if within.since == "opened" else "")


def permissions_page() -> str:
    """The policy table as a matrix: action by role."""
    roles = list(ROLES)
    head = "| action | " + " | ".join(ROLES[role] for role in roles) + " |\n|---|" + "---|" * len(roles)
    rows = (
        f"| `{rule.action}`{' (own)' if rule.scope == 'own' else ''} | "
        + " | ".join("yes" if role in rule.roles else "" for role in roles)
        + " |"
        for rule in POLICY
    )
    return "# Permissions\n\nWho may do what, at the sites where the role is held. No row means no.\n\n" + "\n".join(
        [head, *rows, ""]
    )


def settings_page(source: str) -> str:
    """Every environment variable settings.py reads, with its default and the comment beside or above it."""
    rows = "\n".join(f"| `{name}` | {about} | {default} |" for name, about, default in sorted(set(_variables(source))))
    given = "\n".join(f"| `{name}` | {about} |" for name, about in GIVEN.items())
    return (
        "# Settings\n\nAll from the environment; `<NAME>_FILE` names a file with the value (for secrets)."
        " `python3 manage.py up` sets them for you.\n\n| variable | what it says | default |\n|---|---|---|\n"
        f"{rows}\n\n## The servers of `python3 manage.py up`\n\n"
        "Where `DATABASE_URL`, `REDIS_URL` or `MQTT_URL` is given, that server is used instead of one of its own.\n\n"
        f"| variable | what it says |\n|---|---|\n{given}\n"
    )


def _variables(source: str) -> Iterator[tuple[str, str, str]]:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {"env", "flag", "os.environ.get"}:
            continue
        if node.args and isinstance(node.args[0], ast.Constant):
            default = node.args[1] if len(node.args) > 1 else None
            text = "no" if ast.unparse(node.func) == "flag" else "required" if default is None else ast.unparse(default)
            shown = "" if text in {"''", '""'} else f"`{text}`" if default else text
            yield str(node.args[0].value), _comment(lines, node.lineno), shown


def _comment(lines: list[str], number: int) -> str:
    """What stands behind a line, or alone above it."""
    behind = lines[number - 1].partition("  # ")[2]
    above = lines[number - 2].strip()
    return behind or (above.removeprefix("# ") if above.startswith("# ") else "")
