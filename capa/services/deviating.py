"""Write deviation permits: asked for, changed while a draft, used piece by piece, extended, ended in time."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.utils import timezone

from capa.models import Deviation, PermitUse
from capa.services.changing import changing, fitting, save_row
from capa.workflow.concession import day_at
from capa.workflow.deviation import extended_before, is_over, nothing_asked
from capa.workflow.rows import counted
from qms.core import inbox
from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.models import Site
from qms.core.notify import tell
from qms.core.records import change_record, locked, open_record
from qms.core.stepping import advance
from qms.core.trail import acting, reading

logger = logging.getLogger(__name__)


def open_deviation(*, title: str, site: Site, by: Actor, **fields: Any) -> Deviation:
    """Ask for a deviation; `fields` are the model's own. Raises Denied or Invalid; returns the draft."""
    with acting(by):
        fitting(fields, site)
        return open_record(Deviation, title=title, site=site, by=by, **fields)


def save_deviation(
    permit: Deviation, *, by: Actor, version: int | None = None, reason: str = "", **fields: Any
) -> Deviation:
    """Change the terms of a draft, or who looks after it; Refused for terms that are asked for or agreed."""
    with acting(by, reason=reason):
        fresh = locked(Deviation, permit.pk)
        if fresh.closed_at is not None:
            raise Refused(f"{fresh.number} is over; nothing in it can be changed.")
        changed = {name for name, value in fields.items() if getattr(fresh, name) != value}
        if fresh.state != "draft" and changed - {"owner", "owner_id", "due"}:
            raise Refused(f"{fresh.number} is asked for as it stands: reject it to change its terms, or extend it.")
        fitting(fields, fresh.site, record=fresh)
        return change_record(fresh, by=by, version=version, **fields)


def ask_extension(
    permit: Deviation, *, by: Actor, until: date | None = None, quantity: int | None = None, change_request: str = "",
    version: int | None = None,
) -> Deviation:  # fmt: skip
    """Ask that a permit in force lasts longer or covers more; the quality manager approves by signature.

    Raises Refused when nothing is asked, or a second time without a change request.
    """
    with changing(Deviation, permit.pk, "edit", by=by, version=version) as fresh:
        if fresh.state != "active":
            raise Refused(f"{fresh.number} is not in force: there is nothing to extend.")
        fresh.wanted_until, fresh.wanted_quantity = until, quantity
        fresh.change_request = change_request.strip() or fresh.change_request
        if text := nothing_asked(fresh) or extended_before(fresh):
            raise Refused(text, anchor="extension")
        fresh.save(update_fields=["wanted_until", "wanted_quantity", "change_request"])
        inbox.ask(
            key=extension_key(fresh), kind="signature", title=f"Approve the extension: {fresh.number}",
            detail=fresh.title, record=fresh, role="manager", url=fresh.get_absolute_url(), by=by,
        )  # fmt: skip
    return fresh


def extension_key(permit: Deviation) -> str:
    """The question of the present extension."""
    return f"deviation:{permit.pk}:extension:{permit.extended}"


def book_use(permit: Deviation, *, quantity: int, by: Actor, lot: str = "", note: str = "") -> PermitUse:
    """Book pieces made under a permit; Refused when it does not run, or does not cover them."""
    with changing(Deviation, permit.pk, "use", by=by) as fresh:
        if fresh.state != "active":
            raise Refused(f"{fresh.number} is not in force: no piece may be made under it.")
        today = day_at(fresh.site, timezone.now())
        if text := fresh.refusal_for(part=fresh.part_id, lot=lot, made=today):
            raise Refused(text, anchor="use")
        row = PermitUse(deviation=fresh, quantity=quantity, lot=lot.strip(), note=note.strip(), by_id=by.id)
        save_row(row)
        if fresh.quantity is not None and (over := fresh.used() - fresh.quantity) > 0:
            left = counted(quantity - over, "piece")
            raise Refused(f"{fresh.number} has {left} left: ask for an extension first.", anchor="use")
    return row


def tend_deviations(*, by: Actor) -> int:
    """Put in force what begins, end what is over, warn once from 80 % on; returns how many permits moved."""
    with reading(by):
        running = list(Deviation.objects.filter(state__in=("approved", "active")).select_related("site"))
    moved = 0
    for permit in running:
        try:
            moved += _tend(permit, by)
        except Refused:
            continue  # it moved meanwhile, or does not begin yet
        except Exception:
            logger.exception("%s could not be looked after", permit.number)
    return moved


def _tend(permit: Deviation, by: Actor) -> int:
    with acting(by):
        if permit.state == "approved":
            advance(permit, "start", by=by)
            return 1
        if is_over(permit):
            advance(permit, "expire", by=by)
            return 1
        if (text := permit.nearly_over()) and permit.owner_id is not None:
            key = f"deviation:{permit.pk}:80:{permit.extended}"
            tell(permit.owner_id, "warning", f"{permit.number} is nearly over: {text}", permit.get_absolute_url(),
                 permit.pk, key=key)  # fmt: skip
    return 0
