"""A signature does not outlive what was signed, whichever way that was changed."""

from __future__ import annotations

import pytest
from django.db import connection

from qms.core.models import Notice, SignatureVoid
from qms.core.stepping import advance
from qms.core.watching import watch_signatures
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


@pytest.fixture
def signed(open_gauge, engineer, approver):
    """A gauge whose note was signed."""
    advance(gauge := open_gauge(note="measured"), "check", by=engineer)
    return advance(gauge, "release", by=approver, password=PASSWORD)


def behind_the_back(table: str, column: str, pk: int, text: str) -> None:
    """As somebody with the database's password does it."""
    key = "record_ptr_id" if table != "core_record" else "id"
    with connection.cursor() as cursor:
        cursor.execute(f"update {table} set {column} = %s where {key} = %s", [text, pk])


def test_raw_sql_voids_the_signature_and_the_signer_is_told(signed, approver) -> None:
    behind_the_back(type(signed)._meta.db_table, "note", signed.pk, "better")
    assert watch_signatures() == 1
    assert "changed outside its forms" in SignatureVoid.objects.get(record_id=signed.pk).reason
    assert Notice.objects.get(user_id=approver.id, kind="signature").title.startswith("Your signature “released” on")
    assert watch_signatures() == 0


def test_what_was_not_signed_may_change(signed) -> None:
    behind_the_back("core_record", "severity", signed.pk, "minor")
    assert watch_signatures() == 0
    assert not SignatureVoid.objects.exists()
