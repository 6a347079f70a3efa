"""Checkpoints outside the database: a folder of text files, one a day, only ever appended to."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from django.conf import settings

from qms.core.seal import notes
from qms.core.seal.notes import Checkpoint

SUFFIX = ".checkpoints"
_SIGNATURE = "— "


def folder() -> Path:
    """Where they lie."""
    return Path(settings.CHECKPOINTS_DIR)


def notes_in(place: Path | None = None) -> Iterator[tuple[str, str]]:
    """Every note in the order it was appended, with `file:line` of where it begins; one being written is left out."""
    files = sorted((place or folder()).glob(f"*{SUFFIX}"))
    for file in files:
        with file.open() as lines:
            for number, note in _split(lines):
                if note.endswith("\n") or file != files[-1]:
                    yield f"{file.name}:{number}", note


def last(place: Path | None = None) -> Checkpoint | None:
    """The newest whole checkpoint."""
    for file in sorted((place or folder()).glob(f"*{SUFFIX}"), reverse=True):
        with file.open() as lines:
            whole = [note for _, note in _split(lines) if _is_whole(note)]
        if whole:
            return notes.read(whole[-1])
    return None


def append(found: Sequence[str]) -> None:
    """Add notes to the files of their days and wait until they are on the disk."""
    for note in found:
        day = notes.read(note).at.astimezone(UTC).date()
        file = folder() / f"{day}{SUFFIX}"
        _mend(file)
        with file.open("a") as lines:
            lines.write(note)
            lines.flush()
            os.fsync(lines.fileno())


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time writes here."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _split(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    taken: list[str] = []
    began = number = 1
    for number, line in enumerate(lines, start=1):
        if not taken:
            began = number
        taken.append(line)
        if line.startswith(_SIGNATURE):
            yield began, "".join(taken)
            taken = []
    if taken:
        yield began, "".join(taken)


def _is_whole(note: str) -> bool:
    try:
        notes.read(note)
    except ValueError:
        return False
    return True


def _mend(file: Path) -> None:
    """Take away the torn note that a crash in the middle of a write left at the end."""
    if not file.exists() or file.stat().st_size == 0:
        return
    with file.open() as lines:
        found = [note for _, note in _split(lines)]
    if found and not _is_whole(found[-1]) and not found[-1].endswith("\n"):
        kept = sum(len(note.encode()) for note in found[:-1])
        os.truncate(file, kept)
