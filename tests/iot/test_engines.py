"""The engine of the readings follows what the server has."""

from __future__ import annotations

import pytest
from django.db import connection

from iot.engines import installed, packs_itself, settle, settle_pieces


class Catalogue:
    """A server that says it has some extensions and some readings, and writes down what it is told to do."""

    def __init__(self, *extensions: str, stored: bool = False, chunks: bool = False) -> None:
        self.extensions, self.stored, self.chunks = extensions, stored, chunks
        self.told: list[str] = []
        self.rows: list[tuple[object, ...]] = []

    def execute(self, query, params=None):
        if "pg_extension" in query:
            self.rows = [(name,) for name in self.extensions if name in params[0]]
        elif "hypertables" in query:
            self.rows = [("iot_reading",)] if self.chunks else []
        elif "relkind" in query:
            self.rows = [("r",) if self.chunks else ("p",)]
        elif "exists" in query:
            self.rows = [(self.stored,)]
        else:
            self.told.append(query)

    def fetchall(self):
        return self.rows


def test_a_plain_server_keeps_its_own_partitions():
    server = Catalogue("btree_gin", "pg_trgm")
    assert settle(server) == ()
    assert server.told == []


def test_timescale_makes_the_empty_table_a_hypertable():
    server = Catalogue("timescaledb")
    settle(server)
    assert any("create_hypertable('iot_reading', 't'" in told for told in server.told)
    assert any("iot_make_partitions" in told and "select 0" in told for told in server.told)


def test_timescale_leaves_a_table_with_readings_as_it_is():
    assert settle(Catalogue("timescaledb", stored=True)) == ()


def test_citus_keeps_everything_of_a_parameter_on_one_node():
    server = Catalogue("citus", "timescaledb", stored=True)
    settle(server)
    assert [told.split("'")[1] for told in server.told] == ["iot_reading", "iot_rollup", "iot_rollupmark"]
    assert all("'parameter_id'" in told for told in server.told)


def test_a_hypertable_packs_its_own_closed_chunks():
    server = Catalogue("timescaledb", chunks=True)
    settle_pieces(server)
    assert any("add_compression_policy('iot_reading'" in told for told in server.told)
    assert packs_itself(server)


def test_partitions_beside_timescale_are_packed_by_the_platform():
    server = Catalogue("timescaledb")
    assert settle_pieces(server) == ()
    assert not packs_itself(server)


def test_citus_keeps_packed_days_with_their_parameter():
    server = Catalogue("citus")
    assert settle_pieces(server)[0].startswith("select create_distributed_table('iot_piece', 'parameter_id'")


@pytest.mark.django_db
def test_the_question_is_one_this_server_understands():
    with connection.cursor() as cursor:
        assert installed(cursor) == set()
