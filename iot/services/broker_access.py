"""Files that open the broker to the devices, written where a broker can read them."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db import connection

from iot.access import Grant, mosquitto_acl, mosquitto_passwords, nats_users
from iot.queries import broker_grants
from qms.core.actor import Actor
from qms.core.trail import reading

_LOCK = 0xB40C3A
FILES = {"mosquitto.acl": mosquitto_acl, "mosquitto.passwords": mosquitto_passwords, "nats.json": nats_users}


def write_broker_access(folder: Path | None = None, *, by: Actor) -> list[Path]:
    """Write the password and access files of the devices into `folder` (default: BROKER_ACCESS_DIR).

    Each is replaced in one step and only when its content changed; returns those that were. One writer at a time:
    the lock comes before the look at the devices, so the last to write has seen the newest.
    """
    folder = folder or settings.BROKER_ACCESS_DIR
    with reading(by):
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        return _write(folder, broker_grants(by))


def _write(folder: Path, grants: list[Grant]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / name: render(grants) for name, render in FILES.items()}
    changed = [file for file, text in texts.items() if not file.exists() or file.read_text() != text]
    for file in changed:
        _replace(file, texts[file])
    return changed


def _replace(file: Path, text: str) -> None:
    """Whole or not at all. The broker's own user reads it: it holds salted hashes of random secrets, and no secret."""
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.chmod(0o644)
    fresh.replace(file)
