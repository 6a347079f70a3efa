"""Checkpoints as signed notes (C2SP tlog-checkpoint): a few lines of text that anybody can keep and check."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from qms.core.seal.keys import Signer, Verifier

_TIME = "time "
_SIGNED = re.compile(r"\A(?P<text>(?:[^\n]+\n)+)\n— (?P<name>\S+) (?P<coded>[A-Za-z0-9+/=]+)\n\Z")


@dataclass(frozen=True)
class Checkpoint:
    """What is signed: that the log of this name had this root over its first `size` entries at this time."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def text(self) -> str:
        """The lines that are signed."""
        moment = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{_TIME}{moment}\n"


def signed(checkpoint: Checkpoint, signer: Signer) -> str:
    """The note: the lines, an empty one, the signature."""
    text = checkpoint.text()
    coded = base64.b64encode(signer.verifier().id + signer.sign(text)).decode()
    return f"{text}\n— {signer.name} {coded}\n"


def read(note: str) -> Checkpoint:
    """What a note says. Raises ValueError when it is none."""
    found = _SIGNED.match(note)
    if found is None:
        raise ValueError("This is no signed checkpoint.")
    origin, size, root, moment = found["text"].splitlines()
    if not moment.startswith(_TIME) or not size.isdecimal():
        raise ValueError("This is no checkpoint of a trail.")
    at = datetime.strptime(moment.removeprefix(_TIME), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return Checkpoint(origin, int(size), base64.b64decode(root, validate=True), at)


def is_signed(note: str, verifier: Verifier) -> bool:
    """Whether the note carries the key's signature over its own lines."""
    found = _SIGNED.match(note)
    if found is None or found["name"] != verifier.name:
        return False
    coded = base64.b64decode(found["coded"])
    return coded[:4] == verifier.id and verifier.holds(coded[4:], found["text"])


def text_of(note: str) -> str:
    """The signed lines of a note; empty when it is none."""
    found = _SIGNED.match(note)
    return found["text"] if found else ""
