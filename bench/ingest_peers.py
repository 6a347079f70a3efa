"""What else brings readings from MQTT into PostgreSQL: the usual Python worker, and Node-RED with hand-made batches.

Both subscribe at QoS 1 and insert a thousand readings at a time into a table like ours. Neither judges anything. The
Python worker acknowledges after its commit; Node-RED's client acknowledges on receipt. QMS_BENCH_NODERED names a folder
in which npm has installed node-red and pg; without it they are installed into one that is thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bench.ingest_floor import Floor
from qms.embedded import probes

NODE_RED = ("node-red@4.1.15", "pg@8.16.3")
TOGETHER = 1000
INSERT = "insert into {table} (t, value, received, parameter_id) {values} on conflict do nothing"
_SETTLE = 1.5

PYTHON = """
import json, sys
from datetime import datetime, timezone
from urllib.parse import urlsplit
import paho.mqtt.client as paho, psycopg2
from psycopg2.extras import execute_values

url, dsn, table, topic = sys.argv[1:]
link, rows, held, known = psycopg2.connect(dsn), [], [], {}

def moment(us):
    return datetime.fromtimestamp(us / 1e6, timezone.utc)

def keep(client):
    with link.cursor() as cursor:
        execute_values(cursor, "insert into " + table + " (t, value, received, parameter_id) values %s"
                       " on conflict do nothing", rows, page_size=1000)
    link.commit()
    for one in held:
        client.ack(one.mid, one.qos)
    rows.clear(), held.clear()

def heard(client, _, message):
    told, now = json.loads(message.payload), datetime.now(timezone.utc)
    for ts, p, v in zip(told["ts"], told["p"], told["v"]):
        rows.append((moment(ts), v, now, known.setdefault(message.topic + "/" + p, len(known))))
    held.append(message)
    if len(rows) >= 1000:
        keep(client)

client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="python", manual_ack=True)
client.on_message = heard
client.on_connect = lambda client, *_: client.subscribe(topic, 1)
client.on_subscribe = lambda *_: print("ready", flush=True)
where = urlsplit(url)
client.connect(where.hostname, where.port)
client.loop_forever()
"""

FUNCTION = """
const told = msg.payload, known = context.get('known') || {}, rows = context.get('rows') || [[], [], []];
for (let i = 0; i < told.ts.length; i++) {
  const name = msg.topic + '/' + told.p[i];
  if (!(name in known)) known[name] = Object.keys(known).length;
  rows[0].push(told.ts[i] / 1e6); rows[1].push(told.v[i]); rows[2].push(known[name]);
}
context.set('known', known);
if (rows[0].length < TOGETHER) { context.set('rows', rows); return; }
context.set('rows', null);
global.get('pool').query(`INSERT`, rows).catch(error => node.error(error));
"""


@contextmanager
def python(floor: Floor, url: str, table: str) -> Iterator[int]:
    """The usual worker: paho-mqtt, json, execute_values. Yields its process id."""
    command = [sys.executable, "-c", PYTHON, url, floor.cluster.url("qms_owner"), table, "python/#"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise OSError("the Python worker did not start")
            yield process.pid
        finally:
            process.kill()


@contextmanager
def node_red(floor: Floor, url: str, table: str) -> Iterator[int]:
    """Node-RED with an `mqtt in` node and a function that gathers and inserts. Raises OSError when there is none."""
    folder = _installed(floor.folder)
    home = floor.folder / "nodered"
    home.mkdir(exist_ok=True)
    _configure(home, folder, floor, url, table)
    log, port = home / "log", probes.free_port(0)
    command = ["node", str(folder / "node_modules/node-red/red.js"), "-u", str(home), "-p", str(port)]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            deadline = time.monotonic() + 60
            while "Connected to broker" not in log.read_text():
                if time.monotonic() > deadline or process.poll() is not None:
                    raise OSError(f"Node-RED did not start: {log.read_text()[-500:]}")
                time.sleep(0.2)
            time.sleep(_SETTLE)
            yield process.pid
        finally:
            process.kill()


def _installed(folder: Path) -> Path:
    if kept := os.environ.get("QMS_BENCH_NODERED"):
        return Path(kept)
    if not shutil.which("npm"):
        raise OSError("npm is not installed")
    place = folder / "npm"
    place.mkdir(exist_ok=True)
    if not (place / "node_modules" / "node-red").exists():
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), *NODE_RED]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=180)
        if done.returncode:
            raise OSError(f"npm could not install Node-RED: {done.stderr[-300:]}")
    return place


def _configure(home: Path, modules: Path, floor: Floor, url: str, table: str) -> None:
    database, broker = urlsplit(floor.cluster.url("qms_owner")), urlsplit(url)
    login = {"user": database.username, "password": database.password, "database": database.path[1:],
             "host": parse_qs(database.query)["host"][0], "max": 4}  # fmt: skip
    pg = json.dumps(str(modules / "node_modules/pg"))
    (home / "settings.js").write_text(
        f"const {{Pool}} = require({pg});\nmodule.exports = {{flowFile: 'flows.json', httpAdminRoot: false,"
        f" functionGlobalContext: {{pool: new Pool({json.dumps(login)})}}}};\n"
    )
    values = "select to_timestamp(t), v, now(), p from unnest($1::float8[], $2::float8[], $3::int[]) x(t, v, p)"
    insert = INSERT.format(table=table, values=values)
    text = FUNCTION.replace("TOGETHER", str(TOGETHER)).replace("INSERT", insert)
    flows = [
        {"id": "tab", "type": "tab", "label": "bench"},
        {"id": "broker", "type": "mqtt-broker", "broker": broker.hostname, "port": str(broker.port),
         "clientid": "nodered", "protocolVersion": "4", "keepalive": "60", "cleansession": True},
        {"id": "in", "type": "mqtt in", "z": "tab", "topic": "nodered/#", "qos": "1", "datatype": "json",
         "broker": "broker", "wires": [["keep"]]},
        {"id": "keep", "type": "function", "z": "tab", "func": text, "outputs": 0, "wires": []},
    ]  # fmt: skip
    (home / "flows.json").write_text(json.dumps(flows))
