"""Every write path leaves exactly one row of the trail per changed row, with who and why, and nobody can undo it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from qms.core.actor import system
from qms.core.models import Comment, Holiday, Site, Task, Trail
from qms.core.records import bulk_open, change_record
from qms.core.stepping import advance
from qms.core.trail import acting, history
from tests.core.gauge import Gauge

US = system("tests")
pytestmark = pytest.mark.django_db


def rows(table: str) -> list[tuple[str, str, str, bool]]:
    return list(Trail.objects.filter(tbl=table).order_by("id").values_list("op", "actor", "reason", "known"))


@pytest.fixture
def plant(site):
    """A plant and an empty slate."""
    return site


def since(mark: int, table: str) -> list[tuple[str, str, str, bool]]:
    found = Trail.objects.filter(tbl=table, id__gt=mark).order_by("id")
    return list(found.values_list("op", "actor", "reason", "known"))


@pytest.fixture
def mark(plant) -> int:
    return Trail.objects.latest("id").pk


def save(site) -> None:
    site.name = "Saved"
    site.save()


def bulk_create(site) -> None:
    Site.objects.bulk_create(Site(code=f"B{n}", name="B") for n in range(3))


def bulk_update(site) -> None:
    site.name = "Bulk"
    Site.objects.bulk_update([site], ["name"])


def update(site) -> None:
    Site.objects.filter(pk=site.pk).update(name="Updated")


def create(site) -> None:
    Site.objects.create(code="C1", name="C")


def upsert(site) -> None:
    Site.objects.bulk_create(
        [Site(code=site.code, name="Upserted")], update_conflicts=True, unique_fields=["code"], update_fields=["name"]
    )


def raw(site) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update core_site set name = name || '!' where id = %s", [site.pk])


@pytest.mark.parametrize(
    ("write", "ops"),
    [
        (save, "U"),
        (bulk_create, "III"),
        (bulk_update, "U"),
        (update, "U"),
        (create, "I"),
        (upsert, "U"),
        (raw, "U"),
    ],
)
def test_each_write_path_leaves_one_row_per_changed_row(plant, mark, write, ops) -> None:
    with acting(US, reason="because"):
        write(plant)
    assert since(mark, "core_site") == [(op, "system:tests", "because", True) for op in ops]


def test_a_delete_where_one_is_allowed_is_kept(plant) -> None:
    with acting(US, reason="gone"):
        Holiday.objects.create(site=plant, day="2026-12-25", name="Christmas").delete()
    assert [row[0] for row in rows("core_holiday")] == ["I", "D"]


def test_a_write_that_changes_nothing_leaves_nothing(plant, mark) -> None:
    with acting(US):
        Site.objects.filter(pk=plant.pk).update(name=plant.name)
    assert since(mark, "core_site") == []


def test_what_is_rolled_back_leaves_nothing(plant, mark) -> None:
    def broken() -> None:
        with acting(US):
            save(plant)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert since(mark, "core_site") == []


@pytest.mark.parametrize(
    "statement",
    [
        "update core_trail set actor = 'somebody'",
        "delete from core_trail",
        "truncate core_trail",
        "insert into core_trail (act) values ('x')",
        "alter table core_trail disable trigger all",
        "alter table core_site disable trigger trail_update",
        "drop trigger trail_update on core_site",
        "drop table core_trail",
        "delete from core_record",
        "update core_signature set meaning = 'x'",
        "delete from core_signature",
        "truncate core_signaturevoid",
        "update core_event set actor = 'x'",
        "delete from core_event",
        "set session_replication_role = replica",
        "create or replace function core_trail_row() returns trigger language plpgsql as 'begin return null; end'",
    ],
)
def test_the_applications_role_cannot_touch_the_trail(plant, statement) -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.__cause__.pgcode == "42501"


def test_the_history_tells_each_act_with_what_it_changed(gauges, open_gauge, engineer) -> None:
    gauge = open_gauge("Ring")
    change_record(gauge, by=engineer, reason="typing error", title="Ring gauge", note="measured")
    advance(gauge, "check", by=engineer)
    opened, changed, checked = history(gauge)
    assert (opened.actor, changed.reason, changed.source) == ("Elin Lindqvist", "typing error", "web")
    assert {("title", "Ring", "Ring gauge"), ("note", "", "measured")} <= {
        (c.field, c.old, c.new) for c in changed.changes
    }
    assert ("state", "open", "checked") in {(c.field, c.old, c.new) for c in checked.changes}


def test_records_written_in_bulk_keep_both_halves_in_the_trail(gauges, site, engineer) -> None:
    with acting(engineer):
        bulk_open(Gauge, [Gauge(site=site, title=f"Bulk {n}") for n in range(5)], by=engineer)
    assert [len(rows(table)) for table in ("core_record", "gauges_gauge")] == [5, 5]


def test_rows_around_a_record_show_in_its_history(gauges, open_gauge, engineer) -> None:
    gauge = open_gauge()
    with acting(engineer):
        Comment.objects.create(record=gauge, author_id=engineer.id, text="Look")
        Task.objects.create(key="k", title="t", record=gauge, site_id=gauge.site_id, role="engineer")
    assert {change.table for act in history(gauge)[1:] for change in act.changes} == {"core_comment", "core_task"}
