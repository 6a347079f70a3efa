"""The test databases themselves: the application's role, clones, real commits."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection


@pytest.mark.django_db
def test_tests_run_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("qms_app",)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["create table t ()", "create temporary table t ()", "create schema s", "set role qms_owner"]
)
def test_the_application_role_defines_nothing(statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_fresh_database_shows_commits_to_other_threads(fresh_database: str) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("insert into django_content_type (app_label, model) values ('floor', 'press')")
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    writer.join()
    with connection.cursor() as cursor:
        cursor.execute("select current_database(), count(*) from django_content_type where app_label = 'floor'")
        assert cursor.fetchone() == (fresh_database, 1)


@pytest.mark.django_db
def test_another_test_does_not_see_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from django_content_type where app_label = 'floor'")
        assert cursor.fetchone() == (0,)
