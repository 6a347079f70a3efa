"""Import characteristics with their stations, parameters and parts from a table: every row or none."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from governance.models import HEARD, Characteristic, Parameter, Part, ValueKind
from governance.services.equipment import station_of
from governance.services.measurement import add_characteristic, add_parameter
from governance.services.parts import add_part
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Site
from qms.core.trail import acting

COLUMNS = (
    "topic", "code", "name", "unit", "kind", "chart", "subgroup_size", "lsl", "target", "usl", "decimals", "part",
)  # fmt: skip
MOST_ROWS, MOST_SAID = 5_000, 20
_WHOLE, _FRACTION = ("subgroup_size", "decimals"), ("lsl", "target", "usl")


@dataclass(frozen=True)
class Imported:
    """How many characteristics are new, and how many were there already and stay as they are."""

    added: int
    present: int


def import_characteristics(text: str, *, site: Site, by: Actor) -> Imported:
    """Take a CSV table with a heading (see COLUMNS; only `topic` and `code` are needed) in one act.

    Comma or semicolon between the fields; with semicolons a number may have a decimal comma. `topic` reads
    site/area/line/station/parameter. Raises Denied, or Invalid with the line and the column of each problem.
    """
    by.require("characteristic.edit", site.pk)
    with acting(by, reason="import"):
        outcomes: list[bool] = []
        problems: list[str] = []
        for line, row in _rows(text):
            try:
                with acting(by):
                    outcomes.append(_take(row, site, by))
            except Invalid as problem:
                problems += [f"Line {line}, {name}: {' '.join(said)}" for name, said in problem.errors.items()]
        if problems:
            more = len(problems) - MOST_SAID
            raise Invalid({"file": [*problems[:MOST_SAID], *([f"And {more} more."] if more > 0 else [])]})
    return Imported(added=sum(outcomes), present=len(outcomes) - sum(outcomes))


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """The rows with their line numbers, each field by its column."""
    text = text.removeprefix("\ufeff")
    semicolons = ";" in text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if semicolons else ",", restkey="")
    heads = [head.strip().lower() for head in reader.fieldnames or ()]
    if unknown := [head for head in heads if head not in COLUMNS]:
        raise Invalid({"file": [f"Line 1: unknown column {', '.join(unknown)}. Known are {', '.join(COLUMNS)}."]})
    if missing := [head for head in ("topic", "code") if head not in heads]:
        raise Invalid({"file": [f"Line 1: the column {' and '.join(missing)} is missing."]})
    reader.fieldnames = heads
    rows = []
    for row in reader:
        if "" in row:
            raise Invalid({"file": [f"Line {reader.line_num}: more fields than columns."]})
        fields = {name: (value or "").strip() for name, value in row.items()}
        if semicolons:
            fields |= {name: fields[name].replace(",", ".") for name in _FRACTION if name in fields}
        if any(fields.values()):
            rows.append((reader.line_num, fields))
        if len(rows) > MOST_ROWS:
            raise Invalid({"file": [f"There are more than {MOST_ROWS:,} rows. Import them in parts."]})
    if not rows:
        raise Invalid({"file": ["There is no row below the heading."]})
    return rows


def _take(row: dict[str, str], site: Site, by: Actor) -> bool:
    """Make what a row names; False when its characteristic is there already."""
    if not row["code"]:
        raise Invalid({"code": ["Enter the code of the characteristic."]})
    if Characteristic.objects.filter(site=site, code=row["code"]).exists():
        return False
    numbers: dict[str, Any] = {name: _number(row, name, int) for name in _WHOLE}
    numbers |= {name: _number(row, name, float) for name in _FRACTION}
    given = {name: value for name, value in numbers.items() if value is not None}
    if chart := row.get("chart", "").lower():
        given["chart"] = chart
    if number := row.get("part", ""):
        found = Part.objects.filter(site=site, number=number).order_by("-active", "-pk").first()
        given["part"] = found or add_part(site=site, number=number, name=number, by=by)
    parameter = _parameter(row, site, by)
    name = row.get("name") or parameter.name
    add_characteristic(parameter=parameter, code=row["code"], name=name, by=by, **given)
    return True


def _parameter(row: dict[str, str], site: Site, by: Actor) -> Parameter:
    path = row["topic"].strip("/").lower()
    if found := Parameter.objects.filter(site=site, path=path).first():
        return found
    kind = row.get("kind") or ValueKind.FLOAT
    if kind not in dict(HEARD):
        raise Invalid({"kind": [f"Choose one of {', '.join(dict(HEARD))}."]})
    station = station_of(site, path, by=by)
    return add_parameter(
        site=site, path=path, station=station, by=by, name=row.get("name", ""), unit=row.get("unit", ""), kind=kind
    )


def _number(row: dict[str, str], name: str, kind: type[int | float]) -> int | float | None:
    text = row.get(name, "")
    try:
        return kind(text) if text else None
    except ValueError:
        whole = "whole number" if kind is int else "number"
        raise Invalid({name: [f"“{text[:40]}” is no {whole}."]}) from None
