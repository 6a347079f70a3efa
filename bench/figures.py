"""Writes the README's figures from bench/results, so that no number there was ever typed: `python3 -m bench.figures`."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOWN = {
    "cold_start_s": "from nothing made yet to ready (packages on the machine)",
    "second_start_s": "second start",
    "idle_pss_mb": "the whole platform, idle (PSS)",
    "xbar_r_eight_rules_1e6_s": "X-bar/R with eight rules on 1,000,000 subgroups of five",
    "streaming_scalar_points_s": "rules point by point, one core",
    "streaming_fleet_points_s": "rules point by point over many charts at once, one core",
}


def table(results: Path) -> str:
    """The figures that are there, as a Markdown table with goal and what was measured beside them."""
    rows = [row for file in sorted(results.glob("*.json")) for row in json.loads(file.read_text())]
    lines = ["| measured | value | goal |", "|---|---|---|"]
    for row in rows:
        if row["id"] in SHOWN:
            met = "" if row["met"] else ", missed"
            lines.append(f"| {SHOWN[row['id']]} | {row['value']:,.4g} {row['unit']} | {row['goal']:,.4g} {row['unit']}{met} |")
    return "\n".join([*lines, "", "By `python3 manage.py bench NAME` on 2 shared cores; machines differ, so run it on yours."])


def main() -> None:
    """Put the table between the README's two marks."""
    readme = ROOT / "README.md"
    head, rest = readme.read_text().split("<!-- figures -->\n")
    _, tail = rest.split("<!-- /figures -->")
    readme.write_text(f"{head}<!-- figures -->\n{table(ROOT / 'bench' / 'results')}\n<!-- /figures -->{tail}")


if __name__ == "__main__":
    main()
