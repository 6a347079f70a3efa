"""Writes the table of docs/explanation/growing.md from bench/results: `python3 -m bench.sizing`; no figure is typed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RATES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)  # readings a second
EACH = 100  # readings a message
BUSY = 2 / 3  # of a core; the rest is for pages and for what comes in bursts
OPEN = 8  # days that lie as rows
_PARTS = {"worker": "worker µs", "broker": "mosquitto µs", "database": "postgres µs"}
_MARKS = ("<!-- sizes -->\n", "<!-- /sizes -->")


def costs(rows: list[dict[str, Any]]) -> Mapping[str, float]:
    """CPU-microseconds a reading of each process at a hundred a message, bytes of a reading packed and as a row."""
    by = {row["id"]: row for row in rows}
    beside = by[f"ingest.worker at {EACH} a message"]["beside"]
    closed = {kind: by[f"ingest.closed days, {kind}"] for kind in ("sensors", "doubles")}
    packed = {kind: float(row["value"]) for kind, row in closed.items()}
    parts = {part: float(beside[name]) for part, name in _PARTS.items()}
    return {**parts, **packed, "row": float(closed["doubles"]["beside"]["bytes of a row"])}


def table(found: Mapping[str, float]) -> str:
    """Cores and disk by rate, as a Markdown table."""
    lines = [
        f"| readings/s ({EACH} a message) | cores: worker, broker, database | rows of {OPEN} days | a packed year |",
        "|---|---|---|---|",
    ]
    for rate in RATES:
        cores = ", ".join(_cores(rate * found[part] / 1e6) for part in _PARTS)
        rows = _size(rate * 86_400 * OPEN * found["row"])
        year = " to ".join(_size(rate * 86_400 * 365 * found[kind]) for kind in ("sensors", "doubles"))
        lines.append(f"| {rate:,} | {cores} | {rows} | {year} |")
    return "\n".join(lines)


def _cores(used: float) -> str:
    wanted = used / BUSY
    return f"{wanted:.1g}" if wanted < 1 else f"{math.ceil(wanted):,}"


def _size(count: float) -> str:
    power, unit = next(((p, u) for p, u in ((5, "PB"), (4, "TB")) if count >= 1000**p), (3, "GB"))
    number = count / 1000**power
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.2g} {unit}"


def main() -> None:
    """Put the table between the two marks."""
    file = ROOT / "docs" / "explanation" / "growing.md"
    rows = json.loads((ROOT / "bench" / "results" / "ingest.json").read_text())
    head, rest = file.read_text().split(_MARKS[0])
    _, tail = rest.split(_MARKS[1])
    file.write_text(f"{head}{_MARKS[0]}{table(costs(rows))}\n{_MARKS[1]}{tail}")


if __name__ == "__main__":
    main()
