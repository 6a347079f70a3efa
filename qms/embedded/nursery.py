"""The launcher's side of the nursery: ask for processes, adopt them; without it they are started the ordinary way.

Five Python processes that import the same libraries weigh twice what they weigh as forks of one, and start later.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from qms.embedded.forks import TITLE_ROOM
from qms.embedded.process import Process, Unit, opened

_PR_SET_CHILD_SUBREAPER = 36
SCRIPT = Path(__file__).with_name("forks.py")
ANSWER_SECONDS = 5.0


class Adopted:
    """A process that the nursery forked and we adopted: the part of Popen that a child needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """None while it runs, else its exit code (negative: the signal that ended it)."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """One nursery process, as a unit of the supervisor, and what it can start."""

    def __init__(self, preload: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> None:
        padding = "-" * TITLE_ROOM
        argv = [sys.executable, str(SCRIPT), *preload, padding]
        self.unit = Unit("nursery", argv, env, cwd, log, death_signal=signal.SIGKILL, starter=self._open)
        self._popen: subprocess.Popen[bytes] | None = None
        self._ready = False
        _adopt_orphans()

    def start(self, unit: Unit) -> Process:
        """Fork `unit`; the ordinary way where the nursery is away or would give it another environment."""
        if unit.env == self.unit.env and unit.cwd == self.unit.cwd and self.is_ready():
            pid = self._ask(unit)
            if pid:
                return Adopted(pid)
        return opened(unit)

    def is_ready(self) -> bool:
        """Whether it has imported everything."""
        if not self._ready and self._popen and self._popen.poll() is None:
            self._ready = self._read(0) == "ready"
        return self._ready

    def wait_ready(self) -> None:
        """Until it is ready or gone."""
        while self._popen and self._popen.poll() is None and not self.is_ready():
            time.sleep(0.02)

    def close(self) -> None:
        """Hang up: it ends when nobody can ask it any more."""
        for pipe in (self._popen.stdin, self._popen.stdout) if self._popen else ():
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def _open(self, unit: Unit) -> Process:
        self.close()
        self._ready = False
        self._popen = opened(unit, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._popen

    def _ask(self, unit: Unit) -> int:
        request = {"argv": list(unit.argv), "log": str(unit.log), "death_signal": int(unit.death_signal)}
        try:
            assert self._popen
            assert self._popen.stdin
            self._popen.stdin.write(json.dumps(request).encode() + b"\n")
            self._popen.stdin.flush()
            return int(self._read(ANSWER_SECONDS) or 0)
        except (OSError, ValueError):
            self._ready = False
            return 0

    def _read(self, seconds: float) -> str:
        """One line of its answers; empty when none comes in time."""
        assert self._popen
        assert self._popen.stdout
        if not select.select([self._popen.stdout], [], [], seconds)[0]:
            return ""
        return self._popen.stdout.readline().decode().strip()


def reap_strangers(known: set[int]) -> None:
    """Clear away adopted processes that are nobody's child here, such as the workers of a killed web process."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in known:
            return
        os.waitpid(ended.si_pid, os.WNOHANG)


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
