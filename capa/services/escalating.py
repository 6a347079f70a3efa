"""When a nonconformity calls for a CAPA: safety, the customer, repetition or cost."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Sum

from capa.events import EscalationCalled
from capa.models import CostLine, EscalationRule, Nonconformity
from capa.services.changing import changing
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.events import publish
from qms.core.trail import acting


def rule_of(site_id: int) -> EscalationRule:
    """The limits of a site, or the defaults."""
    return EscalationRule.objects.filter(site_id=site_id).first() or EscalationRule(site_id=site_id)


def reasons_for(ncr: Nonconformity) -> list[str]:
    """Why this one calls for a CAPA, in words; empty when it does not."""
    rule = rule_of(ncr.site_id)
    found = []
    if ncr.severity == "safety":
        found.append("a safety matter")
    if ncr.customer_found:
        found.append("found by the customer")
    if (times := _times(ncr, rule)) >= rule.repeats:
        found.append(f"same defect and process {times} times in {rule.days} days")
    spent = (
        CostLine.objects.filter(record_id=ncr.pk, currency=rule.currency).aggregate(total=Sum("amount"))["total"] or 0
    )
    if spent > rule.cost:
        found.append(f"cost {spent:,.0f} {rule.currency} above {rule.cost:,.0f} {rule.currency}")
    return found


def _times(ncr: Nonconformity, rule: EscalationRule) -> int:
    if ncr.defect_code_id is None or ncr.process_id is None:
        return 0
    return (
        Nonconformity.objects.filter(
            site_id=ncr.site_id,
            defect_code_id=ncr.defect_code_id,
            process_id=ncr.process_id,
            detected_at__gt=ncr.detected_at - timedelta(days=rule.days),
            detected_at__lte=ncr.detected_at,
        )
        .exclude(state="void")
        .count()
    )


def reassess(ncr: Nonconformity, *, by: Actor) -> None:
    """Write the reasons on the record when they changed; call it inside the act that changed something."""
    with acting(by):
        reasons = reasons_for(ncr)
        if reasons == ncr.escalation:
            return
        called, ncr.escalation = not ncr.escalation, reasons
        ncr.save(update_fields=["escalation"])
        if called:
            publish(
                EscalationCalled(record=ncr.pk, number=ncr.number, site=ncr.site_id, reasons=reasons), record=ncr.pk
            )


def refuse_escalation(ncr: Nonconformity, *, rationale: str, by: Actor, version: int | None = None) -> Nonconformity:
    """Record why no CAPA is needed although the limits call for one; the rationale is mandatory."""
    if not rationale.strip():
        raise Invalid({"escalation_refusal": ["Say why no CAPA is needed."]})
    with changing(Nonconformity, ncr.pk, "close", by=by, version=version, reason=rationale) as fresh:
        fresh.escalation_refusal = rationale.strip()
        fresh.save(update_fields=["escalation_refusal"])
    return fresh
