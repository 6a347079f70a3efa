"""The ingest worker as it runs, with a sampler in it: `python -m bench.ingest_worker FILE` and the words of `ingest`.

Every few milliseconds of processor time it notes what each thread used since and where it stands. At SIGUSR1 the
seconds of each function of the platform are written to FILE and begin anew. It takes less than one part in a hundred.
"""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

from django.core.management import execute_from_command_line

EVERY = 0.004  # seconds of processor time
ROOT = f"{Path(__file__).resolve().parents[1]}/"
OURS = ("iot/", "spc/", "qms/", "governance/")
MOST = 25


class Sampler:
    """Seconds by function."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.spent: dict[str, float] = defaultdict(float)
        self.known: dict[int, float] = {}  # thread -> its seconds at the last look

    def start(self) -> None:
        """Look from now on."""
        signal.signal(signal.SIGPROF, self.look)
        signal.signal(signal.SIGUSR1, self.tell)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def look(self, _number: int, standing: FrameType | None) -> None:
        """Give what each thread used since the last look to the function it is in."""
        frames, here = sys._current_frames(), threading.get_ident()  # noqa: SLF001 - there is no other way
        for thread in threading.enumerate():
            number = thread.ident
            if number is None or not thread.is_alive():
                continue
            used = time.clock_gettime(time.pthread_getcpuclockid(number))
            took, self.known[number] = used - self.known.get(number, 0.0), used
            if took > 0:
                self.spent[_place(standing if number == here else frames.get(number))] += took

    def tell(self, *_: object) -> None:
        """Write and begin anew."""
        most = sorted(self.spent.items(), key=lambda one: -one[1])[:MOST]
        fresh = self.out.with_suffix(".new")
        fresh.write_text(json.dumps({"all": sum(self.spent.values()), "functions": dict(most)}))
        fresh.rename(self.out)
        self.spent.clear()


def _place(frame: FrameType | None) -> str:
    """The innermost function of the platform, or what runs where there is none."""
    last = frame
    while frame is not None:
        name = frame.f_code.co_filename.removeprefix(ROOT)
        if name.startswith(OURS):
            return f"{name.removesuffix('.py').replace('/', '.')}.{frame.f_code.co_name}"
        frame = frame.f_back
    return last.f_code.co_name if last else "ended"


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR2)  # says where every thread stands
    Sampler(Path(sys.argv[1])).start()
    execute_from_command_line(["manage.py", "ingest", *sys.argv[2:]])
