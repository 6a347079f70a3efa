"""The one error the door knows: a sentence for the person at the terminal."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class CannotStart(Exception):
    """Why it does not go on and what to do about it, in one sentence (log lines may follow on lines of their own)."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn a refusal into its sentence on standard error and exit code 1."""
    try:
        yield
    except CannotStart as refusal:
        raise SystemExit(f"Plumbline: {refusal}") from None
    except OSError as problem:
        if problem.errno not in _NO_ROOM:
            raise
        where = problem.filename or "the home"
        raise SystemExit(f"Plumbline: {where} cannot be written ({problem.strerror}): make room on its disk.") from None
