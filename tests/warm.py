"""Programs of the platform as forks of one process that has imported it, as the launcher starts them.

Run as a program: its words are the settings that differ, as JSON, then the program and its own words.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qms.embedded import services
from qms.embedded.nursery import Nursery
from qms.embedded.process import Child, Process, Unit

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def nursery(tmp_path_factory) -> Iterator[Nursery]:
    """The process that has imported everything."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "qms.settings"}
    found = Nursery(services.PRELOAD, environment, ROOT, tmp_path_factory.mktemp("nursery") / "nursery.log")
    child = Child.start(found.unit)
    found.wait_ready()
    yield found
    found.close()
    child.wait_stopped()


def unit(nursery: Nursery, log: Path, settings: dict[str, str], *words: str) -> Unit:
    """A program to be started: a file or `-m` and a module, with its own words."""
    command = [sys.executable, "tests/warm.py", json.dumps(settings), *words]
    return Unit(Path(words[0]).stem, command, nursery.unit.env, ROOT, log, starter=nursery.start)


def start(nursery: Nursery, log: Path, settings: dict[str, str], *words: str) -> Process:
    """A started program."""
    return nursery.start(unit(nursery, log, settings, *words))


def become(given: dict[str, str], program: str, *words: str) -> None:
    """Put the settings that differ into those a fork has read already, and run the program."""
    sys.path.insert(0, str(ROOT))
    from django.conf import settings

    import qms.preload  # noqa: F401 - sets Django up
    from qms.settings import database

    os.environ.update(given)
    for name, value in given.items():
        if name == "DATABASE_URL":
            settings.DATABASES["default"].update(database(value))
        else:
            setattr(settings, name, value)
    sys.argv = list(words) if program == "-m" else [program, *words]
    if program == "-m":
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    become(json.loads(sys.argv[1]), *sys.argv[2:])
