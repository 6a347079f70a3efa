"""PostgreSQL, Valkey and the MQTT broker of a home, or the ones whose addresses were given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qms.embedded import broker, postgres, valkey
from qms.embedded.broker import Broker
from qms.embedded.environment import OWNER, Addresses, is_libpq
from qms.embedded.home import Home
from qms.embedded.postgres import Cluster
from qms.embedded.process import Unit

GIVEN = {"DATABASE_URL": "PostgreSQL", "REDIS_URL": "Valkey", "MQTT_URL": "the MQTT broker"}


@dataclass
class Servers:
    """What the platform stands on."""

    home: Home
    environ: Mapping[str, str]
    log: Callable[[str], Path]
    cluster: Cluster | None = field(default=None, init=False)
    broker: Broker | None = field(default=None, init=False)

    def in_use(self) -> list[str]:
        """Says which servers of the shell's environment are used, and what of it is not."""
        given = [f"using {server} of {name}" for name, server in GIVEN.items() if name in self.environ]
        ignored = sorted(name for name in self.environ if is_libpq(name))
        if ignored and "DATABASE_URL" not in self.environ:
            given.append(f"{', '.join(ignored)} of this shell: not used, PostgreSQL is the embedded one")
        return given

    def prepare(self) -> list[Unit]:
        """Make what is missing on disk and say which servers are to be started."""
        units = []
        if "DATABASE_URL" not in self.environ:
            self.cluster = postgres.cluster_in(self.home, self.environ)
            self.cluster.end_leftover()
            if self.cluster.initialise():
                self.home.forget("roles.json", "prepared.json")
            units.append(self.cluster.unit(self.log("postgres")))
        if "REDIS_URL" not in self.environ:
            units.append(valkey.unit(self.home, self.log("valkey"), self.environ))
        if "MQTT_URL" not in self.environ:
            self.broker = broker.broker_in(self.home)
            units.append(self.broker.unit(self.log("nats"), self.environ))
        return units

    def finish(self) -> None:
        """Once they run: the database and its roles, again only when their definition changed."""
        digest = postgres.roles_digest()
        if self.cluster and self.home.read("roles.json").get("digest") != digest:
            self.cluster.apply_roles()
            self.home.write("roles.json", {"digest": digest})

    def addresses(self) -> Addresses:
        """Where they are reached."""
        given, cluster = self.environ, self.cluster
        database = cluster.url("qms_app") if cluster else given["DATABASE_URL"]
        owner = cluster.url("qms_owner") if cluster else given.get(OWNER, database)
        redis = given.get("REDIS_URL") or valkey.url(valkey.socket_of(self.home))
        return Addresses(database, owner, redis, self.broker.url if self.broker else given["MQTT_URL"])

    def tidy(self) -> None:
        """Nothing is kept in temporary folders once the servers are down."""
        folders = [self.home.path / "run", *([self.cluster.folder / "run"] if self.cluster else [])]
        for folder in folders:
            note = folder / "moved-to"
            if note.exists() and not any(Path(note.read_text()).glob("*")):
                Path(note.read_text()).rmdir()
                note.unlink()
