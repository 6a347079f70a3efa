"""A backup is whole or is not there, comes back only into an empty place, and the drill says what it would lose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qms.core.backup import making
from qms.core.backup.drill import drill, keep
from qms.core.backup.restoring import Places, restore
from qms.core.errors import Refused
from qms.core.models import Site
from qms.core.trail import acting
from tests.core.seal.plant import US, seal_all


@pytest.fixture
def backup(plant, tmp_path, settings) -> Path:
    """A backup of a small plant with one file."""
    settings.FILES_DIR = tmp_path / "files"
    (tmp_path / "files" / "ab").mkdir(parents=True)
    (tmp_path / "files" / "ab" / "abc").write_text("a file")
    return making.make(tmp_path / "backups")


@pytest.mark.slow
def test_a_drill_finds_a_backup_whole_and_says_what_it_would_lose(backup, plant, sealer, tmp_path) -> None:
    with acting(US):
        Site.objects.filter(pk=plant.pk).update(name="After the backup")
    seal_all(sealer)
    evidence = drill(backup)
    assert (evidence.whole, evidence.entries_behind, evidence.report["counts"]["entries"]) == (
        True,
        1,
        evidence.report["size"],
    )
    assert "The backup works." in keep(evidence, tmp_path / "drills").read_text()


def test_a_changed_backup_is_refused(backup) -> None:
    (backup / making.FILES).write_bytes(b"something else")
    with pytest.raises(Refused, match="not what was backed up"):
        making.manifest_of(backup)


def test_a_backup_overwrites_nothing(backup, tmp_path) -> None:
    full = Places(os.environ["QMS_OWNER_DATABASE_URL"], tmp_path / "new", tmp_path / "kept")
    with pytest.raises(Refused, match="not empty"):
        restore(backup, full)
    with pytest.raises(Refused, match="not empty"):
        restore(backup, Places(full.owner, tmp_path / "files", tmp_path / "kept"))


def test_a_backup_that_fails_leaves_nothing_behind(plant, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("QMS_OWNER_DATABASE_URL", "postgresql://nobody@/nowhere?host=/nowhere")
    with pytest.raises(Refused, match="pg_dump failed"):
        making.make(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_the_key_is_never_in_a_backup(backup, log_home) -> None:
    seed = (log_home / "key").read_text().split()[2].encode()
    assert not any(seed in file.read_bytes() for file in backup.rglob("*") if file.is_file())
