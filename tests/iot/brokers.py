"""The two brokers as devices meet them: Mosquitto from the files of deploy, NATS as the launcher configures it."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qms.embedded import broker, probes
from qms.embedded.home import Home
from qms.embedded.nursery import Nursery
from qms.embedded.process import Process
from qms.embedded.testing import RunningServer
from tests import warm

ROOT = Path(__file__).parents[2]
WHERE = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
MOSQUITTO, CLIENT = shutil.which("mosquitto", path=WHERE), shutil.which("mosquitto_pub", path=WHERE)


def until(come: Callable[[], Any], seconds: float = 30.0, what: str = "it") -> None:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < deadline, f"{what} did not come in {seconds:.0f} s"
        time.sleep(0.1)


@dataclass
class Mosquitto:
    """Mosquitto, started by deploy/mosquitto.sh with deploy/mosquitto.conf, its paths and ports those of a test."""

    folder: Path
    access: Path
    settle = 6.0  # seconds until what it acknowledged is on disk: autosave_interval and some
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Write secrets and configuration, start."""
        subprocess.run([sys.executable, str(ROOT / "deploy/make_secrets.py"), str(self.folder)], check=True)
        self.port, self.inner = probes.free_port(0), probes.free_port(0)
        places = {
            "/mosquitto/run/": f"{self.folder}/",
            "/mosquitto/data/": f"{self.folder}/",
            "listener 1883": f"user {getpass.getuser()}\nlistener {self.port} 127.0.0.1",
            "listener 1884": f"listener {self.inner} 127.0.0.1",
        }
        text = (ROOT / "deploy/mosquitto.conf").read_text()
        for there, here in places.items():
            assert there in text
            text = text.replace(there, here)
        (self.folder / "mosquitto.conf").write_text(text)
        self.password = (self.folder / "mqtt_password").read_text()
        self.url = f"mqtt://plumbline:{self.password}@127.0.0.1:{self.inner}"
        self.start()

    def start(self) -> None:
        """As the container does."""
        places = {
            "RUN_DIR": self.folder,
            "BROKER_ACCESS_DIR": self.access,
            "PLATFORM_PASSWORDS": self.folder / "mqtt_passwords",
        }
        environ = {"PATH": WHERE, **{name: str(place) for name, place in places.items()}}
        command = ["sh", str(ROOT / "deploy/mosquitto.sh"), str(self.folder / "mosquitto.conf")]
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        until(lambda: probes.mqtt_ready(self.inner, "plumbline", self.password), what="Mosquitto")

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def look(self) -> None:
        """Nothing to do: its own loop looks every two seconds."""


class Nats:
    """NATS in a home of its own; `look` is the launcher's glance at the devices."""

    settle = 0.0  # what it acknowledged is on disk

    def __init__(self, folder: Path, access: Path) -> None:
        home = Home(folder)
        assert home.access == access
        self.server = broker.Broker(home, probes.free_port(0), home.secret("mqtt_password"))
        self.port, self.url = self.server.port, self.server.url
        self.running = RunningServer(self.url, self.server.unit(home.logs / "nats.log", os.environ))

    def start(self) -> None:
        self.running.start()

    def kill(self) -> None:
        self.running.kill()

    def stop(self) -> None:
        self.running.stop()

    def look(self) -> None:
        """Load what changed, as the launcher does at every beat."""
        if self.server.news():
            self.running.child.popen.send_signal(signal.SIGHUP)


@dataclass
class Client:
    """A device that uses the clients of Mosquitto."""

    server: Mosquitto | Nats
    user: str
    secret: str

    def publish(self, topic: str, *lines: bytes) -> int:
        """Each line as a message of QoS 1; the client's exit code once the broker has taken them all."""
        command = [str(CLIENT), *self._words(), "-q", "1", "-t", topic, "-l"]
        return subprocess.run(command, input=b"\n".join(lines) + b"\n", timeout=30, capture_output=True).returncode

    @contextmanager
    def listening(self, out: Path) -> Iterator[Path]:
        """Hear the commands to this device; the file gets what its client says."""
        subscriber = ["stdbuf", "--output=L", str(CLIENT).replace("_pub", "_sub")]
        command = [*subscriber, *self._words(), "-t", f"cmd/{self.user}/#", "-d"]
        with out.open("w") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as process:
            try:
                until(lambda: "Subscribed" in out.read_text(), what="the subscription")
                yield out
            finally:
                process.kill()

    def is_known(self) -> bool:
        """Whether the broker lets it in."""
        return probes.mqtt_ready(self.server.port, self.user, self.secret)

    def _words(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.server.port), "-u", self.user, "-P", self.secret, "-i", self.user]


@dataclass
class Worker:
    """`manage.py ingest` at a broker."""

    nursery: Nursery
    url: str
    session: str
    log: Path
    process: Process | None = None

    def start(self) -> None:
        """Start it and wait until it has subscribed."""
        before = self._connections()
        settings = {"DATABASE_URL": os.environ["DATABASE_URL"], "MQTT_URL": self.url}
        words = ("manage.py", "ingest", "--client", self.session)
        self.process = warm.start(self.nursery, self.log, settings, *words)
        until(lambda: self._connections() > before, 60, "the worker")

    def _connections(self) -> int:
        return self.log.read_text().count("connected to") if self.log.exists() else 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None
