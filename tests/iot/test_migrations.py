"""A table of the floor whose hidden columns change while it is in use."""

from __future__ import annotations

import json
import os
from unittest.mock import patch

import psycopg2
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from iot.services import add_device
from qms.core.models import Site
from qms.core.trail import Regulate, acting
from qms.settings import database
from tests.iot.conftest import TESTS

pytestmark = pytest.mark.slow
SECRETS = ("credential_hash", "credential_bcrypt")


@pytest.fixture
def used(fresh_database: str) -> str:
    """A database in use with one device."""
    with acting(TESTS):
        site = Site.objects.create(code="NV1", name="Norrvik")
    add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=TESTS)
    return fresh_database


def regulate(*, back: bool) -> None:
    """Hide the name of a device too, as a migration of the owner would, or go back to what was hidden before."""
    owner = database(os.environ["QMS_OWNER_DATABASE_URL"])
    with patch.dict(connection.settings_dict, {name: owner[name] for name in ("USER", "PASSWORD")}):
        connection.close()
        state = MigrationLoader(connection).project_state()
        change = Regulate("device", hide=(*SECRETS, "name"), record="-", was=SECRETS)
        with connection.schema_editor() as editor:
            (change.database_backwards if back else change.database_forwards)("iot", editor, state, state)
        connection.close()


def run(statement: str) -> list[tuple]:
    """The rows of a statement, as the owner."""
    with psycopg2.connect(os.environ["QMS_OWNER_DATABASE_URL"]) as database, database.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def newest() -> set[str]:
    """The columns in the newest image of a device in the trail."""
    ((image,),) = run("select image from core_trail where tbl = 'iot_device' order by id desc limit 1")
    return set(json.loads(image))


def test_what_is_hidden_from_the_trail_changes_with_a_migration_and_back(used) -> None:
    assert "name" in newest()
    regulate(back=False)
    run("update iot_device set name = 'Press', credential_bcrypt = 'of a secret'")
    assert "name" not in newest()
    regulate(back=True)
    run("update iot_device set name = 'Robot', credential_hash = 'of a secret'")
    assert "name" in newest()
    assert not newest() & set(SECRETS)
