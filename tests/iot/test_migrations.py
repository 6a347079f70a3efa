"""The migrations of the floor on a database that is in use: back, forth, and refused in words."""

from __future__ import annotations

import json
import os
from unittest.mock import patch

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from iot.services import add_device
from qms.core.models import Site
from qms.core.trail import acting
from qms.settings import database
from tests.iot.conftest import TESTS

pytestmark = pytest.mark.slow
BEFORE, AFTER = "0003", "0004"
TWIN = """insert into iot_device (site_id, code, name, topic_prefix, state, credential_hash)
    select site_id, 'gw-2', 'Twin', topic_prefix, %s, '' from iot_device"""


@pytest.fixture
def used(fresh_database: str) -> str:
    """A database in use with one device, at the migration before the devices sign in as themselves."""
    with acting(TESTS):
        site = Site.objects.create(code="NV1", name="Norrvik")
    add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=TESTS)
    migrate(BEFORE)
    return fresh_database


def migrate(to: str) -> None:
    """Bring the tables of the floor to a migration, as the owner."""
    owner = database(os.environ["QMS_OWNER_DATABASE_URL"])
    with patch.dict(connection.settings_dict, {name: owner[name] for name in ("USER", "PASSWORD")}):
        connection.close()
        call_command("migrate", "iot", to, verbosity=0)
        connection.close()


def run(statement: str, *values: str) -> list[tuple]:
    """The rows of a statement, as the owner."""
    with psycopg2.connect(os.environ["QMS_OWNER_DATABASE_URL"]) as database, database.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def kept() -> list[set[str]]:
    """The columns in each image of a device in the trail, oldest first."""
    return [
        set(json.loads(image)) for (image,) in run("select image from core_trail where tbl = 'iot_device' order by id")
    ]


def test_devices_that_share_a_prefix_are_named_and_nothing_is_changed(used) -> None:
    run(TWIN, "blocked")
    with pytest.raises(CommandError, match="nv1/asm/l2: gw-1, gw-2"):
        migrate(AFTER)
    assert not run("select 1 from information_schema.columns where column_name = 'credential_bcrypt'")


def test_a_way_back_keeps_the_trail_of_devices_and_their_secrets_out_of_it(used) -> None:
    run(TWIN, "retired")  # its prefix stands in nobody's way
    began = len(kept())
    run("update iot_device set name = 'Press', credential_hash = 'of a secret' where code = 'gw-1'")
    assert len(kept()) == began + 1
    migrate(AFTER)
    run("update iot_device set name = 'Robot', credential_bcrypt = 'of a secret'")
    assert not {"credential_hash", "credential_bcrypt"} & set().union(*kept())
