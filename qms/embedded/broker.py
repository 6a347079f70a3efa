"""The embedded MQTT broker: NATS with its MQTT listener; what it acknowledges is stored before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from qms.embedded import binaries, probes
from qms.embedded.home import Home, read_json
from qms.embedded.process import Unit

USER = "plumbline"
STANDARD_PORT = 1883


@dataclass
class Broker:
    """The broker of one home."""

    home: Home
    port: int
    password: str
    _loaded: tuple[int, int] | None = field(default=None, init=False, repr=False)

    @property
    def access(self) -> Path:
        """The file in which the platform says which devices may sign in."""
        return self.home.access / "nats.json"

    def news(self) -> bool:
        """Whether the devices are no longer those of the configuration; then it is written anew, to be loaded."""
        if self._state() == self._loaded:
            return False
        self.configuration()
        return True

    def _state(self) -> tuple[int, int] | None:
        try:
            found = self.access.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    @property
    def url(self) -> str:
        """The address the platform's own clients use."""
        return f"mqtt://{USER}:{quote(self.password, safe='')}@127.0.0.1:{self.port}"

    def unit(self, log: Path, environ: Mapping[str, str]) -> Unit:
        """The server as a unit of the supervisor."""
        return Unit(
            "nats",
            [str(binaries.nats(environ)), "-c", str(self.configuration())],
            {"LC_ALL": "C", "GOMEMLIMIT": "64MiB", "GOMAXPROCS": "2"},
            Path("/"),
            log,
            is_ready=lambda: probes.mqtt_ready(self.port, USER, self.password),
        )

    def configuration(self) -> Path:
        """The configuration file; NATS reads JSON. Its own port is needed by nobody, so it is any free one.

        Beside the platform's user stand those of the devices, each with its rights.

        `ack_wait`: after this long without an acknowledgement a message is sent again, also what was on its way to an
        ingest worker that died. It may be shorter than a commit takes, because the worker drops what it holds already.
        """
        state = self._state()
        devices = read_json(self.access).get("users", [])
        config = {
            "server_name": "plumbline",
            "host": "127.0.0.1",
            "port": -1,
            "jetstream": {"store_dir": str(self.home.nats), "max_memory_store": 67108864, "max_file_store": 1073741824},
            "mqtt": {"host": "127.0.0.1", "port": self.port, "ack_wait": "10s", "max_ack_pending": 10000},
            "authorization": {"users": [{"user": USER, "password": self.password}, *devices]},
            "max_payload": 1048576,
        }
        written = self.home.write("nats.conf", json.dumps(config, indent=2))
        self._loaded = state
        return written


def broker_in(home: Home) -> Broker:
    """The broker on the port it had last time, else the standard one, else a free one."""
    port = probes.free_port(home.port("mqtt", STANDARD_PORT))
    home.write("ports.json", {**home.read("ports.json"), "mqtt": port})
    return Broker(home, port, home.secret("mqtt_password"))
