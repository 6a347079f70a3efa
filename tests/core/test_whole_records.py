"""A record without its other half is found."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from qms.core.models import Record
from qms.core.trail import acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


def check() -> str:
    out = StringIO()
    call_command("check_records", stdout=out, stderr=out)
    return out.getvalue()


def test_whole_records_are_counted(open_gauge) -> None:
    open_gauge()
    assert check() == "1 records are whole.\n"


def test_a_record_without_a_row_of_its_kind_is_named(open_gauge, engineer) -> None:
    gauge = open_gauge()
    with acting(engineer):
        Record.objects.create(kind="gauge", number="GAU-LOST", title="Half", state="open", site_id=gauge.site_id)
    with pytest.raises(CommandError, match="1 of 2 records are not whole"):
        check()
