"""The plan: actions against causes, and how their effect will be judged, fixed before anybody acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from capa.models import Action, Capa, Criterion
from capa.services.changing import changing, fitting, fresh_row, save_row, writable
from qms.core import inbox
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused, because
from qms.core.models import User


def add_action(capa: Capa, *, text: str, by: Actor, version: int | None = None, **fields: Any) -> Action:
    """Add an action to the present plan; `fields`: cause, kind, owner, due, expected_effect."""
    with changing(Capa, capa.pk, "edit", by=by, version=version) as fresh:
        writable(fresh, "plan")
        fitting(fields, fresh.site)
        row = Action(capa=fresh, revision=fresh.plan_revision, text=text, **fields)
        _own_cause(row, fresh)
        save_row(row)
    return row


def change_action(action: Action, *, by: Actor, version: int | None = None, **fields: Any) -> Action:
    """Change a planned action; the signatures of the plan are void with it."""
    with changing(Capa, action.capa_id, "edit", by=by, version=version) as fresh:
        writable(fresh, "plan")
        action = fresh_row(action, "capa", fresh)
        fitting(fields, fresh.site, record=action)
        for name, value in fields.items():
            setattr(action, name, value)
        _own_cause(action, fresh)
        save_row(action)
    return action


def finish_action(
    action: Action, *, evidence: str, by: Actor, attachment: Any = None, version: int | None = None
) -> Action:
    """Say that an action is done, with what shows it; only its owner or an owner of the CAPA's right to implement."""
    with changing(Capa, action.capa_id, "implement", by=by, version=version) as fresh:
        writable(fresh, "implementation")
        action = _present(action, fresh)
        action.evidence, action.attachment = evidence.strip(), attachment
        if not action.has_evidence:
            raise Invalid({"evidence": ["Say or attach what shows that it is done."]})
        action.state, action.done_by_id, action.done_at = "done", by.id, timezone.now()
        save_row(action)
        inbox.done(action.task_key, by)
    return action


def move_action(
    action: Action, *, reason: str, by: Actor, owner: User | None = None, due: datetime | None = None,
    version: int | None = None,
) -> Action:  # fmt: skip
    """Give an open action of a released plan to another person or day, with the reason; how often is counted.

    What was agreed stays with the action, so the signatures of the plan hold. Raises Invalid, Refused.
    """
    reason = because(reason, "Say why it goes to another person or day.")
    with changing(Capa, action.capa_id, "implement", by=by, version=version, reason=reason) as fresh:
        writable(fresh, "implementation")
        action = _present(action, fresh)
        owner, due = owner or action.owner, due or action.due
        fitting({"owner": owner}, fresh.site, record=action)
        if (owner, due) == (action.owner, action.due):
            raise Refused("Neither the person nor the day is another one.", anchor="implementation")
        if due is not None and due != action.due and due <= timezone.now():
            raise Invalid({"due": ["The new day lies in the past."]})
        inbox.done(action.task_key, by)
        if not action.moved:
            action.agreed_owner, action.agreed_due = action.owner, action.due
        action.owner, action.due, action.moved = owner, due, action.moved + 1
        save_row(action)
        ask_to_act(action, fresh, by)
    return action


def ask_to_act(action: Action, capa: Capa, by: Actor) -> None:
    """Ask the owner of an action to do it by its day."""
    if action.owner_id is not None:
        inbox.ask(
            key=action.task_key, by=by, record=capa, title=action.text, detail=f"{capa.number} {capa.title}",
            owner=action.owner_id, due=action.due, url=f"{capa.get_absolute_url()}#implementation",
        )  # fmt: skip


def cancel_action(action: Action, *, reason: str, by: Actor, version: int | None = None) -> Action:
    """Drop an action that is no longer needed; the reason is mandatory."""
    reason = because(reason, "Say why the action is dropped.")
    with changing(Capa, action.capa_id, "implement", by=by, version=version, reason=reason) as fresh:
        action = _present(action, fresh)
        action.state, action.evidence = "cancelled", reason
        save_row(action)
        inbox.done(action.task_key, by)
    return action


def fix_criterion(
    capa: Capa, *, by: Actor, criterion: Criterion | None = None, version: int | None = None, **fields: Any
) -> Criterion:
    """Add a criterion to the present plan, or change one; refused once the plan is released."""
    with changing(Capa, capa.pk, "edit", by=by, version=version) as fresh:
        writable(fresh, "plan")
        row = fresh_row(criterion, "capa", fresh) if criterion else Criterion(capa=fresh, revision=fresh.plan_revision)
        if row.revision != fresh.plan_revision:
            raise Refused(f"This criterion belongs to revision {row.revision} of the plan, which is finished.")
        fitting(fields, fresh.site, record=row)
        for name, value in fields.items():
            setattr(row, name, value)
        save_row(row)
    return row


def drop_criterion(criterion: Criterion, *, by: Actor, version: int | None = None) -> None:
    """Take a criterion out of a plan that is not released."""
    with changing(Capa, criterion.capa_id, "edit", by=by, version=version) as fresh:
        writable(fresh, "plan")
        criterion = fresh_row(criterion, "capa", fresh)
        criterion.delete()


def carry_over(capa: Capa, *, by: Actor) -> int:
    """Copy the criteria of the last revision of the plan into the present one; returns how many."""
    with changing(Capa, capa.pk, "edit", by=by) as fresh:
        writable(fresh, "plan")
        if fresh.criterion_rows():
            return 0
        old = list(Criterion.objects.filter(capa=fresh, revision=fresh.plan_revision - 1))
        for row in old:
            row.pk, row._state.adding, row.revision = None, True, fresh.plan_revision
            save_row(row)
    return len(old)


def _present(action: Action, capa: Capa) -> Action:
    """The action as it stands, still open and of the present plan."""
    action = fresh_row(action, "capa", capa)
    if action.revision != capa.plan_revision:
        raise Refused(f"This action belongs to revision {action.revision} of the plan, which is finished.")
    if action.state != "open":
        raise Refused(f"This action is already {action.get_state_display().lower()}.")
    return action


def _own_cause(action: Action, capa: Capa) -> None:
    if action.cause is not None and action.cause.capa_id != capa.pk:
        raise Invalid({"cause": [f"This cause belongs to another record than {capa.number}."]})
