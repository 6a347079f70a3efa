"""How soon the workbench answers for 100,000 rows: pasted into the page over HTTP, study by study, as a browser sends.

QMS_BENCH_HOME names a running instance; without it one is started and taken away. Every figure is the median of
QMS_BENCH_REPEATS (7) whole answers after a first one. Beside it: the same page with ten rows, the processor time the
web processes used for one answer, and `load`, how busy the machine was meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench import start
from bench.house import Answer, House, Visitor, house

ROWS, GOAL, KEPT, SEED = 100_000, 500.0, 1000.0, 20_261_121
REPEATS = int(os.environ.get("QMS_BENCH_REPEATS", "7"))
PAGE = "/analytics/workbench/"
BOUNDARY = "plumbline-bench"
Sent = Mapping[str, str]


def run() -> list[dict[str, Any]]:
    """Rows of milliseconds: each study by the page, then one kept as a record by API, and the slowest page."""
    with house() as plant:
        person = plant.person("engineer")
        visitor = Visitor(plant.ready["url"])
        visitor.enter(person["email"], person["password"])
        token = _token(visitor)
        rows = []
        for name, fields in _studies().items():
            few = _page(visitor, token, {**fields, "text": "\n".join(fields["text"].split("\n")[:11])})
            rows.append(_row(name, _page(visitor, token, fields), few, plant))
        few = _api(Visitor(plant.ready["url"]), person["token"], 10)
        kept = _row("kept by API", _api(Visitor(plant.ready["url"]), person["token"], ROWS), few, plant, goal=KEPT)
    slowest = max(rows, key=lambda row: float(row["value"]))
    told = {**slowest, "id": "workbench.slowest", "beside": {"study": slowest["id"], **slowest["beside"]}}
    return [*rows, kept, told]


def _studies() -> dict[str, Sent]:
    """What is typed into the page: seeded data of 100,000 rows for each study that takes so many."""
    rng = np.random.default_rng(SEED)
    force, second = rng.normal(8.6, 0.1, ROWS), rng.normal(20.0, 0.5, ROWS)
    machines = [f"Press {i}" for i in rng.integers(1, 5, ROWS)]
    one = "Force [kN]\n" + "\n".join(f"{value:.3f}" for value in force)
    two = "Force [kN]\tTravel [mm]\n" + "\n".join(f"{a:.3f}\t{b:.3f}" for a, b in zip(force, second, strict=True))
    grouped = "Press\tForce [kN]\n" + "\n".join(f"{a}\t{b:.3f}" for a, b in zip(machines, force, strict=True))
    counted = "Found\tInspected\n" + "\n".join(f"{a}\t200" for a in rng.binomial(200, 0.02, ROWS))
    return {
        "control chart of readings": {"study": "readings", "text": one},
        "control chart of subgroups of five": _recipe("readings", one, role_values="Force", set_size="5"),
        "control chart of counts": {"study": "counts", "text": counted},
        "capability": _recipe("capability", one, role_values="Force", set_lsl="8.2", set_usl="9.0"),
        "trend and change": {"study": "trend", "text": one},
        "T squared": {"study": "t2", "text": two},
        "correlation": {"study": "correlation", "text": two},
        "regression": {"study": "regression", "text": two},
        "comparison of groups": {"study": "anova", "text": grouped},
        "Pareto": {"study": "pareto", "text": "Press\n" + "\n".join(machines)},
    }


def _recipe(study: str, text: str, **fields: str) -> Sent:
    return {"study": study, "recipe": study, "text": text, **fields}


def _token(visitor: Visitor) -> str:
    page = visitor.get(PAGE).body.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return found[1] if found else ""


def _page(visitor: Visitor, token: str, fields: Sent) -> Callable[[], Answer]:
    given = {"csrfmiddlewaretoken": token, "source": "text", "do": "read", **fields}
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n' for name in given]
    lines = (part + value.replace("\n", "\r\n") + "\r\n" for part, value in zip(parts, given.values(), strict=True))
    body = "".join(lines) + f"--{BOUNDARY}--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Origin": visitor.url.geturl()}
    return lambda: visitor.ask("POST", PAGE, body=body, headers=headers)


def _api(visitor: Visitor, token: str, rows: int) -> Callable[[], Answer]:
    values = np.random.default_rng(SEED).normal(8.6, 0.1, rows).round(3).tolist()
    sent = {"title": "Bench", "study": "readings", "save": False, "columns": [{"name": "Force", "values": values}]}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    site = json.loads(visitor.ask("GET", "/api/v1/sites/", headers=headers).body)["results"][0]["id"]
    body = json.dumps({**sent, "site": site})
    return lambda: visitor.ask("POST", "/api/v1/spc/analyses/", body=body, headers=headers)


def _row(
    name: str, ask: Callable[[], Answer], few: Callable[[], Answer], plant: House, *, goal: float = GOAL
) -> dict[str, Any]:
    answer = ask()
    if answer.status not in (200, 201):
        raise SystemExit(f"{name} answered {answer.status}: {_said(answer)}")
    small = statistics.median(_whole(few) for _ in range(REPEATS))
    used = _processor(plant)
    times = [_whole(ask) for _ in range(REPEATS)]
    used = (_processor(plant) - used) / REPEATS
    value = statistics.median(times)
    beside = {"ten rows": small, "processor": used, "slowest": max(times), "kB": len(answer.body) / 1000}
    told = {key: round(figure, 1) for key, figure in {**beside, "load": os.getloadavg()[0]}.items()}
    row = {"id": f"workbench.{name}", "value": round(value, 1), "unit": "ms", "goal": goal, "beside": told}
    print(f"{row['id']}: {row['value']} ms, {told}", file=sys.stderr, flush=True)
    return {**row, "met": value <= goal}


def _whole(ask: Callable[[], Answer]) -> float:
    return ask().whole * 1000


def _processor(plant: House) -> float:
    """Milliseconds of processor time that the web processes have used until now."""
    top = json.loads((plant.home / "children.json").read_text())["web"][0]
    total = 0
    for pid in [top, *start.below(top)]:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * 1000 / os.sysconf("SC_CLK_TCK")


def _said(answer: Answer) -> str:
    """What the page says is wrong."""
    text = answer.body.decode(errors="replace")
    found = re.findall(r'role="alert"[^>]*>([^<]+)<', text)
    return "; ".join(found) or text[:300]
