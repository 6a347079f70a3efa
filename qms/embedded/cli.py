"""The command line of the door: `up` and `stop`."""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from qms.embedded.errors import CannotStart
from qms.embedded.home import Home, default_home
from qms.embedded.launcher import Launcher, Options
from qms.embedded.packages import ROOT

STOP_PATIENCE = 60.0


def main(arguments: Sequence[str], root: Path = ROOT) -> None:
    """Run `up` or `stop` with its options for the project in `root`."""
    options = parser().parse_args(arguments)
    home = (options.home or default_home(root)).expanduser().absolute()
    if options.command == "stop":
        stop(home)
        return
    Launcher(Options(home, options.port, options.demo, options.empty), root, os.environ).run()


def parser() -> argparse.ArgumentParser:
    """The options of both commands."""
    top = argparse.ArgumentParser(prog="manage.py")
    commands = top.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="install what is missing, start everything, print the address")
    stop_ = commands.add_parser("stop", help="stop a running instance and wait until it is down")
    for command in (up, stop_):
        command.add_argument("--home", type=_home, help="folder of the instance (default: .qms here)")
    up.add_argument("--port", type=_port, help="port of the web pages on 127.0.0.1 (default: 8000, else a free one)")
    kind = up.add_mutually_exclusive_group()
    kind.add_argument("--demo", action="store_true", help="with a demo plant: history, people and live machines")
    kind.add_argument("--empty", action="store_true", help="without the offer of demo data on the first page")
    return top


def stop(home: Path) -> None:
    """Ask the launcher of `home` to stop and wait until everything is down."""
    pid = Home(home).holder() if (home / "lock").exists() else None
    if pid is None:
        raise CannotStart(f"nothing runs on {home}.")
    if pid == 0:
        raise CannotStart(f"whatever has {home} has not said its process yet: try again in a moment.")
    with suppress(ProcessLookupError):  # it ended by itself meanwhile
        _ask_to_stop(pid, home)
    deadline = time.monotonic() + STOP_PATIENCE
    while Home(home).holder() is not None:
        if time.monotonic() > deadline:
            raise CannotStart(f"process {pid} did not stop within {STOP_PATIENCE:.0f} s; see {home / 'logs'}.")
        time.sleep(0.05)
    print(f"Stopped {home}.", flush=True)


def _ask_to_stop(pid: int, home: Path) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError:
        raise CannotStart(f"process {pid} on {home} belongs to another user: stop it as that user.") from None


def _home(text: str) -> Path:
    if not text.strip():  # a variable of a script that is not set would make the working folder the instance
        raise argparse.ArgumentTypeError("no folder is named: give one, or leave --home out")
    return Path(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: give a number from 1 to 65535")
    return int(text)
