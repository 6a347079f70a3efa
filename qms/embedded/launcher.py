"""`up`: servers, migration, demo data, processes, the address; then keeping it all alive until it is told to stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qms.embedded import assets, leftovers, probes, services
from qms.embedded.environment import Addresses, application_environment, argv_of
from qms.embedded.errors import CannotStart
from qms.embedded.home import Home
from qms.embedded.nursery import Nursery
from qms.embedded.process import Child, Unit, report, roll
from qms.embedded.servers import Servers
from qms.embedded.services import Service, Step
from qms.embedded.stamps import CODE, digest
from qms.embedded.supervisor import BEAT, Supervisor

WEB_PORT = 8000


@dataclass(frozen=True)
class Options:
    """What `up` was asked for."""

    home: Path
    port: int | None = None
    demo: bool = False
    empty: bool = False


class StopRequested(Exception):
    """A signal came while starting."""


class Launcher:
    """One run of `up` on one home."""

    def __init__(self, options: Options, root: Path, environ: Mapping[str, str]) -> None:
        self.options, self.root, self.environ = options, root, environ
        self.home = Home(options.home)
        self.supervisor = Supervisor(self.say)
        self.servers = Servers(self.home, environ, self.log)
        self._began = time.monotonic()
        self._steps: list[Child] = []
        self._unwritten = False
        self._said = ""

    def say(self, text: str) -> None:
        """A progress line with the seconds since the start."""
        try:
            print(f"[{time.monotonic() - self._began:6.1f}s] {text}", flush=True)
        except OSError:  # the terminal is gone, the platform goes on
            return

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.home.logs / f"{name}.log"

    def run(self) -> None:
        """Start, keep alive, stop. Raises CannotStart with nothing left running."""
        self.home.lock()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._start()
            self._keep_alive()
        except StopRequested:
            self.say("stopping before it was ready")
        finally:
            self._stop()

    def _on_signal(self, *_: object) -> None:
        self.supervisor.stopping = True

    def _checkpoint(self) -> None:
        self._note_children()
        if self.supervisor.stopping:
            raise StopRequested

    def _note_children(self) -> None:
        running = [*self.supervisor.children(), *self._steps]
        leftovers.record(self.home, {child.unit.name: child.pid for child in running})

    def _start(self) -> None:
        self._refuse_mixed_use()
        leftovers.end(self.home)
        for log in self.home.logs.glob("*.log"):
            roll(log)
        port = self._web_port()
        addresses = self._start_servers(port)
        self._prepare(addresses)
        self._start_processes(port)
        self._announce(port, addresses)

    @property
    def _demo(self) -> bool:
        return self.options.demo or (self.home.path / "demo.json").exists()

    def _refuse_mixed_use(self) -> None:
        if self.options.empty and (self.home.path / "demo.json").exists():
            raise CannotStart(f"{self.home.path} holds the demo plant: leave out --empty, or choose another --home.")

    def _start_servers(self, port: int) -> Addresses:
        """Start the servers, and the nursery beside them: it imports while they come up and the database migrates."""
        for line in self.servers.in_use():
            self.say(line)
        units = self.servers.prepare()
        addresses = self.servers.addresses()
        self._env = application_environment(
            self.home, addresses, self.environ, port=port, demo=self._demo, empty=self.options.empty
        )
        self.nursery = Nursery(services.PRELOAD, self._env, self.root, self.log("nursery"))
        self.supervisor.begin([*units, self.nursery.unit])
        self.supervisor.wait(seconds=120)
        self._checkpoint()
        self.servers.finish()
        if units:
            self.say(f"{', '.join(unit.name for unit in units)} ready")
        return addresses

    def _web_port(self) -> int:
        wanted = self.options.port or self.home.port("web", WEB_PORT)
        port = probes.free_port(wanted, insist=self.options.port is not None)
        self.home.write("ports.json", {**self.home.read("ports.json"), "web": port})
        return port

    def _prepare(self, addresses: Addresses) -> None:
        """Migrate and collect the assets (skipped when neither code nor database changed), make demo data once."""
        built = self.root / assets.BUILT
        code = digest(self.root, CODE) + addresses.database + (built.read_text() if built.exists() else "")
        if self.home.read("prepared.json").get("code") != code:
            owner = {"DATABASE_URL": addresses.owner}
            self._run_steps({services.MIGRATE: owner, services.COLLECT: {}})
            self.home.write("prepared.json", {"code": code})
            self.say("database migrated, pages' assets collected")
        if self.options.demo and not (self.home.path / "demo.json").exists():
            self._run_steps({services.DEMO: {}})
            self.say("demo plant made")

    def _run_steps(self, steps: Mapping[Step, Mapping[str, str]]) -> None:
        """Run commands side by side to their end; the last words of one that fails are shown."""
        start = self.nursery.start  # a fork where it has imported everything already
        units = [self._unit(step.name, step.command, extra, starter=start) for step, extra in steps.items()]
        for unit in units:
            unit.log.unlink(missing_ok=True)
        self._steps = [Child.start(unit) for unit in units]
        self._checkpoint()
        while None in (codes := [child.exit_code() for child in self._steps]):
            if self.supervisor.stopping:
                raise StopRequested
            self.supervisor.tend(beside=self._steps)
            time.sleep(BEAT)
        self._steps = []
        for unit, code in zip(units, codes, strict=True):
            if code != 0:
                raise CannotStart(report(unit, f"failed (exit code {code})"))

    def _unit(self, name: str, command: str, extra: Mapping[str, str] | None = None, **more: Any) -> Unit:
        return Unit(name, argv_of(command), {**self._env, **(extra or {})}, self.root, self.log(name), **more)

    def _service_unit(self, service: Service) -> Unit:
        end, start = service.death_signal, self.nursery.start
        return self._unit(service.name, service.command, death_signal=end, nice=service.nice, starter=start)

    def _start_processes(self, port: int) -> None:
        """All are forks of the nursery; the first page is what a person waits for."""
        self.nursery.wait_ready()
        web = replace(self._service_unit(services.WEB), is_ready=lambda: probes.web_ready(port, services.HEALTH_PATH))
        wanted = [service for service in services.SERVICES if self._demo or not service.demo_only]
        others = [self._service_unit(service) for service in wanted if service is not services.WEB]
        self.supervisor.begin([web, *others])
        self.supervisor.wait(seconds=180)
        self._checkpoint()

    def _announce(self, port: int, addresses: Addresses) -> None:
        url = f"http://127.0.0.1:{port}"
        people = self._write_ready(url, addresses)
        self.say("ready")
        lines = [
            f"Plumbline runs at {url}  (Ctrl-C stops it; data and logs in {self.home.path})",
            *(["Sign in as one of"] if people else []),
            *sign_in_lines(people),
        ]
        try:
            print("\n".join(lines), flush=True)
        except OSError:
            return

    def _write_ready(self, url: str, addresses: Addresses) -> list[dict[str, Any]]:
        demo = self.home.read("demo.json")
        people: list[dict[str, Any]] = demo.get("people", [])
        self.home.write("owner.json", {"database_url": addresses.owner})
        self.home.write(
            "ready.json",
            {
                "url": url,
                "mqtt_url": addresses.mqtt,
                "database_url": addresses.database,
                "redis_url": addresses.redis,
                "pid": os.getpid(),
                **({"people": people} if people else {}),
            },
        )
        return people

    def _keep_alive(self) -> None:
        while not self.supervisor.stopping:
            started = self.supervisor.tend()
            try:
                self._follow(started)
            except OSError as problem:
                self._say_once(f"cannot write to {self.home.path} ({problem.strerror}): make room there")
            time.sleep(BEAT)

    def _follow(self, started: bool) -> None:
        """Write down what changed. A full disk must not end what runs: it is said, and tried again."""
        if started or self._unwritten:
            self._unwritten = True
            self._note_children()
            self._unwritten = False
        self._start_late_simulator()
        if self.servers.broker and self.servers.broker.news():
            self.supervisor.tell("nats", signal.SIGHUP)  # it reads its configuration again

    def _say_once(self, text: str) -> None:
        if text != self._said:
            self.say(text)
        self._said = text

    def _start_late_simulator(self) -> None:
        """The demo plant may be chosen on the first page, long after the start."""
        name = services.SIMULATOR.name
        if self.options.empty or self.supervisor.runs(name) or not (self.home.path / "demo.json").exists():
            return
        ready = self.home.read("ready.json")
        self.home.write("ready.json", {**ready, "people": self.home.read("demo.json").get("people")})
        self.supervisor.begin([self._service_unit(services.SIMULATOR)])
        self._unwritten = True

    def _stop(self) -> None:
        self.home.ready.unlink(missing_ok=True)
        for child in self._steps:
            child.ask_to_stop()
            child.wait_stopped()
        self.supervisor.stop(["nursery", *(service.name for service in services.SERVICES)])
        self.supervisor.stop(["nats", "valkey"])
        self.supervisor.stop()
        with suppress(OSError):  # a full disk: what is written down tells dead processes from living ones anyway
            leftovers.record(self.home, {})
        self.servers.tidy()
        self.say("stopped")


def sign_in_lines(people: list[dict[str, Any]]) -> list[str]:
    """How to sign in, one line a person of the demo."""
    return [f"  {who['email']}  {who['password']}  ({', '.join(who['roles'])})" for who in people]
