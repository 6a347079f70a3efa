"""The production files: valid, the same commands as the launcher's, nobody is root, secrets come by file."""

from __future__ import annotations

import importlib.resources
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from qms.embedded import probes, services
from tests.embedded.conftest import until
from tests.iot.brokers import MOSQUITTO, Mosquitto

ROOT = Path(__file__).resolve().parents[2]
CONF = (ROOT / "deploy" / "mosquitto.conf").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
KEPT = [service for service in services.SERVICES if not service.demo_only]
OURS = ["migrate", "web", "worker", "beat", "relay", "ingest"]


def test_the_compose_file_satisfies_the_compose_specification() -> None:
    package = pytest.importorskip("check_jsonschema", reason="the compose schema comes with the developer's packages")
    schema = importlib.resources.files(package) / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(schema.read_text()))


@pytest.mark.parametrize(
    "service", [service for service in services.SERVICES if not service.demo_only], ids=lambda s: s.name
)
def test_containers_run_the_launchers_commands(service: services.Service) -> None:
    assert shlex.split(COMPOSE["services"][service.name]["command"]) == shlex.split(service.command)


def test_the_migration_container_runs_the_launchers_step_as_owner() -> None:
    container = COMPOSE["services"]["migrate"]
    assert container["command"] == services.MIGRATE.command
    assert container["environment"]["DATABASE_URL_FILE"].endswith("owner_database_url")


def test_only_the_migration_sees_the_owners_address() -> None:
    seeing = {
        name for name, service in COMPOSE["services"].items() if "owner_database_url" in service.get("secrets", [])
    }
    assert seeing == {"migrate"}


def test_the_image_runs_the_web_process_by_default() -> None:
    command = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert json.loads(command[-1]) == shlex.split(services.WEB.command)


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_container_is_restarted_watched_and_not_root(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["restart"] in {"unless-stopped", "on-failure"}
    assert service["healthcheck"].get("test") or name == "migrate"
    assert str(service["user"]).split(":")[0] not in {"root", "0"}
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", OURS)
def test_no_secret_is_written_into_the_environment(name: str) -> None:
    environment = COMPOSE["services"][name]["environment"]
    assert not {"DATABASE_URL", "SECRET_KEY", "MQTT_URL"} & environment.keys()
    assert set(COMPOSE["services"][name]["secrets"]) <= COMPOSE["secrets"].keys()


@pytest.mark.parametrize("name", OURS)
def test_every_file_a_container_reads_a_secret_from_is_mounted_in_it(name: str) -> None:
    service = COMPOSE["services"][name]
    read = {value for key, value in service["environment"].items() if key.endswith("_FILE") and value}
    assert read <= {f"/run/secrets/{secret}" for secret in service["secrets"]}


def test_secrets_are_made_once(tmp_path: Path) -> None:
    make = [sys.executable, str(ROOT / "deploy" / "make_secrets.py"), str(tmp_path)]
    subprocess.run(make, check=True)
    first = (tmp_path / "app_database_url").read_text()
    subprocess.run(make, check=True)
    assert (tmp_path / "app_database_url").read_text() == first
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} <= {p.name for p in tmp_path.iterdir()}


@pytest.fixture
def production_broker(tmp_path: Path) -> Iterator[int]:
    """Mosquitto as its container starts it; the devices' files were never written."""
    server = Mosquitto(tmp_path, tmp_path / "access")
    yield server.inner
    server.stop()


@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto: apt-get install mosquitto")
def test_mosquitto_takes_our_configuration_and_password(production_broker: int, tmp_path: Path) -> None:
    password = (tmp_path / "mqtt_password").read_text()
    until(lambda: probes.mqtt_ready(production_broker, "plumbline", password))
    assert not probes.mqtt_ready(production_broker, "plumbline", "wrong")


def test_the_platforms_clients_use_the_listener_that_is_theirs(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "deploy" / "make_secrets.py"), str(tmp_path)], check=True)
    inner = (tmp_path / "mqtt_url").read_text().rpartition(":")[2]
    listeners = re.findall(r"^listener (\d+)\n(use_username_as_clientid true)?", CONF, re.MULTILINE)
    assert dict(listeners) == {"1883": "use_username_as_clientid true", inner: ""}
    [published] = COMPOSE["services"]["mosquitto"]["ports"]
    assert published.endswith(":1883")


def test_mosquitto_finds_what_the_platform_writes_about_devices() -> None:
    platform, broker = COMPOSE["services"]["relay"], COMPOSE["services"]["mosquitto"]
    assert f"access:{platform['environment']['BROKER_ACCESS_DIR']}" in platform["volumes"]
    assert "access:/mosquitto/access:ro" in broker["volumes"]
    assert broker["command"] == "sh /mosquitto/config/mosquitto.sh"


def test_the_script_that_runs_mosquitto_is_sound_shell() -> None:
    subprocess.run(["sh", "-n", str(ROOT / "deploy" / "mosquitto.sh")], check=True)
