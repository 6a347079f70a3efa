"""Say what happened at the process, and take points out of the estimates with a reason."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from governance.models import Characteristic
from iot.models import Annotation, Exclusion, Signal, SignalState, Subgroup
from iot.services.removing import removing
from iot.services.signals import decide
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused, because
from qms.core.live import announce
from qms.core.trail import acting


def annotate(
    characteristic: Characteristic,
    *,
    text: str,
    by: Actor,
    at: datetime | None = None,
    kind: str = Annotation.Kind.NOTE,
) -> Annotation:
    """Put a word into the lane under the chart. Raises Invalid without a text or with an unknown kind."""
    by.require("signal.annotate", characteristic.site_id)
    if not text.strip() or kind not in Annotation.Kind.values:
        raise Invalid({"text": ["Write a word or two about what happened, and choose its kind."]})
    with acting(by):
        row = Annotation.objects.create(
            characteristic=characteristic, at=at or timezone.now(), kind=kind, text=text.strip()[:200], by_id=by.id
        )
        announce(f"characteristic:{characteristic.pk}", {"reload": True})
    return row


def remove_annotation(annotation: Annotation, *, reason: str, by: Actor) -> None:
    """Take a word out of the lane; what it said, who took it out and why stay in the trail.

    Raises Denied, Invalid without a reason, Refused when it is gone already.
    """
    with removing(annotation, "note", reason=reason, by=by):
        announce(f"characteristic:{annotation.characteristic_id}", {"reload": True})


def exclude_points(
    characteristic: Characteristic, *, first: datetime, last: datetime, reason: str, by: Actor
) -> Exclusion:
    """Take the points of a span out of the estimates; they stay on the chart, and open signals among them are settled.

    The span ends now at the latest: what is measured later is not judged beforehand.

    Raises Denied, Invalid without a reason, Refused when the span holds no point.
    """
    by.require("signal.exclude", characteristic.site_id)
    reason = because(reason, "Say why these points do not belong to the process.")
    with acting(by, reason=reason):
        last = min(last, timezone.now())
        points = Subgroup.objects.filter(characteristic=characteristic, t__gte=first, first_t__lte=last)
        if not points.update(state=Subgroup.State.EXCLUDED, reason=reason[:300]):
            raise Refused("There is no point in this span. Choose the points on the chart.")
        row = Exclusion.objects.create(
            characteristic=characteristic, first_t=first, last_t=last, reason=reason[:300], by_id=by.id,
            at=timezone.now(),
        )  # fmt: skip
        inside = Signal.objects.filter(
            characteristic=characteristic, state=SignalState.OPEN, first_at__gte=first, last_at__lte=last
        )
        for signal in inside.select_for_update(no_key=True).order_by("pk"):
            decide(signal, SignalState.EXCLUDED, by=by, cause="Points excluded", note=reason)
        announce(f"characteristic:{characteristic.pk}", {"reload": True})
    return row


def lift_exclusion(exclusion: Exclusion, *, reason: str, by: Actor) -> Exclusion:
    """Let excluded points count again; the exclusion and why it ended stay on record."""
    by.require("signal.exclude", exclusion.characteristic.site_id)
    reason = because(reason, "Say why the points count again.")
    with acting(by, reason=reason):
        row = Exclusion.objects.select_for_update().get(pk=exclusion.pk)
        if row.lifted_at:
            raise Refused("These points count again already.")
        row.lifted_at, row.lifted_reason = timezone.now(), reason[:300]
        row.save(update_fields=["lifted_at", "lifted_reason"])
        points = Subgroup.objects.filter(
            characteristic_id=row.characteristic_id, t__gte=row.first_t, first_t__lte=row.last_t
        )
        points.update(state=Subgroup.State.OK, reason="")
        for other in Exclusion.objects.filter(characteristic_id=row.characteristic_id, lifted_at=None):
            points.filter(t__gte=other.first_t, first_t__lte=other.last_t).update(
                state=Subgroup.State.EXCLUDED, reason=other.reason
            )
        announce(f"characteristic:{row.characteristic_id}", {"reload": True})
    return row
