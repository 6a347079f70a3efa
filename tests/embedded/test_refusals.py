"""Each way a start can fail has one sentence that says why and what to do."""

from __future__ import annotations

import errno
import importlib.util
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from qms.embedded import account, binaries, cli, leftovers, packages, postgres, probes
from qms.embedded.errors import CannotStart, explained
from qms.embedded.home import Home
from qms.embedded.process import Unit
from qms.embedded.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]


def test_an_old_python_is_told_in_one_line() -> None:
    code = "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_path('manage.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "Plumbline needs Python 3.11 or newer, this is 3.9: run it as python3.11 manage.py\n"


def test_a_python_without_ensurepip_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CannotStart, match="apt-get install python3-venv`, or install uv"):
        packages.make_venv(None)


def test_a_failing_installer_is_quoted() -> None:
    with pytest.raises(CannotStart, match=r"check the network and the package index\.\nno route"):
        packages.called("The packages could not be installed", ["sh", "-c", "echo no route >&2; exit 2"])


def test_a_foreign_environment_is_not_touched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packages, "VENV", tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CannotStart, match="belongs to another user: run as the user who made it"):
        packages.install("runtime")


def test_data_of_another_major_version_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("15\n")
    cluster = postgres.Cluster(binaries.postgres({}), tmp_path, tmp_path, None, {"postgres": "x"})
    with pytest.raises(CannotStart, match=r"is of PostgreSQL 15, the programs in .* are 18: dump it with pg_dump"):
        cluster.initialise()


def test_a_child_that_ends_early_is_reported_with_its_last_words(tmp_path: Path) -> None:
    script = "echo 'FATAL: could not write: No space left on device'; exit 3"
    unit = Unit("postgres", ["sh", "-c", script], {}, tmp_path, tmp_path / "log", is_ready=lambda: False)
    with pytest.raises(CannotStart, match=r"postgres ended at its start \(exit code 3\)[\s\S]*No space left on device"):
        Supervisor(lambda _: None).start([unit], seconds=20)


def test_a_child_that_never_answers_is_reported(tmp_path: Path) -> None:
    unit = Unit("nats", ["sleep", "9"], os.environ, tmp_path, tmp_path / "log", is_ready=lambda: False)
    supervisor = Supervisor(lambda _: None)
    with pytest.raises(CannotStart, match="nats does not answer after 0 s"):
        supervisor.start([unit], seconds=0.2)
    supervisor.stop()


def test_root_without_an_unprivileged_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(CannotStart, match="no user `nobody-here`: name an ordinary user in QMS_PG_USER"):
        account.for_postgres({"QMS_PG_USER": "nobody-here"})
    with pytest.raises(CannotStart, match="`root` in QMS_PG_USER is root"):
        account.for_postgres({"QMS_PG_USER": "root"})


@pytest.mark.parametrize(("kind", "url"), [("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL"), ("nats", "MQTT_URL")])
def test_a_machine_without_wheels_is_told_what_to_give(kind, url, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda *_: str(tmp_path))
    monkeypatch.setattr("glob.glob", lambda *_: [])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match=url):
        getattr(binaries, kind)({})


def test_a_machine_without_server_wheels_gets_everything_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert packages.lock_for_here(packages.LOCKS["runtime"]) == packages.LOCKS["runtime"]
    monkeypatch.setattr(packages, "VENV", tmp_path)
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    before = packages.LOCKS["runtime"].read_text()
    after = packages.lock_for_here(packages.LOCKS["runtime"]).read_text()
    kept = [line for line in before.splitlines() if "==" in line and not line.startswith(packages.SERVER_WHEELS)]
    assert [line for line in after.splitlines() if "==" in line] == kept
    assert len(kept) == sum("==" in line for line in before.splitlines()) - len(packages.SERVER_WHEELS)


