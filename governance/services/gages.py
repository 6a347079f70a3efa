"""Write gages and their calibrations; due dates, states and tasks follow from what was calibrated when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from governance.events import GageCalibrated
from governance.models import (
    GOOD,
    Calibration,
    CalibrationResult,
    Characteristic,
    Gage,
    GageState,
    GageStatus,
    GageUse,
    Level,
)
from governance.services.saving import assign, store
from governance.units import refusal_of, written
from qms.core import files, inbox
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused, because
from qms.core.events import publish
from qms.core.models import Site, Task
from qms.core.trail import acting
from qms.web.words import date_of

EDITABLE = (
    "code", "name", "kind", "serial", "station", "owner", "unit", "resolution", "range_low", "range_high",
    "interval_months", "interval_days", "warn_days", "study_months",
)  # fmt: skip
RESPONSIBLE = "engineer"  # the role that is asked where a gage names nobody
_DETAILS = ("certificate", "lab", "done_by", "note")


def add_gage(
    *, site: Site, code: str, name: str, by: Actor, characteristics: Iterable[Characteristic] = (), **fields: Any
) -> Gage:
    """Add a gage with the characteristics it measures.

    Raises Denied, or Invalid by field: a code that is taken, no interval, a range upside down, a text that is no unit.
    """
    by.require("gage.edit", site.pk)
    row = Gage(site=site)
    assign(row, {"code": code.strip(), "name": name.strip(), **fields}, allowed=EDITABLE)
    row.unit = written(row.unit)
    _check(row)
    with acting(by):
        store(row)
        _measure(row, characteristics)
        tend(row, by=by)
    return row


def edit_gage(
    gage: Gage, *, by: Actor, characteristics: Iterable[Characteristic] | None = None, reason: str = "", **fields: Any
) -> Gage:
    """Change a gage; a new interval moves its due date. What it measures stays when it is not given."""
    by.require("gage.edit", gage.site_id)
    with acting(by, reason=reason):
        row = _locked(gage)
        if "unit" in fields:
            fields["unit"] = written(fields["unit"])
        assign(row, fields, allowed=EDITABLE)
        _check(row)
        _settle(row)
        store(row)
        if characteristics is not None:
            _measure(row, characteristics)
        tend(row, by=by)
        return row


def set_gage_status(gage: Gage, status: str, *, reason: str, by: Actor) -> Gage:
    """Block a gage, retire it, or let it be used again, with the reason.

    Raises Refused for a gage whose newest calibration failed: it comes back into use by a good one.
    """
    by.require("gage.edit", gage.site_id)
    reason = because(reason, "Say why.")
    with acting(by, reason=reason):
        row = _locked(gage)
        if status == GageStatus.IN_USE and row.failed:
            raise Refused(f"The newest calibration of {row.code} failed. Enter a good one first.")
        row.status, row.status_reason = status, reason[:300]
        store(row)
        tend(row, by=by)
        return row


def add_calibration(
    gage: Gage, *, on: Any, result: str, by: Actor, file: UploadedFile[bytes] | None = None, **details: str
) -> Calibration:
    """Enter a calibration; the due date follows, a failed gage is blocked, a good one frees a gage that had failed.

    `details`: certificate, lab, done_by, note; `file` is the certificate itself. Raises Denied, Invalid, or Refused for
    a retired gage.
    """
    by.require("gage.calibrate", gage.site_id)
    if on > timezone.localdate():
        raise Invalid({"on": ["This day is still to come."]})
    blob = None if file is None else files.keep(file)
    with acting(by):
        row = _locked(gage)
        if row.status == GageStatus.RETIRED:
            raise Refused(f"{row.code} is retired. Put it back into use first.")
        one = Calibration(gage=row, on=on, result=result, entered_by=by.name)
        assign(one, {name: text.strip() for name, text in details.items()}, allowed=_DETAILS)
        if blob is not None:
            one.blob, one.file_name = blob.row(), blob.name
        store(one)
        _renew(row, by)
        publish(GageCalibrated(gage=row.pk, code=row.code, site=row.site_id, result=result), key=f"gage:{row.pk}")
    return one


def withdraw_calibration(calibration: Calibration, *, reason: str, by: Actor) -> Calibration:
    """Take a calibration back that was entered wrongly; it stays readable with the reason and counts no more."""
    by.require("gage.calibrate", calibration.gage.site_id)
    reason = because(reason, "Say why this calibration does not count.")
    with acting(by, reason=reason):
        row = _locked(calibration.gage)
        one = Calibration.objects.select_for_update(no_key=True).get(pk=calibration.pk)
        if one.withdrawn_at:
            raise Refused("This calibration was taken back already.")
        one.withdrawn_at, one.withdrawn_reason = timezone.now(), reason[:300]
        store(one)
        one.gage = row
        _renew(row, by)
    return one


def tend(gage: Gage, *, by: Actor) -> bool:
    """Ask for the calibration of a gage that is due soon, and take the question back when it is not; True when asked.

    The task carries the due date, so that the clock warns before it and escalates after it. Needs an act.
    """
    due = gage.next_due or timezone.localdate()
    key = f"gage:{gage.pk}:{gage.next_due or 'first'}"
    wanted = gage.state in (GageState.DUE_SOON, GageState.OVERDUE) and not gage.failed
    old = Task.objects.filter(key__startswith=f"gage:{gage.pk}:", done_at=None)
    for task in old.exclude(key=key if wanted else "").exclude(key__contains=":failed:"):
        inbox.done(task.key, by)
    if not wanted or Task.objects.filter(key=key).exists():
        return False
    known = f"Last calibrated {date_of(gage.last_on)}." if gage.last_on else "It was never calibrated."
    _ask(gage, key, f"Calibrate {gage}", known, due=datetime.combine(due, time(23, 59)), by=by)
    return True


def tend_gages(*, by: Actor) -> int:
    """Ask for every calibration that is due soon or overdue and not asked for; returns how many were asked for."""
    today, asked = timezone.localdate(), 0
    rows = Gage.objects.filter(status=GageStatus.IN_USE).select_related("site")
    for pk in list(rows.exclude(warn_from__gt=today).values_list("pk", flat=True)):
        with acting(by, reason="calibration due"):
            asked += tend(rows.select_for_update(no_key=True, of=("self",)).get(pk=pk), by=by)
    return asked


def _ask(gage: Gage, key: str, title: str, detail: str, *, due: datetime, by: Actor) -> None:
    inbox.ask(
        key=key, title=title, detail=detail, site=gage.site_id, owner=gage.owner_id,
        role="" if gage.owner_id else RESPONSIBLE, due=due.replace(tzinfo=ZoneInfo(gage.site.timezone)),
        url=gage.get_absolute_url(), by=by,
    )  # fmt: skip


def _renew(row: Gage, by: Actor) -> None:
    """What follows from the calibrations that count: due date, block, tasks."""
    failed = row.failed
    _settle(row)
    if row.failed and row.status == GageStatus.IN_USE:
        row.status, row.status_reason = GageStatus.BLOCKED, f"Calibration of {row.last_on} failed."
    elif failed and not row.failed and row.status == GageStatus.BLOCKED:
        row.status, row.status_reason = GageStatus.IN_USE, ""
    store(row)
    tend(row, by=by)
    key = f"gage:{row.pk}:failed:{row.last_on}"
    if row.failed:
        detail = "Decide on the readings in doubt; then have it repaired and calibrated, or retire it."
        due = timezone.localtime() + timedelta(days=3)
        _ask(row, key, f"{row} failed its calibration", detail, due=due.replace(tzinfo=None), by=by)
    else:
        for task in Task.objects.filter(key__startswith=f"gage:{row.pk}:failed:", done_at=None):
            inbox.done(task.key, by)


def _settle(row: Gage) -> None:
    """Newest calibration, newest good one, and the day the next is due."""
    rows = row.calibrations.filter(withdrawn_at=None).order_by("-on", "-id") if row.pk else Calibration.objects.none()
    newest, good = rows.first(), rows.filter(result__in=GOOD).first()
    row.last_on, row.last_result = (newest.on, newest.result) if newest else (None, "")
    row.good_on = good.on if good else None
    row.next_due = row.after(good.on) if good else None
    row.warn_from = row.next_due - timedelta(days=row.warn_days) if row.next_due else None
    if newest and newest.result == CalibrationResult.FAIL:
        row.next_due = row.warn_from = newest.on


def _locked(gage: Gage) -> Gage:
    rows = Gage.objects.select_related("site").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=gage.pk)


def _measure(row: Gage, characteristics: Iterable[Characteristic]) -> None:
    wanted = {one.pk: one for one in characteristics}
    if any(one.site_id != row.site_id for one in wanted.values()):
        raise Invalid({"characteristics": ["Choose characteristics of the gage's own site."]})
    for use in GageUse.objects.filter(gage=row).exclude(characteristic__in=wanted):
        use.delete()
    there = set(GageUse.objects.filter(gage=row).values_list("characteristic_id", flat=True))
    for pk in wanted.keys() - there:
        GageUse.objects.create(gage=row, characteristic=wanted[pk])


def _check(row: Gage) -> None:
    errors: dict[str, list[str]] = {}
    if not (row.interval_months or row.interval_days):
        errors["interval_months"] = ["Give an interval in months or in days: a gage without one is never due."]
    if refusal := refusal_of(row.unit):
        errors["unit"] = [refusal]
    if row.resolution is not None and row.resolution <= 0:
        errors["resolution"] = ["The resolution is greater than zero."]
    if row.range_low is not None and row.range_high is not None and row.range_low >= row.range_high:
        errors["range_high"] = ["The range ends above its beginning."]
    if row.station and (row.station.site_id != row.site_id or row.station.level != Level.STATION):
        errors["station"] = ["Choose a station of this site."]
    if errors:
        raise Invalid(errors)
