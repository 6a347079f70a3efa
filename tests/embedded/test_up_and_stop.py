"""The door as a person uses it: up, its addresses, stop, and the ways to be refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat

import pytest

from tests.embedded.conftest import Door, alive, descendants, until

pytestmark = pytest.mark.slow


def test_up_says_where_it_runs_and_who_may_sign_in(door: Door) -> None:
    ready = door.up("--demo")
    assert ready["pid"] == door.running.pid
    assert set(ready) == {"url", "mqtt_url", "database_url", "redis_url", "pid", "people"}
    assert door.page() == 200
    said = door.said.splitlines()
    at = next(place for place, line in enumerate(said) if line.startswith(f"Plumbline runs at {ready['url']}"))
    assert said[at + 1 : at + 3] == ["Sign in as one of", "  quinn@plant.example  made-up  (engineer)"]


@pytest.mark.xdist_group("open-door")
def test_the_files_with_secrets_are_private(open_door: Door) -> None:
    door = open_door
    for name in ("ready.json", "owner.json", "secret", "passwords.json", "nats.conf"):
        assert stat.S_IMODE((door.home / name).stat().st_mode) == 0o600, name
    folders = [entry for entry in door.home.iterdir() if entry.is_dir()]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert "qms_owner" in json.loads((door.home / "owner.json").read_text())["database_url"]
    assert "qms_owner" not in (door.home / "ready.json").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything(door: Door, number: signal.Signals) -> None:
    door.up("--demo")
    started = descendants(door.running.pid)
    assert door.end(number) == 0
    assert not [pid for pid in started if alive(pid)]
    assert not (door.home / "ready.json").exists()
    assert door.said.splitlines()[-1].endswith("s] stopped")


def test_stop_waits_until_everything_is_down(door: Door) -> None:
    door.up()
    started = descendants(door.running.pid)
    assert door.command("stop").stdout == f"Stopped {door.home}.\n"
    assert door.running.wait(10) == 0
    assert not [pid for pid in started if alive(pid)]


def test_stop_says_when_nothing_runs(door: Door) -> None:
    done = door.command("stop")
    assert (done.returncode, done.stderr) == (1, f"Plumbline: nothing runs on {door.home}.\n")


@pytest.mark.xdist_group("open-door")
def test_a_second_up_names_the_first(open_door: Door) -> None:
    door, ready = open_door, open_door.ready
    done = door.command("up")
    assert done.returncode == 1
    assert f"already running on {door.home}: process {ready['pid']}, {ready['url']}" in done.stderr
    assert door.page() == 200


def test_the_second_start_keeps_data_addresses_and_passwords(door: Door) -> None:
    first = door.up("--demo")
    until(lambda: door.rows() > 0)
    door.end()
    second = door.up()
    assert {**first, "pid": 0} == {**second, "pid": 0}
    assert door.rows() > 0
    assert "demo plant made" not in door.said
    assert "migrated" not in door.said


def test_a_demo_home_refuses_to_be_empty(door: Door) -> None:
    door.up("--demo")
    door.end()
    done = door.command("up", "--empty")
    assert done.returncode == 1
    assert "holds the demo plant: leave out --empty" in done.stderr


def test_demo_data_chosen_later_starts_the_simulator(door: Door) -> None:
    assert "people" not in door.up()
    assert door.pid("simulate") == 0
    (door.home / "demo.json").write_text(
        json.dumps({"people": [{"roles": ["engineer"], "email": "e", "password": "p"}]})
    )
    until(lambda: "people" in door.ready)
    until(lambda: door.pid("simulate"))


def test_a_busy_port_that_was_asked_for_is_refused(door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = door.command("up", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} is in use: choose another with --port." in done.stderr


def test_a_busy_standard_port_gives_way_to_a_free_one(door: Door) -> None:
    first = Door(door.home.with_name("first"))
    try:
        one, two = first.up(), door.up()
        assert one["url"] != two["url"]
        assert one["mqtt_url"].rpartition(":")[2] != two["mqtt_url"].rpartition(":")[2]
    finally:
        first.close()


def test_a_home_with_a_long_path_works(door: Door) -> None:
    door.home = door.home / ("a-folder-with-a-long-name-" * 5)
    door.home.parent.mkdir()
    door.up()
    assert door.page() == 200
    door.end()
    assert not list((door.home / "run").glob("moved-to"))


def test_a_half_made_database_is_made_anew(door: Door) -> None:
    door.up()
    door.end()
    (door.home / "postgres" / "data").rename(door.home / "postgres" / "data.tmp")
    door.up()
    assert door.page() == 200


def test_a_given_database_is_used_and_said(door: Door) -> None:
    other = Door(door.home.with_name("other"))
    try:
        given = str(other.up()["database_url"])
        owner = json.loads((other.home / "owner.json").read_text())["database_url"]
        ready = door.up(DATABASE_URL=given, QMS_OWNER_DATABASE_URL=owner, PGHOST="nowhere.example")
        assert ready["database_url"] == given
        assert "using PostgreSQL of DATABASE_URL" in door.said
        assert not (door.home / "postgres").exists()
    finally:
        door.close()
        other.close()


def test_the_shells_postgres_variables_do_not_leak_in(door: Door) -> None:
    door.up(PGHOST="nowhere.example", PGPASSWORD="wrong")
    assert "PGHOST, PGPASSWORD of this shell: not used" in door.said
    assert door.page() == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as somebody else")
def test_root_never_opens_its_own_folders(door: Door) -> None:
    door.home.parent.chmod(0o700)
    door.up()
    assert stat.S_IMODE(door.home.parent.stat().st_mode) == 0o700
    assert (door.home / "postgres").resolve().is_relative_to("/var/lib/qms")
