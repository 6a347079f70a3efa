"""A read without a scope is an error, and what belongs to another site is not there."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from qms.core.actor import ANONYMOUS, system
from qms.core.errors import Denied
from qms.core.models import Record, Site
from qms.core.records import change_record, locked, visible
from qms.core.stepping import advance
from qms.core.trail import acting, reading
from tests.core.gauge import Gauge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


@pytest.fixture
def both(open_gauge, stranger, elsewhere) -> tuple[Gauge, Gauge]:
    """A gauge of each site, and no scope left over from opening them."""
    mine, foreign = open_gauge("Mine"), open_gauge("Foreign", by=stranger, at=elsewhere)
    return mine, foreign


def unset() -> None:
    """As a fresh connection: outside an act no scope is set."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('qms.sites', '', true)")


def test_reading_records_without_a_scope_is_an_error_and_never_an_empty_page(both) -> None:
    unset()
    with pytest.raises(DatabaseError), transaction.atomic():
        Record.objects.count()


def test_the_database_hides_foreign_records_even_from_code_that_forgets_to_ask(both, engineer) -> None:
    with reading(engineer):
        assert [g.title for g in Gauge.objects.all()] == ["Mine"]
        assert Record.objects.count() == 1


def test_the_code_alone_scopes_as_the_database_does(both, engineer, stranger) -> None:
    with reading(system("tests")):
        assert [[g.title for g in visible(Gauge, who)] for who in (engineer, stranger)] == [["Mine"], ["Foreign"]]
        assert visible(Gauge, ANONYMOUS).count() == 0


def test_a_role_everywhere_sees_every_site(both, make_actor) -> None:
    with reading(auditor := make_actor("Eve Everywhere", "auditor")):
        assert visible(Gauge, auditor).count() == 2


def test_a_foreign_record_can_be_neither_locked_nor_changed_nor_stepped(both, engineer) -> None:
    foreign = both[1]
    with pytest.raises(Record.DoesNotExist), acting(engineer):
        locked(Gauge, foreign.pk)
    for attempt in (
        lambda: change_record(foreign, by=engineer, title="Taken"),
        lambda: advance(foreign, "check", by=engineer),
    ):
        with pytest.raises((Denied, Record.DoesNotExist)):
            attempt()


def test_raw_sql_moves_no_record_to_another_site(both, engineer, elsewhere) -> None:
    move = "update core_record set site_id = %s where id = %s"
    with pytest.raises(DatabaseError, match="row-level security"), acting(engineer), connection.cursor() as cursor:
        cursor.execute(move, [elsewhere.pk, both[0].pk])


def test_raw_sql_changes_no_foreign_record(both, engineer, elsewhere) -> None:
    with acting(engineer), connection.cursor() as cursor:
        cursor.execute("update core_record set title = 'taken' where site_id = %s", [elsewhere.pk])
        assert cursor.rowcount == 0


def test_a_reading_cannot_write(site, engineer) -> None:
    with pytest.raises(DatabaseError, match="read-only"), reading(engineer):
        Site.objects.update(name="Written")


def test_an_act_never_begins_inside_a_reading(engineer) -> None:
    with reading(engineer), pytest.raises(RuntimeError), acting(engineer):
        pass
