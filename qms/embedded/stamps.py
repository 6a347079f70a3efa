"""Digest of the project's own code: tells when migrations and set-up steps have to run again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_SKIPPED = {"tests", "bench", "docs", "node_modules", "__pycache__", "staticfiles", "build"}
_COUNTED = (".py", ".sql", ".lock", ".built")


def code_digest(root: Path) -> str:
    """SHA-256 over names and contents of code, SQL, locks and the mark of the built assets."""
    total = hashlib.sha256()
    for file in sorted(_files(root)):
        total.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
        yield from (Path(folder, name) for name in names if name.endswith(_COUNTED))
