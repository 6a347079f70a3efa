"""Open a nonconformity, by hand or from a signal, and a CAPA, from a nonconformity or empty."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from capa.events import CapaOpened, NonconformityOpened
from capa.models import IN_VAIN, Capa, Nonconformity
from capa.services.changing import fitting
from capa.services.escalating import reassess
from governance.models import MULTIVARIATE
from iot import services as floor
from iot.models import Signal
from iot.queries import place_of, value_of
from qms.core.actor import Actor
from qms.core.errors import Refused
from qms.core.events import publish
from qms.core.links import link
from qms.core.models import Site
from qms.core.records import locked, open_record
from qms.core.trail import acting
from qms.web.words import stamp

SEVERITY_OF_CLASS = {"safety": "safety", "critical": "critical", "major": "major"}


def open_nonconformity(*, title: str, site: Site, by: Actor, **fields: Any) -> Nonconformity:
    """Open a nonconformity; `fields` are the model's own (part, station, quantity_nonconforming, ...).

    Raises Denied or Invalid; returns the record in state `reported` with its containment clock running.
    """
    fields["severity"] = fields.get("severity") or "minor"
    fields.setdefault("detected_at", timezone.now())
    with acting(by):
        fitting(fields, site)
        ncr = open_record(Nonconformity, title=title, site=site, by=by, **fields)
        reassess(ncr, by=by)
        publish(
            NonconformityOpened(
                record=ncr.pk, number=ncr.number, site=site.pk, severity=ncr.severity, signal=ncr.signal_id
            ),
            record=ncr.pk,
        )
    return ncr


def open_nonconformity_from_signal(signal: Signal, *, by: Actor, **fields: Any) -> Nonconformity:
    """Turn a signal into a nonconformity, with its chart frozen as evidence in the same act.

    A second open of the same signal returns the first record: duplicates of one event fold into one.
    """
    with acting(by):
        fresh = Signal.objects.select_for_update(no_key=True, of=("self",)).get(pk=signal.pk)
        if fresh.record_id is not None:
            return Nonconformity.objects.get(pk=fresh.record_id)
        ncr = open_nonconformity(by=by, **{**_prefilled(fresh), **fields})
        floor.freeze_chart(fresh.characteristic, record=ncr, by=by, signal=fresh)
        floor.convert_signal(fresh, record=ncr, by=by)
    return ncr


def _prefilled(signal: Signal) -> dict[str, Any]:
    characteristic = signal.characteristic
    unit, decimals = characteristic.parameter.unit, characteristic.decimals
    return {
        "title": f"{characteristic.name}: {signal.words}"[:200],
        "site": signal.site,
        "signal": signal,
        "characteristic": characteristic,
        "part": characteristic.part,
        "station": characteristic.station,
        "process": characteristic.process,
        "lot": signal.subgroup.lot if signal.subgroup else "",
        "severity": SEVERITY_OF_CLASS.get(characteristic.critical, "minor"),
        "occurred_at": signal.first_at,
        "description": f"{signal.words}. {_far(signal)}",
        "requirement": _requirement(signal),
        "actual": f"{value_of(signal)}, {place_of(signal)}"
        if characteristic.chart in MULTIVARIATE
        else f"{signal.value:.{decimals}f} {unit}, centre line {signal.center:.{decimals}f} {unit}".strip(),
    }


def _far(signal: Signal) -> str:
    """How far the first point lies out, in a sentence."""
    if signal.characteristic.chart in MULTIVARIATE:
        return f"{value_of(signal)} at the first point, {place_of(signal)}."
    side = "above" if signal.distance > 0 else "below"
    return f"The first point lies {abs(signal.distance):.1f} sigma {side} the centre line."


def _requirement(signal: Signal) -> str:
    """The specification, and the limits the process itself has set."""
    characteristic, limits = signal.characteristic, signal.limits
    decimals, unit = characteristic.decimals, characteristic.parameter.unit
    spec = " to ".join(
        f"{value:.{decimals}f}" for value in (characteristic.lsl, characteristic.usl) if value is not None
    )
    control = " to ".join(f"{value:.{decimals}f}" for value in (limits.lcl, limits.ucl) if value is not None)
    if characteristic.chart in MULTIVARIATE:
        return f"{characteristic.drawn_in} up to {control}, control limits version {limits.revision}"
    words = [f"specification {spec} {unit}".strip()] if spec else []
    return "; ".join([*words, f"control limits version {limits.revision}: {control} {unit}".strip()])


def open_capa(
    *, by: Actor, site: Site | None = None, title: str = "", source_ncr: Nonconformity | None = None, **fields: Any
) -> Capa:
    """Open a CAPA, empty or from a nonconformity, which is then linked both ways and prefills D0 and D2.

    Raises Refused when the nonconformity already has one that is not finished in vain.
    """
    with acting(by):
        if source_ncr is not None:
            source_ncr = locked(Nonconformity, source_ncr.pk)
            if other := source_ncr.corrective_actions().exclude(state__in=IN_VAIN).first():
                raise Refused(f"{source_ncr.number} already has {other.number}: work in that one.")
            fields = {**_from(source_ncr), **fields}
        place = site or (source_ncr.site if source_ncr else None)
        if place is None:
            raise Refused("Choose the site of the CAPA.")
        fitting(fields, place)
        capa = open_record(Capa, title=title or (source_ncr.title if source_ncr else ""), site=place, by=by, **fields)
        if source_ncr is not None:
            link(source_ncr, capa, "corrective action", by=by)
        publish(
            CapaOpened(
                record=capa.pk, number=capa.number, site=place.pk, nonconformity=source_ncr.pk if source_ncr else None
            ),
            record=capa.pk,
        )
    return capa


def join_capa(ncr: Nonconformity, capa: Capa, *, by: Actor) -> None:
    """Let a CAPA deal with one more nonconformity of its site; Refused when that one is void or already has one."""
    with acting(by):
        fresh = locked(Nonconformity, ncr.pk)
        by.require("capa.open", fresh)
        if fresh.state == "void":
            raise Refused(f"{fresh.number} is void: nothing is to be corrected.")
        if fresh.site_id != capa.site_id:
            raise Refused(f"{fresh.number} belongs to another site than {capa.number}: open a CAPA of its own.")
        take_up(fresh, capa, by=by)


def take_up(ncr: Nonconformity, capa: Capa, *, by: Actor) -> None:
    """Link a nonconformity to the CAPA that corrects it; Refused when another one does."""
    with acting(by):
        others = locked(Nonconformity, ncr.pk).corrective_actions().exclude(state__in=IN_VAIN).exclude(pk=capa.pk)
        if other := others.first():
            raise Refused(f"{ncr.number} already has {other.number}: work in that one.")
        link(ncr, capa, "corrective action", by=by)


def _from(ncr: Nonconformity) -> dict[str, Any]:
    where = ", ".join(str(item) for item in (ncr.station, ncr.process) if item)
    affected = "" if ncr.quantity_nonconforming is None else f"{ncr.quantity_nonconforming:,} pieces"
    problem = {
        "what": " ".join(part for part in (ncr.title, ncr.actual and f"Found: {ncr.actual}.") if part),
        "where": where,
        "when": stamp(ncr.occurred_at or ncr.detected_at, ncr.site.timezone),
        "why": f"Required: {ncr.requirement}." if ncr.requirement else "",
        "how": f"Found at {ncr.get_found_display().lower()}.",
        "how_many": affected,
    }
    return {
        "source_ncr": ncr,
        "source": "nonconformity",
        "source_detail": ncr.number,
        "severity": ncr.severity,
        "characteristic": ncr.characteristic,
        "symptom": ncr.description or ncr.title,
        "customer_stamp": ncr.detected_at if ncr.customer_found else None,
        "problem": {key: text for key, text in problem.items() if text},
    }
