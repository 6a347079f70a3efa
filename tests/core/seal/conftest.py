"""A trail of its own to seal and to tamper with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from qms.core.models import Site
from qms.core.seal.checking import check
from qms.core.seal.findings import Report
from qms.core.seal.sealer import Sealer, ready_signer
from qms.core.trail import acting
from qms.embedded import testing
from tests.core.seal.plant import US, seal_all


@pytest.fixture
def log_home(settings, tmp_path) -> Path:
    """Key and checkpoints of this test alone."""
    settings.TRAIL_KEY_FILE = tmp_path / "trail" / "key"
    settings.CHECKPOINTS_DIR = tmp_path / "trail" / "checkpoints"
    return tmp_path / "trail"


@pytest.fixture
def sealer(fresh_database, log_home) -> Sealer:
    """The sealer of a database with real commits."""
    return Sealer(ready_signer())


@pytest.fixture
def plant(sealer) -> Site:
    """A plant whose name has changed six times, sealed in three checkpoints."""
    with acting(US):
        site = Site.objects.create(code="P1", name="Plant")
    for n in range(6):
        with acting(US, reason=f"reason {n}"):
            Site.objects.filter(pk=site.pk).update(name=f"Plant {n}")
        if n % 2:
            seal_all(sealer)
    return site


@pytest.fixture
def superuser(fresh_database) -> Callable[[str], None]:
    """Run SQL as somebody the database refuses nothing, with every trigger off."""

    def run(statement: str) -> None:
        raw = psycopg2.connect(testing._cluster().url("postgres", fresh_database))
        try:
            with raw, raw.cursor() as cursor:
                cursor.execute("set session_replication_role = replica")
                cursor.execute(statement)
        finally:
            raw.close()

    return run


@pytest.fixture
def found() -> Callable[[], Report]:
    """Check everything."""
    return check
