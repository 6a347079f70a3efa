"""Keeps units running: starts them, waits until they answer, restarts what dies with back-off, stops in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qms.embedded.errors import CannotStart
from qms.embedded.nursery import reap_strangers
from qms.embedded.process import Child, Unit, last_words, report

FIRST_PAUSE, LONGEST_PAUSE, SETTLED_AFTER = 0.2, 5.0, 10.0
BEAT = 0.05


@dataclass
class _Watched:
    unit: Unit
    child: Child
    pause: float = FIRST_PAUSE
    due: float | None = None
    answered: bool = False


class Supervisor:
    """The running units, in the order they were started."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._watched: list[_Watched] = []
        self.stopping = False

    def start(self, units: Sequence[Unit], *, seconds: float) -> None:
        """Start `units` together and wait until each answers."""
        self.begin(units)
        self.wait(seconds=seconds)

    def begin(self, units: Sequence[Unit]) -> None:
        """Start `units` and do not wait."""
        self._watched += [_Watched(unit, Child.start(unit)) for unit in units]

    def wait(self, *, seconds: float) -> None:
        """Wait until every unit has answered once; one that ends before that is reported with its last words."""
        deadline = time.monotonic() + seconds
        while not self.stopping:
            waiting = [watched for watched in self._watched if not _answers(watched)]
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise CannotStart(report(waiting[0].unit, f"does not answer after {seconds:.0f} s"))
            time.sleep(BEAT)

    def children(self) -> list[Child]:
        """Every child that was started last for its unit."""
        return [watched.child for watched in self._watched]

    def runs(self, name: str) -> bool:
        """Whether a unit of this name is being kept."""
        return any(watched.unit.name == name for watched in self._watched)

    def tell(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a unit that runs."""
        for watched in self._watched:
            if watched.unit.name == name and watched.due is None and watched.child.exit_code() is None:
                watched.child.popen.send_signal(number)

    def tend(self, beside: Sequence[Child] = ()) -> bool:
        """One round: notice the dead, start again what is due; whether a process was started.

        `beside` are children that somebody else waits for.
        """
        now, changed = time.monotonic(), False
        reap_strangers({child.pid for child in [*self.children(), *beside]})
        for watched in self._watched:
            if watched.due is None:
                self._notice(watched, now)
            elif now >= watched.due:
                changed |= self._start_again(watched, now)
        return changed

    def _start_again(self, watched: _Watched, now: float) -> bool:
        """Whether it was started; a machine that is short of room or processes now is asked again after a pause."""
        try:
            watched.child, watched.due = Child.start(watched.unit), None
        except OSError as problem:
            self._say(f"{watched.unit.name} could not be started ({problem.strerror}), trying again")
            watched.due, watched.pause = now + watched.pause, min(watched.pause * 2, LONGEST_PAUSE)
            return False
        return True

    def _notice(self, watched: _Watched, now: float) -> None:
        code = watched.child.exit_code()
        if code is None:
            return
        if now - watched.child.started > SETTLED_AFTER:
            watched.pause = FIRST_PAUSE
        watched.due = now + watched.pause
        unit, words = watched.unit, last_words(watched.unit.log, 1)
        said = f", its last words: {words[0].strip()}" if words and code > 0 else ""
        self._say(f"{unit.name} ended ({_how(code)}), starting it again in {watched.pause:.1f} s; see {unit.log}{said}")
        watched.pause = min(watched.pause * 2, LONGEST_PAUSE)

    def stop(self, names: Sequence[str] | None = None) -> None:
        """Stop the named units (all: None) together, each by its own signal, killing what outstays its grace."""
        chosen = [watched for watched in self._watched if names is None or watched.unit.name in names]
        self._watched = [watched for watched in self._watched if watched not in chosen]
        for watched in chosen:
            watched.child.ask_to_stop()
        for watched in chosen:
            if not watched.child.wait_stopped():
                self._say(f"{watched.unit.name} did not stop within {watched.unit.grace:.0f} s and was killed")


def _answers(watched: _Watched) -> bool:
    unit = watched.unit
    if watched.answered:
        return True
    code = watched.child.exit_code()
    if code is not None:
        raise CannotStart(report(unit, f"ended at its start ({_how(code)})"))
    watched.answered = unit.is_ready is None or unit.is_ready()
    return watched.answered


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
