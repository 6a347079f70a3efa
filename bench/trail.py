"""What the trail costs a writer, how far the seal lags, how fast everything is checked; on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from qms.core.backup.restoring import server_in
from qms.embedded import throwaway
from qms.embedded.home import Home
from qms.embedded.postgres import Cluster

ROOT = Path(__file__).resolve().parents[1]
CLIENTS, SECONDS, ROUNDS = 8, 4, 3
_SCRIPT = "\\set id random(1, 2000)\nupdate core_site set name = 'at ' || clock_timestamp() where id = :id;\n"
_SWITCH = "alter table core_site {} trigger trail_update; alter table core_site {} trigger trail_insert_delete"
_MANY = """
set session_replication_role = replica;
insert into core_site select (jsonb_populate_record(s, jsonb_build_object('id', 1000000 + n, 'code', 'B' || n))).*
from core_site s, generate_series(1, 10000) n where s.id = 1;
"""
_BULK = "\\timing on\nupdate core_site set name = 'at ' || clock_timestamp() where id > 1000000;\n"
_AWAY = """
set session_replication_role = replica; delete from core_trail where tbl = 'core_site' and pk > 1000000;
vacuum core_site, core_trail;
"""


def run() -> list[dict[str, Any]]:
    """Rows of figures against their goals."""
    folder = throwaway.make_folder()
    try:
        home = Home(folder / "home")
        home.path.chmod(0o711)
        with server_in(home, durable=True) as cluster:
            found = _inside(home, cluster)
            bulk, kept = _bulk(cluster), _kept(cluster)
    finally:
        throwaway.remove(folder / "home")
        throwaway.remove(folder)
    return [
        _row("trail.verify", found["verify"], "rows/s", 20_000, more=True, beside=found["verified"]),
        _row("trail.seal", found["seal"], "rows/s", 10_000, more=True, beside={"rows": found["rows"]}),
        _row("trail.lag", found["lag"], "s", 2.0, more=False, beside=found["lags"]),
        _row("trail.bulk", bulk["trail"] - bulk["without"], "us/row", 20.0, more=False, beside=bulk),
        _row("trail.kept", 100 * kept["trail"] / kept["without"], "%", 65.0, more=True, beside=kept),
    ]


def _row(name: str, value: float, unit: str, goal: float, *, more: bool, beside: dict[str, Any]) -> dict[str, Any]:
    parts = {part: round(figure, 2) for part, figure in beside.items()}
    met = value >= goal if more else value <= goal
    return {"id": name, "value": round(value, 2), "unit": unit, "goal": goal, "beside": parts, "met": met}


def _inside(home: Home, cluster: Cluster) -> dict[str, Any]:
    """Migrate as the owner, then measure as the application."""
    base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    base |= {"SECRET_KEY": "of-one-bench", "QMS_HOME": str(home.path), "FILES_DIR": str(home.files)}
    migrate = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
    subprocess.run(migrate, check=True, cwd=ROOT, env={**base, "DATABASE_URL": cluster.url("qms_owner")})
    program = [sys.executable, "-m", "bench.trail_load"]
    environment = {**base, "DATABASE_URL": cluster.url("qms_app"), "DJANGO_SETTINGS_MODULE": "qms.settings"}
    done = subprocess.run(program, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _bulk(cluster: Cluster) -> dict[str, float]:
    """Microseconds a row of one statement that changes 10,000, the best of some rounds, with the trail and without."""
    best = {"trail": 1e9, "without": 1e9}
    _psql(cluster, _MANY)
    for _ in range(ROUNDS):
        for name, word in (("without", "disable"), ("trail", "enable")):
            _psql(cluster, _SWITCH.format(word, word))
            said = _psql(cluster, _BULK)
            took = float(said.split("Time: ")[1].split(" ms")[0]) * 1000 / 10_000
            best[name] = min(best[name], took)
            _psql(cluster, _AWAY)
    return best


def _kept(cluster: Cluster) -> dict[str, float]:
    """Changes a second of eight clients, one row a commit, with the trail and without: medians of the rounds."""
    rates: dict[str, list[float]] = {"trail": [], "without": []}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT)
        script.flush()
        for _ in range(ROUNDS):
            for name, word in (("without", "disable"), ("trail", "enable")):
                _psql(cluster, _SWITCH.format(word, word))
                rates[name].append(_pgbench(cluster, script.name))
    return {name: sorted(found)[len(found) // 2] for name, found in rates.items()}


def _pgbench(cluster: Cluster, script: str) -> float:
    words = ["-n", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS), "-f", script, "-h", str(cluster.sockets)]
    said = _program(cluster, "pgbench", [*words, "-U", "postgres", "qms"], "")
    return float(said.split("tps = ")[1].split(" ")[0])


def _psql(cluster: Cluster, text: str) -> str:
    return _program(cluster, "psql", ["-X", "-q", "-h", str(cluster.sockets), "-U", "postgres", "-d", "qms"], text)


def _program(cluster: Cluster, name: str, words: list[str], text: str) -> str:
    environment = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": cluster.passwords["postgres"]}
    command = [str(cluster.programs / name), *words]
    done = subprocess.run(command, check=True, env=environment, input=text, capture_output=True, text=True)
    return done.stdout
