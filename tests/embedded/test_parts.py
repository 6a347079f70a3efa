"""The parts of the door, one by one."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qms.embedded import (
    account,
    assets,
    binaries,
    bootstrap,
    broker,
    environment,
    leftovers,
    packages,
    postgres,
    probes,
    stamps,
)
from qms.embedded.home import Home, socket_folder
from qms.embedded.launcher import sign_in_lines
from qms.embedded.process import Child, Unit, last_words, opened, roll
from qms.embedded.supervisor import Supervisor
from tests.embedded.conftest import alive, until


def unit(folder: Path, *argv: str, **more: object) -> Unit:
    return Unit("part", argv, {"PATH": os.environ["PATH"]}, folder, folder / "part.log", **more)


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.secret("secret") == home.secret("secret")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_damaged_json_file_reads_as_empty(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    assert Home(tmp_path).read("ports.json") == {}


def test_only_one_process_holds_a_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.holder() is None
    home.lock()
    assert Home(tmp_path).holder() == os.getpid()


def test_a_long_socket_path_is_replaced_by_a_short_private_one(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    short = socket_folder(long)
    assert len(str(short)) < 60
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    assert socket_folder(long) == short
    short.rmdir()


def test_the_broker_stores_on_disk_within_bounds_and_listens_here_only(tmp_path: Path) -> None:
    config = json.loads(broker.Broker(Home(tmp_path), 1999, "secret").configuration().read_text())
    assert config["mqtt"] == {"host": "127.0.0.1", "port": 1999, "ack_wait": "10s", "max_ack_pending": 10000}
    assert config["host"] == "127.0.0.1"
    assert config["jetstream"]["max_file_store"] == 2**30


def test_processes_get_this_python_and_no_postgres_variables(tmp_path: Path) -> None:
    addresses = environment.Addresses("postgresql://a", "postgresql://o", "unix://r", "mqtt://m")
    shell = {"PGHOST": "elsewhere", "PGPASSWORD": "x", "PG_SOMETHING": "kept", "QMS_OWNER_DATABASE_URL": "owner's"}
    given = environment.application_environment(Home(tmp_path), addresses, shell, port=1, demo=True, empty=False)
    assert not {"PGHOST", "PGPASSWORD", "QMS_EMPTY", "QMS_OWNER_DATABASE_URL"} & given.keys()
    assert (given["QMS_DEMO"], given["PG_SOMETHING"], given["GRANIAN_HOST"]) == ("1", "kept", "127.0.0.1")
    assert environment.argv_of("python manage.py relay") == [sys.executable, "manage.py", "relay"]
    assert environment.argv_of("celery -A qms beat") == [sys.executable, "-m", "celery", "-A", "qms", "beat"]


def test_single_commands_find_the_instance(tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text(json.dumps({"database_url": "postgresql://app", "mqtt_url": "mqtt://m"}))
    (tmp_path / "owner.json").write_text(json.dumps({"database_url": "postgresql://owner"}))
    assert environment.command_environment(tmp_path, "shell")["DATABASE_URL"] == "postgresql://app"
    assert environment.command_environment(tmp_path, "migrate")["DATABASE_URL"] == "postgresql://owner"
    assert environment.command_environment(tmp_path, "shell")["MQTT_URL"] == "mqtt://m"


@pytest.mark.parametrize("words", [["--home", "/srv/a"], ["--home=/srv/a"]])
def test_a_command_may_name_its_home(words: list[str]) -> None:
    assert bootstrap.home_of(["manage.py", "verify_trail", *words]) == Path("/srv/a")


def test_the_stamp_of_the_lock_decides_about_installing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "VENV", tmp_path)
    assert not packages.is_current("runtime")
    (tmp_path / "installed.json").write_text(json.dumps({"runtime": packages.stamp("runtime")}))
    assert packages.is_current("runtime")
    assert not packages.is_current("dev")


def test_the_installer_takes_pips_index_and_the_machines_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "file:///index")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    given = packages.installer_environment()
    assert (given["UV_DEFAULT_INDEX"], given["UV_SYSTEM_CERTS"]) == ("file:///index", "1")


def test_the_digest_follows_contents_and_leaves_out_what_is_built(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "node_modules").mkdir()
    before = stamps.digest(tmp_path, stamps.CODE)
    (tmp_path / "node_modules" / "b.py").write_text("2")
    assert stamps.digest(tmp_path, stamps.CODE) == before
    (tmp_path / "a.py").write_text("3")
    assert stamps.digest(tmp_path, stamps.CODE) != before


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose npm writes down what it is asked for."""
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text("{}")
    npm = tmp_path / "npm"
    complain = f"[ ! -e {tmp_path}/broken ] || {{ echo no such icon; exit 1; }}"
    npm.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n{complain}\n')
    npm.chmod(0o755)
    monkeypatch.setattr(assets, "find_npm", lambda _: [str(npm)])
    return tmp_path


