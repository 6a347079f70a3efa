"""Files that jobs made for one person, kept for a while beside the files of records."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings

KEPT = 7 * 24 * 3600  # seconds


def folder() -> Path:
    """Where they lie; made when it is not there."""
    place = Path(settings.FILES_DIR) / "made"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def forget(now: float | None = None) -> int:
    """Remove what is older than a week; returns how many files left."""
    until, gone = (now or time.time()) - KEPT, 0
    for file in folder().iterdir():
        if file.stat().st_mtime < until:
            file.unlink(missing_ok=True)
            gone += 1
    return gone
