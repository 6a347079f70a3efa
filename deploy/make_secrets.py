"""Writes the secrets of docker-compose.yml to deploy/secrets, once: `python3 deploy/make_secrets.py [FOLDER]`."""

from __future__ import annotations

import base64
import hashlib
import secrets
import sys
from pathlib import Path

# The passwords are random and cannot be guessed. Mosquitto repeats this work at every sign-in and reload.
ROUNDS = 101


def main(folder: Path) -> None:
    """Make what is missing; what is there stays, so that running it again changes no password."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The folder keeps others out; inside a container the files must be readable by an unprivileged user.
    folder.chmod(0o700)
    for name in ("secret_key", "superuser_password", "owner_password", "app_password", "mqtt_password"):
        if not (folder / name).exists():
            write(folder / name, secrets.token_urlsafe(36))
    if not (folder / "email_password").exists():
        write(folder / "email_password", "")  # that of the mail server is written here by hand
    for role in ("owner", "app"):
        password = (folder / f"{role}_password").read_text()
        write(folder / f"{role}_database_url", f"postgresql://qms_{role}:{password}@postgres:5432/qms")
    broker = (folder / "mqtt_password").read_text()
    write(folder / "mqtt_url", f"mqtt://plumbline:{broker}@mosquitto:1884")
    write(folder / "mqtt_passwords", f"plumbline:{mosquitto_hash(broker)}\n")


def write(file: Path, text: str) -> None:
    """Write one secret."""
    file.write_text(text)
    file.chmod(0o644)


def mosquitto_hash(password: str) -> str:
    """The form of Mosquitto's password file: PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    return f"$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "secrets")