def test_assets_are_built_once_per_change_of_their_sources(front_end: Path) -> None:
    for text in ("one", "one", "two"):
        (front_end / "page.html").write_text(text)
        assets.build(front_end)
    asked = [line.split()[0] for line in (front_end / "asked").read_text().splitlines()]
    assert asked == ["ci", "run", "run"]


def test_a_failing_build_shows_its_last_words_and_is_tried_again(front_end: Path) -> None:
    (front_end / "broken").touch()
    for _ in range(2):
        with pytest.raises(assets.CannotStart, match=r"failed at `npm ci`:\nno such icon"):
            assets.build(front_end)


def test_a_project_without_a_front_end_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assets.build(tmp_path)
    assert capsys.readouterr().out == "No package.json: the pages' assets are not built.\n"


def test_an_ended_child_takes_its_own_children_along(tmp_path: Path) -> None:
    child = Child.start(unit(tmp_path, "sh", "-c", "sleep 60 & echo $!; exec sleep 60"))
    until(lambda: last_words(tmp_path / "part.log"))
    grandchild = int(last_words(tmp_path / "part.log")[0])
    child.popen.kill()
    until(lambda: child.exit_code() is not None)
    until(lambda: not alive(grandchild))


def test_a_child_that_ignores_its_signal_is_killed_after_its_grace(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    deaf = unit(tmp_path, "sh", "-c", "trap '' TERM; echo on; while :; do sleep 1; done", grace=0.2)
    supervisor.start([deaf], seconds=5)
    until(lambda: last_words(tmp_path / "part.log"))
    supervisor.stop()
    assert said == ["part did not stop within 0 s and was killed"]


def test_what_keeps_dying_is_started_with_growing_pauses(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.start([unit(tmp_path, "sleep", "0.1")], seconds=5)
    deadline = time.monotonic() + 30
    while len(said) < 3 and time.monotonic() < deadline:
        supervisor.tend()
        time.sleep(0.01)
    supervisor.stop()
    assert [line.split(" in ")[1].split(" s;")[0] for line in said[:3]] == ["0.2", "0.4", "0.8"]


@pytest.mark.parametrize("durable", [True, False])
def test_only_a_throw_away_database_is_not_written_through(tmp_path: Path, monkeypatch, durable: bool) -> None:
    said: list[str] = []

    def run(_account: object, command: list[object], _env: object) -> subprocess.CompletedProcess[str]:
        said.extend(map(str, command))
        (tmp_path / "data.tmp").mkdir()
        return subprocess.CompletedProcess([], 0, "", "")

    monkeypatch.setattr(account, "run_as", run)
    cluster = postgres.Cluster(binaries.postgres({}), tmp_path, tmp_path, None, {"postgres": "x"})
    assert cluster.initialise(durable=durable)
    assert ("--no-sync" in said) != durable


def test_what_cannot_be_started_again_now_is_tried_later(tmp_path: Path) -> None:
    def refused(_: Unit) -> subprocess.Popen[bytes]:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    supervisor, ways = Supervisor(said.append), iter([opened, refused, opened])

    def start(one: Unit) -> subprocess.Popen[bytes]:
        return next(ways)(one)

    supervisor.begin([unit(tmp_path, "false", starter=start)])
    until(supervisor.tend)
    assert said[1] == "part could not be started (No space left on device), trying again"
    supervisor.stop()


def test_the_pid_file_of_a_killed_database_is_not_taken_for_a_ready_one(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    for pid, ready in ((gone.pid, False), (os.getpid(), True)):
        (tmp_path / "postmaster.pid").write_text("\n".join([str(pid), *["x"] * 6, "ready   "]))
        assert probes.postgres_ready(tmp_path) is ready


def test_background_work_lets_others_go_first(tmp_path: Path) -> None:
    child = Child.start(unit(tmp_path, "sleep", "60", nice=10))
    try:
        ours = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == min(19, ours + 10)
    finally:
        child.popen.kill()
        child.popen.wait()


def test_only_leftovers_of_a_killed_launcher_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_PATIENCE", 0.1)
    home = Home(tmp_path)
    ours, stranger = (subprocess.Popen(["sleep", "60"], start_new_session=True) for _ in range(2))
    leftovers.record(home, {"ours": ours.pid})
    home.write("children.json", {**home.read("children.json"), "other": [stranger.pid, "12345"]})
    leftovers.end(home)
    assert ours.wait(30) == -signal.SIGKILL
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_large_log_starts_anew_and_keeps_one_generation(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * 10_000_001)
    roll(log)
    assert not log.exists()
    assert (tmp_path / "web.old.log").exists()


def test_sign_in_lines_name_person_password_and_role() -> None:
    people = [{"name": "Ana", "email": "ana@plant.example", "password": "p", "roles": ["engineer"]}]
    assert sign_in_lines(people) == ["  ana@plant.example  p  (engineer)"]
