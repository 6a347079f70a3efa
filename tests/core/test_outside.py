"""What is written past the product is kept too, and named as unknown."""

from __future__ import annotations

import os

import psycopg2
import pytest
from django.db import connection

from qms.core.actor import system
from qms.core.models import Site, Trail
from qms.core.trail import acting

pytestmark = pytest.mark.usefixtures("own_database")
INSERT = """insert into core_site (code, name, timezone, language, number_pattern, workdays, shifts, demo)
            values ('P1', 'Plant', 'UTC', 'en', 'x', '[]', '[]', false)"""


def rows() -> list[tuple[str, str, str, bool]]:
    found = Trail.objects.filter(tbl="core_site").order_by("id")
    return list(found.values_list("op", "actor", "source", "known"))


def test_another_client_of_the_database_is_named_by_its_role(own_database) -> None:
    other = psycopg2.connect(os.environ["DATABASE_URL"])
    with other, other.cursor() as cursor:
        cursor.execute(INSERT)
        cursor.execute("update core_site set name = name || '!'")
        cursor.execute("delete from core_site")
    other.close()
    assert rows() == [(op, "db:qms_app", "sql", False) for op in "IUD"]


def test_the_name_of_an_act_does_not_stay_on_the_connection(own_database) -> None:
    with acting(system("tests")):
        Site.objects.create(code="P1", name="Plant")
    with connection.cursor() as cursor:
        cursor.execute("update core_site set name = 'Other'")
    assert [(actor, known) for _, actor, _, known in rows()] == [("system:tests", True), ("db:qms_app", False)]


def test_a_person_cannot_pretend_to_be_known_and_stay_unseen(own_database) -> None:
    other = psycopg2.connect(os.environ["DATABASE_URL"])
    with other, other.cursor() as cursor:
        cursor.execute("set qms.actor = ''")
        cursor.execute(INSERT)
    other.close()
    assert rows() == [("I", "db:qms_app", "sql", False)]
