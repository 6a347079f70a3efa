"""The nursery: imports the platform once, then forks its processes, which share that memory. A program of its own.

It reads one request a line (JSON: argv, env, log) and answers with the process id. The new process is adopted by the
launcher, which is the nearest subreaper, so it is watched, stopped and outlived by it like every other child.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import sys
import time
from typing import Any

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
TITLE_ROOM = 300


def main(preload: list[str]) -> None:
    """Import, say so, then fork on request; returns only in a forked process, to become what was asked for."""
    launcher = os.getppid()
    sys.path[0] = os.getcwd()
    for module in preload:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a collection in a fork would touch, and so copy, every shared page
    answer("ready")
    for line in sys.stdin:
        request = json.loads(line)
        if born(launcher):
            become(request, launcher)
            return
    os._exit(0)


def answer(text: str) -> None:
    """One line to the launcher."""
    os.write(1, f"{text}\n".encode())


def born(launcher: int) -> bool:
    """Fork twice, so that the launcher adopts the new process; True in that process."""
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        return False
    middle = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == middle:
        time.sleep(0.001)
    if os.getppid() != launcher:
        os._exit(1)
    answer(str(os.getpid()))
    return True


def become(request: dict[str, Any], launcher: int) -> None:
    """Take session, log, environment, title and the kernel's death signal of the requested process, then run it."""
    os.setsid()
    _LIBC.prctl(_PR_SET_PDEATHSIG, request["death_signal"], 0, 0, 0)
    if os.getppid() != launcher:
        os.kill(os.getpid(), signal.SIGKILL)
    for target, path in ((0, os.devnull), (1, request["log"]), (2, request["log"])):
        opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(opened, target)
        os.close(opened)
    set_title(request["argv"])
    program, *words = request["argv"][1:]
    if program == "-m":
        sys.argv = words
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [program, *words]
        runpy.run_path(program, run_name="__main__")


def set_title(argv: list[str]) -> None:
    """Show the process under its own command line: it is written over the nursery's, which has room to spare."""
    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    first, end = int(fields[45]), int(fields[46])
    room = end - first
    text = b"\0".join(word.encode() for word in argv)[: room - 1]
    ctypes.memmove(first, text.ljust(room, b"\0"), room)


if __name__ == "__main__":
    # The last word only makes room for the titles of the forks.
    main(sys.argv[1:-1])
