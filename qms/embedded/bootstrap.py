"""From a bare Python to the command that was asked for: packages, page assets, exec. Standard library only."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

from qms.embedded import assets, cli
from qms.embedded.environment import command_environment
from qms.embedded.errors import explained
from qms.embedded.home import default_home
from qms.embedded.packages import ROOT, VENV, install, is_current, one_at_a_time


def main(argv: list[str]) -> None:
    """Install what `argv` needs, then run it: our own commands, or Django's."""
    command = argv[1] if len(argv) > 1 else "help"
    with explained():
        python = ready_python(group="dev" if command == "test" else "runtime")
        if python != Path(sys.executable):
            os.execv(python, [str(python), *argv])
        if command in {"up", "test"}:
            assets.build(ROOT)
        run(command, argv)


def ready_python(*, group: str) -> Path:
    """The interpreter that has the packages of `group`: the running one if somebody prepared it, else `.venv`'s."""
    inside = Path(sys.prefix) == VENV
    prepared_by_others = sys.prefix != sys.base_prefix and not inside and importlib.util.find_spec("django") is not None
    if not prepared_by_others and not is_current(group):
        with one_at_a_time():
            if not is_current(group):
                install(group)
    return Path(sys.executable) if inside or prepared_by_others else VENV / "bin" / "python"


def run(command: str, argv: list[str]) -> None:
    """Hand over, inside the interpreter that has the packages."""
    if command in {"up", "stop"}:
        cli.main(argv[1:])
        return
    if command == "test":
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *workers(argv[2:]), *argv[2:]])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qms.settings")
    if "DATABASE_URL" not in os.environ:
        os.environ.update({**command_environment(home_of(argv), command), **os.environ})
    importlib.import_module("django.core.management").execute_from_command_line(argv)


def workers(asked: list[str]) -> list[str]:
    """The whole suite runs on every core; files that are named, or a number that is given, run as asked for."""
    whole = not any(word.startswith("-n") or not word.startswith("-") for word in asked)
    return [f"-n{len(os.sched_getaffinity(0))}"] if whole else []


def home_of(argv: list[str]) -> Path:
    """The instance a command is about: `--home DIR`, QMS_HOME, or the one of this checkout."""
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        name, _, value = word.partition("=")
        if name == "--home":
            return Path(value or following).expanduser().absolute()
    return Path(os.environ.get("QMS_HOME", default_home(ROOT)))
