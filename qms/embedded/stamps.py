"""Digests of the project's own files: they tell when migrations, assets and set-up steps have to run again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_SKIPPED = {"tests", "bench", "docs", "node_modules", "__pycache__", "staticfiles", "build", "dist", "static"}
CODE = (".py", ".sql", ".lock", ".po")
FRONT_END = (".html", ".py", ".js", ".mjs", ".css", "package.json", "package-lock.json")


def digest(root: Path, endings: tuple[str, ...]) -> str:
    """SHA-256 over names and contents of the files with these endings, what is built or installed left out."""
    total = hashlib.sha256()
    for file in sorted(_files(root, endings)):
        total.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _files(root: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
        yield from (Path(folder, name) for name in names if name.endswith(endings))
