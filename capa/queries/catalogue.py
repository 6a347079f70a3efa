"""Which defect codes and limits an actor sees."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from capa.models import DefectCode, EscalationRule
from qms.core.actor import ALL, Actor
from qms.core.models import Site


def defect_codes_visible_to(actor: Actor) -> QuerySet[DefectCode]:
    """The codes of the actor's sites and those of every site."""
    sites = actor.sites("defectcode.view")
    rows = DefectCode.objects.select_related("site")
    return rows if sites is ALL else rows.filter(Q(site_id__in=sites) | Q(site=None))


def defect_code_at(site_id: int, code: str) -> DefectCode | None:
    """The code in use at a site: its own before the one of every site."""
    rows = DefectCode.objects.filter(code__iexact=code, active=True)
    return rows.filter(site_id=site_id).first() or rows.filter(site=None).first()


def escalation_rules_visible_to(actor: Actor) -> QuerySet[EscalationRule]:
    """The limits that were set at the actor's sites; a site without a row has the usual ones."""
    sites = actor.sites("escalation.view")
    rows = EscalationRule.objects.select_related("site")
    return rows if sites is ALL else rows.filter(site_id__in=sites)


def sites_with_limits(actor: Actor) -> QuerySet[Site]:
    """The sites whose limits the actor may see."""
    sites = actor.sites("escalation.view")
    return Site.objects.all() if sites is ALL else Site.objects.filter(pk__in=sites)
