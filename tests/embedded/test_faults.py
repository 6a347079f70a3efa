"""Processes die at any time: what stands on them comes back, and nothing outlives the launcher."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.embedded.conftest import CHILDREN, Door, alive, descendants, parent_of, until

pytestmark = pytest.mark.faults


@pytest.mark.xdist_group("open-door")
@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_process_comes_back_and_the_others_with_it(open_door: Door, name: str) -> None:
    door = open_door
    killed = door.pid(CHILDREN[name])
    os.kill(killed, signal.SIGKILL)
    until(lambda: door.pid(CHILDREN[name]) not in {0, killed})
    until(lambda: door.page() == 200)
    for writer in ("relay", "ingest", "beat"):
        before = door.rows(writer)
        until(lambda before=before, writer=writer: door.rows(writer) > before)
    assert f"{name} ended (signal SIGKILL), starting it again" in door.said


@pytest.mark.xdist_group("open-door")
def test_processes_are_forks_of_one_with_command_lines_of_their_own(open_door: Door) -> None:
    threads = Path(f"/proc/{open_door.pid('forks.py')}/status").read_text()
    assert re.search(r"^Threads:\s+1$", threads, re.MULTILINE), "a fork would not take threads along"
    for name in ("relay", "ingest", "worker", "beat"):
        pid = open_door.pid(CHILDREN[name])
        assert parent_of(pid) == open_door.running.pid
        assert Path(f"/proc/{pid}/cmdline").read_bytes().startswith(sys.executable.encode() + b"\0")


@pytest.mark.xdist_group("open-door")
def test_a_process_starts_the_ordinary_way_while_the_nursery_is_away(open_door: Door) -> None:
    killed = open_door.pid(CHILDREN["relay"])
    os.kill(open_door.pid("forks.py"), signal.SIGKILL)
    os.kill(killed, signal.SIGKILL)
    until(lambda: open_door.pid(CHILDREN["relay"]) not in {0, killed})
    before = open_door.rows("relay")
    until(lambda: open_door.rows("relay") > before)


def test_nothing_outlives_a_killed_launcher(door: Door) -> None:
    door.up("--demo")
    until(lambda: door.rows() > 5)
    started, rows = descendants(door.running.pid), door.rows()
    door.end(signal.SIGKILL)
    until(lambda: not [pid for pid in started if alive(pid)], 8)
    door.up()
    assert door.rows() >= rows


def test_a_launcher_killed_while_starting_leaves_nothing(door: Door) -> None:
    door.begin("up", PLANT_SLOW="migrate")
    until(lambda: door.pid("migrate"))
    started = descendants(door.running.pid)
    door.end(signal.SIGKILL)
    until(lambda: not [pid for pid in started if alive(pid)], 8)


def test_a_start_right_after_a_kill_waits_for_the_old_servers(door: Door) -> None:
    door.up()
    door.end(signal.SIGKILL)
    door.up()
    assert door.page() == 200


def test_what_cannot_start_is_tried_more_and_more_rarely(door: Door) -> None:
    door.up(PLANT_BREAKS="relay")
    time.sleep(4)
    assert 3 <= door.said.count("relay ended (exit code 1)") <= 6
    assert door.page() == 200


def test_a_failing_migration_is_shown_and_nothing_stays(door: Door) -> None:
    done = door.command("up", PLANT_BREAKS="migrate")
    assert done.returncode == 1
    assert "migrate failed (exit code 1)" in done.stderr
    assert "migrate cannot go on: broken on purpose" in done.stderr
    until(lambda: not (door.home / "postgres" / "data" / "postmaster.pid").exists(), 5)


def test_a_web_process_that_ends_at_its_start_is_reported_at_once(door: Door) -> None:
    began = time.monotonic()
    done = door.command("up", PLANT_BREAKS="web")
    assert time.monotonic() - began < 20
    assert done.returncode == 1
    assert "web ended at its start" in done.stderr
    assert "the web application cannot go on: broken on purpose" in done.stderr


def test_a_disk_without_room_ends_nothing_that_runs(door: Door) -> None:
    door.up()
    fresh = door.home / ".children.json.new"
    fresh.mkdir()  # nothing can be written under this name, as on a disk without room
    killed = door.pid(CHILDREN["relay"])
    os.kill(killed, signal.SIGKILL)
    until(lambda: door.pid(CHILDREN["relay"]) not in {0, killed})
    until(lambda: "make room there" in door.said)
    assert door.page() == 200
    fresh.rmdir()
    noted = door.home / "children.json"
    until(lambda: door.pid(CHILDREN["relay"]) == json.loads(noted.read_text())["relay"][0])
