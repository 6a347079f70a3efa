"""One child process: started so that it cannot outlive the launcher, stopped with everything it started itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from qms.embedded.account import Account
from qms.embedded.fate import die_with_parent

_LOG_LIMIT = 10_000_000


class Process(Protocol):
    """The part of Popen that a child needs."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...

    def kill(self) -> None: ...


@dataclass(frozen=True)
class Unit:
    """What to start and how it ends: argv, environment, account, signals, readiness.

    `death_signal` is what the kernel sends when the launcher is killed; with `nice` others go first.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    grace: float = 8.0
    nice: int = 0
    is_ready: Callable[[], bool] | None = None
    starter: Callable[[Unit], Process] | None = None


@dataclass
class Child:
    """A started unit."""

    unit: Unit
    popen: Process
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, unit: Unit) -> Child:
        """Start it in a session of its own: Ctrl-C reaches the launcher alone, which stops children in order."""
        child = cls(unit, unit.starter(unit) if unit.starter else opened(unit))
        if unit.nice:
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, 0) + unit.nice)
        return child

    @property
    def pid(self) -> int:
        """Process id, also the id of its process group."""
        return self.popen.pid

    def exit_code(self) -> int | None:
        """None while it runs; clears away what it left behind once it has ended."""
        code = self.popen.poll()
        if code is not None:
            self._kill_group()
        return code

    def ask_to_stop(self) -> None:
        """Send the unit's own stop signal."""
        if self.popen.poll() is None:
            self.popen.send_signal(self.unit.stop_signal)

    def wait_stopped(self) -> bool:
        """Wait its grace time, then kill the whole group; whether it went by itself."""
        try:
            self.popen.wait(self.unit.grace)
        except subprocess.TimeoutExpired:
            return False
        else:
            return True
        finally:
            self._kill_group()
            self.popen.wait()

    def _kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def opened(unit: Unit, stdin: int = subprocess.DEVNULL, stdout: int | None = None) -> subprocess.Popen[bytes]:
    """Start a unit as a process of its own; its output goes to its log unless `stdout` is given."""
    account = unit.account
    with unit.log.open("ab") as log:
        return subprocess.Popen(
            [str(word) for word in unit.argv],
            stdin=stdin,
            stdout=log if stdout is None else stdout,
            stderr=log,
            env=dict(unit.env),
            cwd=unit.cwd,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent(unit.death_signal),  # noqa: PLW1509 - there are no threads here
        )


def last_words(log: Path, lines: int = 12) -> list[str]:
    """The end of a log file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8_000))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        return []


def report(unit: Unit, what: str) -> str:
    """A sentence about a unit, followed by the end of its log."""
    return "\n".join([f"{unit.name} {what}; the end of {unit.log}:", *last_words(unit.log)])


def roll(log: Path) -> None:
    """Keep one older generation of a log that has grown large."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
