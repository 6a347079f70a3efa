"""Writes the README's figures from bench/results: `python3 -m bench.figures`; none is typed."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOWN = {
    "start.cold": "from nothing made yet to ready (packages on the machine)",
    "start.second": "second start",
    "start.memory": "the whole platform, idle (PSS)",
    "workbench.slowest": "the slowest study of 100,000 pasted rows at the page, median",
    "live.sample to point": "a value sent over MQTT until its point is on the open page, 95th percentile",
    "trail.verify": "the whole trail checked: log, signatures, living rows",
    "trail.lag": "a change until it is sealed, at 500 changes a second, 99th percentile",
    "pages.slowest": "the slowest kind of page with 1,000,000 readings and 50,000 records, 95th percentile",
    "ingest.100 a message": "readings durably stored with eight rules on, 100 a message, beside bare COPY",
    "ingest.1 a message": "the same, one a message, beside a bare subscriber on the same broker",
    "ingest.worker at 100 a message": "processor time of the ingest worker for a reading, 100 a message",
    "ingest.100 a message, beside Node-RED": "readings for the same processor time, beside Node-RED, batched by hand",
    "ingest.100 a message, beside paho, json, execute_values": "the same beside the usual Python worker",
    "ingest.reading committed, p99": "a reading until it is committed, at half the highest rate, 99th percentile",
    "ingest.roll-ups kept": "roll-ups, of the processor time of a reading",
    "ingest.closed days, sensors": "a reading of a closed day with its index, sensor-like values",
    "ingest.chart of any span, SQL p95": "a chart of any span of a year of readings, database, 95th percentile",
    "xbar-r, eight rules, 1,000,000 subgroups of 5": "X-bar/R with eight rules on 1,000,000 subgroups of five",
    "xbar-r with eight rules, beside mfgqc 0.3.1": "the same beside mfgqc 0.3.1 at the largest size it finishes",
    "streaming, one point at a time, eight rules": "rules point by point, one core",
    "streaming, 10,000 characteristics a step, eight rules": "rules point by point over many charts at once, one core",
}


def table(results: Path) -> str:
    """The figures that are there, as a Markdown table with goal and what was measured beside them."""
    rows = [row for file in sorted(results.glob("*.json")) for row in json.loads(file.read_text())]
    lines = ["| measured | value | goal |", "|---|---|---|"]
    for row in rows:
        if row["id"] in SHOWN and row["value"] is not None and row["goal"] is not None:
            met = "" if row["met"] else ", missed"
            value, goal = (f"{_plain(row[name])} {row['unit']}" for name in ("value", "goal"))
            lines.append(f"| {SHOWN[row['id']]} | {value} | {goal}{met} |")
    return "\n".join(
        [*lines, "", "By `python3 manage.py bench NAME` on 2 shared cores; machines differ, so run it on yours."]
    )


def _plain(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:,.3g}"


def main() -> None:
    """Put the table between the README's two marks."""
    readme = ROOT / "README.md"
    head, rest = readme.read_text().split("<!-- figures -->\n")
    _, tail = rest.split("<!-- /figures -->")
    readme.write_text(f"{head}<!-- figures -->\n{table(ROOT / 'bench' / 'results')}\n<!-- /figures -->{tail}")


if __name__ == "__main__":
    main()
