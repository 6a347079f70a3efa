"""Long work of the shell: sheets of many rows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.utils import timezone

from qms.core.clock import every
from qms.core.jobs import Effect, Running, work
from qms.core.trail import reading
from qms.web import made
from qms.web.pages.afar import list_at
from qms.web.pages.export import write_book
from qms.web.words import zone_of

TOLD_EVERY = 1000  # rows


@work("sheet")
def make_sheet(job: Running) -> Effect:
    """A workbook of all rows of a list, as its address asks for them, in one view of the data from first to last."""
    file = made.folder() / f"{job.id}-{job.attempt}.xlsx"
    # progress is a write of its own: it cannot go through the connection that reads
    with ThreadPoolExecutor(max_workers=1) as aside:
        try:
            rows = _write(job, file, lambda *said: aside.submit(job.at, *said).result())
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        finally:
            aside.submit(connections.close_all).result()
    return lambda: {"words": f"{rows:,} rows are ready", "rows": rows, "file": file.name, "name": job.args["name"]}


def _write(job: Running, file: Any, say: Callable[[str, float], None]) -> int:
    with timezone.override(zone_of(job.by.timezone)), reading(job.by), file.open("wb") as stream:
        listing = list_at(job.args["path"], job.args["query"], job.by)
        found = listing.sound()
        total, rows = found.count(), iter(listing.in_order(found))
        try:
            write_book(stream, _told(rows, total, say), listing.chosen(), listing.about())
        finally:
            if isinstance(rows, Generator):
                rows.close()  # its cursor ends before its transaction does, also when it is stopped midway
    return total


def _told(rows: Iterable[Any], total: int, say: Callable[[str, float], None]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number % TOLD_EVERY == 0:
            say(f"{number:,} of {total:,} rows", number / max(total, 1))
        yield row


@every(3600)
def forget_files() -> None:
    """Remove the files that jobs made more than a week ago."""
    made.forget()
