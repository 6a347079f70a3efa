"""The key that signs checkpoints: a file outside the database, made once; its public half is for everybody."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from qms.core.errors import Refused

_ED25519 = b"\1"  # the kind of key in signed notes
_NOTE = "PRIVATE+KEY"


@dataclass(frozen=True)
class Verifier:
    """The public half: the name of the log and the key, as one line `name+id+key`."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def line(self) -> str:
        """The key as it is handed to others."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def holds(self, signature: bytes, text: str) -> bool:
        """Whether this key signed the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """The private half."""

    name: str
    seed: bytes = field(repr=False)

    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, text: str) -> bytes:
        """64 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())


def signer() -> Signer:
    """The key of this installation. Raises Refused when the file is not there or not whole."""
    file = settings.TRAIL_KEY_FILE
    try:
        word, name, seed = file.read_text().split()
        found = Signer(name, base64.b64decode(seed, validate=True))
        if word != _NOTE or len(found.seed) != 32:
            raise ValueError(word)  # noqa: TRY301 - one sentence for all that a broken file can be
    except FileNotFoundError:
        raise Refused(f"The key that seals the trail is not at {file}: put it back from where you keep it.") from None
    except ValueError:
        raise Refused(f"{file} is not a key that seals the trail: put the right file back.") from None
    return found


def make_signer() -> Signer:
    """The key of this installation, made now if there is none; of two that start at once one makes it."""
    file = settings.TRAIL_KEY_FILE
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        name, seed = f"plumbline/trail/{secrets.token_hex(4)}", secrets.token_bytes(32)
        fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(f"{_NOTE} {name} {base64.b64encode(seed).decode()}\n")
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(fresh)  # under its name only when it is whole, and never over another
        fresh.unlink()
    found = signer()
    publish(found.verifier())
    return found


def publish(verifier: Verifier) -> None:
    """Put the public half beside the checkpoints, where it is not yet."""
    file = public_file()
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(verifier.line() + "\n")


def public_file() -> Path:
    """Where the public half lies."""
    return Path(settings.CHECKPOINTS_DIR) / "public-key"


def verifier_of(line: str) -> Verifier:
    """The key in a line. Raises Refused when it is none."""
    try:
        name, short, coded = line.strip().split("+", 2)
        kind_and_key = base64.b64decode(coded, validate=True)
        found = Verifier(name, kind_and_key[1:])
        if kind_and_key[:1] != _ED25519 or len(found.public) != 32 or found.id.hex() != short:
            raise ValueError(short)  # noqa: TRY301 - one sentence for all that a broken line can be
    except ValueError:
        raise Refused("This is not a public key of a trail: it reads name+id+key, in one line.") from None
    return found


def verifier() -> Verifier:
    """The public half as it lies beside the checkpoints. Raises Refused when it is not there."""
    file = public_file()
    if not file.exists():
        raise Refused(f"There is no public key at {file}: nothing has been sealed yet, or the folder was removed.")
    return verifier_of(file.read_text())
