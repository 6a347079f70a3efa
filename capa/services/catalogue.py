"""Write what a plant agrees on beforehand: its defect codes, and from when on a nonconformity calls for a CAPA."""

from __future__ import annotations

from typing import Any

from capa.models import DefectCode, EscalationRule
from governance.services.saving import assign, store
from qms.core.actor import ALL, Actor
from qms.core.errors import Denied
from qms.core.models import Site
from qms.core.trail import acting

LIMITS = ("repeats", "days", "cost", "currency")


def add_defect_code(*, code: str, name: str, by: Actor, site: Site | None = None) -> DefectCode:
    """Add a kind of defect of one site, or (no site) of every site. Raises Denied, or Invalid by field."""
    _may_edit(by, site.pk if site else None)
    with acting(by):
        return store(DefectCode(site=site, code=code.strip().upper(), name=name.strip()))


def edit_defect_code(row: DefectCode, *, by: Actor, reason: str = "", **fields: Any) -> DefectCode:
    """Change code, name or whether it is offered; records that carry it keep it."""
    _may_edit(by, row.site_id)
    with acting(by, reason=reason):
        fresh = DefectCode.objects.select_for_update(no_key=True).get(pk=row.pk)
        if "code" in fields:
            fields["code"] = str(fields["code"]).strip().upper()
        assign(fresh, fields, allowed=("code", "name", "active"))
        return store(fresh)


def _may_edit(by: Actor, site: int | None) -> None:
    by.require("defectcode.edit", site)
    if site is None and by.sites("defectcode.edit") is not ALL:
        raise Denied("A code of every site is for who may edit codes everywhere: choose one of your sites.")


def set_escalation_limits(site: Site, *, by: Actor, reason: str, **fields: Any) -> EscalationRule:
    """Say from when on a nonconformity of a site calls for a CAPA; what is not given stays, or is the usual.

    Records that are open already are looked at again with their next change.
    """
    by.require("escalation.edit", site.pk)
    with acting(by, reason=reason):
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # two at once make one row
        row = EscalationRule.objects.filter(site=site).first() or EscalationRule(site=site)
        if "currency" in fields:
            fields["currency"] = str(fields["currency"]).strip().upper()
        assign(row, fields, allowed=LIMITS)
        return store(row)
