"""The nonconformities of the demo plant: what was found when and where, and how far each has come."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DEFECTS: dict[str, str] = {
    "DIM": "Dimension", "PRS": "Press fit", "COA": "Coating", "LEK": "Leak", "SOL": "Solder", "SUR": "Surface",
    "JOI": "Joining", "MEA": "Measurement", "FUN": "Function", "LAB": "Label", "HAN": "Handling", "MAT": "Material",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One nonconformity: age in days, state, characteristic, defect, nonconforming pieces and the words.

    dispositions: kind and share of the pieces in percent. found: where in the process. cause, size: what the chart of
    the characteristic showed before it, in sigma of the plotted statistic; empty when no signal raised it.
    """

    days: float
    state: str
    code: str
    defect: str
    pieces: int
    title: str
    requirement: str
    actual: str
    dispositions: tuple[tuple[str, int], ...]
    found: str
    severity: str
    cause: str
    size: float


@cache
def findings() -> tuple[Finding, ...]:
    """All of them, the youngest first."""
    with (Path(__file__).parent / "findings.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_finding(row) for row in csv.DictReader(file))


def _finding(row: dict[str, str]) -> Finding:
    shares = tuple((part.split(":")[0], int(part.split(":")[1])) for part in row["what"].split(",") if part)
    cause, _, size = row["signal"].partition("|")
    return Finding(
        days=float(row["days"]), state=row["state"], code=row["code"], defect=row["defect"], pieces=int(row["pieces"]),
        title=row["title"], requirement=row["requirement"], actual=row["actual"], dispositions=shares,
        found=row["found"], severity=row["severity"], cause=cause, size=float(size or 0),
    )  # fmt: skip
