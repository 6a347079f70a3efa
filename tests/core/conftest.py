"""The kernel's tests: a small kind of record, and what it takes to open one."""

from __future__ import annotations

import os
from collections.abc import Callable

import psycopg2
import pytest

from qms.core.actor import Actor
from qms.core.models import Site
from qms.core.records import KINDS, open_record
from tests.core.gauge import TABLE, Gauge


def as_owner(statement: str) -> None:
    """Run SQL as the owner of the database under test, who alone may make tables."""
    raw = psycopg2.connect(os.environ["QMS_OWNER_DATABASE_URL"])
    try:
        with raw, raw.cursor() as cursor:
            cursor.execute(statement)
    finally:
        raw.close()


@pytest.fixture(scope="session")
def gauge_table(django_db_setup) -> None:
    as_owner(TABLE)


@pytest.fixture
def gauges(gauge_table, monkeypatch) -> None:
    """The kind is known, for this test."""
    monkeypatch.setitem(KINDS, Gauge.KIND, Gauge)


@pytest.fixture
def own_database(fresh_database, monkeypatch) -> str:
    """A database of this test with real commits, and the kind in it."""
    as_owner(TABLE)
    monkeypatch.setitem(KINDS, Gauge.KIND, Gauge)
    return fresh_database


@pytest.fixture
def open_gauge(site: Site, engineer: Actor) -> Callable[..., Gauge]:
    """Open a gauge as the engineer."""

    def make(title: str = "Ring gauge", *, by: Actor = engineer, at: Site = site, **fields: object) -> Gauge:
        return open_record(Gauge, title=title, site=at, by=by, **fields)

    return make
