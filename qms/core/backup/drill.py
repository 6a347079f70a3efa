"""The drill: a backup is restored beside the running platform, checked to the last row, and what it would lose said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.utils import timezone

from qms.core.backup import making
from qms.core.backup.restoring import Places, restore, server_in
from qms.core.errors import Refused
from qms.core.seal import shelf
from qms.embedded import throwaway
from qms.embedded.environment import OWNER
from qms.embedded.home import Home

_NEWEST = "select size, at from core_checkpoint order by number desc limit 1"


@dataclass(frozen=True)
class Evidence:
    """What a drill found, to be kept."""

    at: str
    backup: str
    backup_at: str
    whole: bool
    words: str
    rpo_seconds: float  # how old the newest sealed row of the backup was when the drill began
    entries_behind: int  # how many entries the checkpoints outside have beyond the backup
    rto_seconds: float  # from nothing to a checked database
    restore_seconds: float
    verify_seconds: float
    report: dict[str, Any]

    def text(self) -> str:
        """For people."""
        verdict = "The backup works." if self.whole else "THE BACKUP DOES NOT WORK."
        return (
            f"# Drill of {self.at}\n\n{verdict} {self.words}\n\n"
            f"- Backup: `{self.backup}`, read from the database at {self.backup_at}\n"
            f"- Lost if the machine had gone at that moment (RPO): {self.rpo_seconds:,.0f} s,"
            f" {self.entries_behind:,} entries of the trail\n"
            f"- From nothing to a checked database (RTO): {self.rto_seconds:,.1f} s, of which restoring"
            f" {self.restore_seconds:,.1f} s, checking {self.verify_seconds:,.1f} s\n"
            f"- Looked at: {', '.join(f'{number:,} {name}' for name, number in self.report['counts'].items())}\n"
        )


def drill(backup: Path) -> Evidence:
    """Restore a backup into a scratch cluster, check trail and files, take it away again. Raises Refused."""
    said, at = making.manifest_of(backup), timezone.now()
    folder, began = throwaway.make_folder(), time.monotonic()
    try:
        home = Home(folder / "home")
        home.path.chmod(0o711)
        with server_in(home, durable=False) as cluster:
            places = Places(cluster.url("qms_owner"), home.files, home.path / "trail" / "checkpoints")
            restore(backup, places)
            restored = time.monotonic()
            report = _checked(home, cluster.url("qms_app"))
            checked = time.monotonic()
            size, sealed = _newest(places.owner)
    finally:
        throwaway.remove(folder / "home")
        throwaway.remove(folder)
    outside = shelf.last()
    return Evidence(
        at=at.isoformat(timespec="seconds"),
        backup=str(backup),
        backup_at=said.at,
        whole=bool(report["whole"]),
        words=report["words"],
        rpo_seconds=round((at - sealed).total_seconds(), 1),
        entries_behind=max((outside.size if outside else 0) - size, 0),
        rto_seconds=round(checked - began, 1),
        restore_seconds=round(restored - began, 1),
        verify_seconds=round(checked - restored, 1),
        report=report,
    )


def keep(evidence: Evidence, folder: Path) -> Path:
    """Write the evidence down, for people and for programs; returns the page for people."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = folder / f"drill-{evidence.at.replace(':', '').replace('+0000', 'Z')}"
    stem.with_suffix(".json").write_text(json.dumps(asdict(evidence), indent=1, ensure_ascii=False) + "\n")
    page = stem.with_suffix(".md")
    page.write_text(evidence.text())
    return page


def _checked(home: Home, address: str) -> dict[str, Any]:
    """The report of the check of the restored platform, by a process of its own that knows nothing of this one."""
    environment = {name: value for name, value in os.environ.items() if name not in {OWNER, "CHECKPOINTS_DIR"}}
    environment |= {"DATABASE_URL": address, "QMS_HOME": str(home.path), "FILES_DIR": str(home.files)}
    command = [sys.executable, str(settings.ROOT / "manage.py"), "verify_trail", "--files", "--json"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, check=False, cwd=settings.ROOT, env=environment, capture_output=True, text=True
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Refused(f"The restored database could not be checked: {done.stderr.strip()[-800:]}") from None
    return report


def _newest(owner: str) -> tuple[int, datetime]:
    """Size and time of the newest checkpoint in the restored database."""
    raw = psycopg2.connect(owner)
    with raw, raw.cursor() as cursor:
        cursor.execute(_NEWEST)
        found = cursor.fetchone()
    raw.close()
    return found or (0, datetime.min.replace(tzinfo=UTC))
