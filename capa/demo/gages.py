"""What the demo plant measures with: gages, their calibrations, one overdue, one due soon, one that failed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from capa.demo.people import Crew
from governance import services
from governance.models import Calibration, Characteristic, Gage
from qms.core.actor import Actor
from qms.core.models import Site
from qms.core.trail import acting

RESULTS = {"p": "pass", "a": "adjusted", "f": "fail"}
ENTERED = "Mikael Lund"
NOTES = {
    "a": "As found 1.4 % low, adjusted, as left within 0.2 %.",
    "f": "Stylus worn: reads 9 % low on the reference specimen.",
}


def build(site: Site, characteristics: Mapping[str, Characteristic], *, now: datetime, crew: Crew, by: Actor) -> None:
    """Every gage with its history, in one act; tasks follow for those that are due."""
    with acting(by):
        for row in _rows():
            gage = services.add_gage(
                site=site, code=row["code"], name=row["name"], kind=row["kind"], unit=row["unit"], by=by,
                characteristics=[characteristics[code] for code in row["measures"].split()],
                interval_months=int(row["months"]), serial=f"{row['code'][2:]}-{len(row['name']) * 7919 % 100_000:05d}",
                station=characteristics[row["measures"].split()[0]].station,
                **{name: _figure(row[key]) for name, key in _FIGURES.items()},
            )  # fmt: skip
            *before, newest = row["history"].split()
            Calibration.objects.bulk_create(
                Calibration(
                    gage=gage, result=RESULTS[told[-1]], note=NOTES.get(told[-1], ""), entered_by=ENTERED,
                    entered_at=now - timedelta(days=int(told[:-1])), **_paper(row, told, now),
                )
                for told in before
            )  # fmt: skip
            _calibrate(gage, row, newest, now, by)
            if row["owner"]:
                services.edit_gage(gage, owner=crew.users[row["owner"]], by=by)


_FIGURES = {"resolution": "resolution", "range_low": "low", "range_high": "high"}


def _calibrate(gage: Gage, row: dict[str, str], told: str, now: datetime, by: Actor) -> None:
    """The newest one by the service, so that due date, block and tasks follow."""
    one = services.add_calibration(
        gage, result=RESULTS[told[-1]], note=NOTES.get(told[-1], ""), by=by, **_paper(row, told, now)
    )
    entered = now - timedelta(days=int(told[:-1]))
    Calibration.objects.filter(pk=one.pk).update(entered_at=entered, entered_by=ENTERED)


def _paper(row: dict[str, str], told: str, now: datetime) -> dict[str, Any]:
    """What the certificate says of a day so many days before now."""
    on = (now - timedelta(days=int(told[:-1]))).date()
    number = f"{on:%Y}-{row['code'][2:]}-{on:%m%d}"
    own = row["lab"] if row["lab"].startswith("Norrvik") else ""
    return {"on": on, "certificate": number, "lab": row["lab"], "done_by": own}


def _rows() -> list[dict[str, Any]]:
    with Path(__file__).with_name("gages.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _figure(text: str) -> float | None:
    return float(text) if text else None