def test_a_wrong_folder_of_programs_is_named() -> None:
    with pytest.raises(CannotStart, match=r"QMS_PG_BIN is /nowhere, where there is no initdb"):
        binaries.postgres({"QMS_PG_BIN": "/nowhere"})


def test_a_home_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(CannotStart, match=f"belongs to user {mine}, you are {mine + 1}"):
        Home(tmp_path)


def test_data_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(CannotStart, match="PostgreSQL would run as 4242: run as the user who made it"):
        postgres.own_data(tmp_path / "data", account.Account("other", 4242, 4242))


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"cannot be made .* choose another with --home"):
        Home(tmp_path / "file" / "home")


def test_small_shared_memory_is_worked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_frsize=4096, f_blocks=16384))
    assert postgres.shared_memory() == {"dynamic_shared_memory_type": "mmap"}


def test_a_busy_port_is_refused_or_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"port {busy} is in use"):
            probes.free_port(busy, insist=True)
        assert probes.free_port(busy) != busy


@pytest.mark.skipif(sys.platform != "linux", reason="claims are names in Linux's abstract namespace")
def test_a_port_another_starting_platform_chose_is_left_to_it() -> None:
    asked = "from qms.embedded import probes; print(probes.free_port(0), flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", asked], cwd=ROOT, stdin=-1, stdout=-1, text=True)
    assert other.stdout
    chosen = int(other.stdout.readline())
    try:
        assert probes.free_port(chosen) != chosen
    finally:
        other.communicate("\n")
    assert probes.free_port(chosen) == chosen


@pytest.mark.parametrize("port", ["0", "70000", "web"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    from qms.embedded.cli import parser

    with pytest.raises(SystemExit):
        parser().parse_args(["up", "--port", port])
    assert "give a number from 1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("kept", ['{"web": "abc"}', '{"web": null}', '{"web": 99999}', '{"web": [8000]}', "[", ""])
def test_ports_nobody_here_wrote_are_forgotten(tmp_path: Path, kept: str) -> None:
    home = Home(tmp_path / "home")
    (home.path / "ports.json").write_text(kept)
    assert home.port("web", 8000) == 8000


@pytest.mark.parametrize("kept", ['{"web": 1}', '{"web": [1, 2, 3]}', '{"web": ["x", "y"]}', '{"web": [0, "1"]}', "[1"])
def test_children_nobody_here_wrote_are_left_alone(tmp_path: Path, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "killpg", lambda *_: pytest.fail("killed a stranger"))
    home = Home(tmp_path / "home")
    (home.path / "children.json").write_text(kept)
    leftovers.end(home)


@pytest.mark.parametrize("kept", ["", "{", '{"postgres": "x"}'])
def test_passwords_of_a_database_that_is_there_are_never_made_anew(tmp_path: Path, kept: str) -> None:
    home = Home(tmp_path / "home")
    (home.path / "postgres" / "data").mkdir(parents=True)
    (home.path / "passwords.json").write_text(kept)
    with pytest.raises(CannotStart, match=r"put it back from your backup"):
        postgres._passwords(home, home.path / "postgres" / "data")
    assert (home.path / "passwords.json").read_text() == kept


def test_a_full_disk_is_named() -> None:
    with (
        pytest.raises(SystemExit, match=r"/data/x cannot be written \(No space left on device\): make room"),
        explained(),
    ):
        raise OSError(errno.ENOSPC, "No space left on device", "/data/x")


def test_a_lock_without_a_process_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("killed a stranger"))
    home = Home(tmp_path / "home")
    home.lock()
    os.ftruncate(home._lock, 0)
    with pytest.raises(CannotStart, match="try again in a moment"):
        cli.stop(home.path)


@pytest.mark.parametrize("command", ["up", "stop"])
def test_a_home_without_a_name_is_refused(command, capsys):
    from qms.embedded.cli import parser

    with pytest.raises(SystemExit):
        parser().parse_args([command, "--home", ""])
    assert "no folder is named" in capsys.readouterr().err
