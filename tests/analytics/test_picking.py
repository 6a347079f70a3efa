"""Characteristics as data: their readings in a span, by page and by API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.models import Analysis
from iot.models import Reading
from iot.services import make_partitions
from qms.core.actor import system
from qms.core.trail import acting, reading
from tests.capa.conftest import make_characteristic

pytestmark = pytest.mark.django_db


@pytest.fixture
def span(site):
    """A characteristic with thirty readings, and the span they lie in."""
    row, now = make_characteristic(site), timezone.now().replace(microsecond=0)
    make_partitions(since=(now - timedelta(days=2)).date(), until=now.date())
    with acting(system("tests")):
        for i in range(30):
            Reading.objects.create(
                parameter=row.parameter, t=now - timedelta(minutes=30 - i), received=now, value=8.6 + (i % 5) / 100
            )
    return row, now - timedelta(hours=1), now


def test_picked_characteristics_are_charted_and_kept_with_their_span(span, engineer, browser_of):
    row = span[0]
    sent = {"study": "readings", "source": "characteristics", "characteristics": [row.pk], "do": "save",
            "first": "2020-01-01T00:00",
            "last": "2199-01-01T00:00"}  # fmt: skip
    answer = browser_of(engineer).post("/analytics/workbench/", sent)
    assert answer.status_code == 302, (answer.context["form"].errors, answer.context["problems"])
    with reading(engineer):
        record = Analysis.objects.get()
    assert (record.source, record.source_detail, record.size) == ("characteristics", row.code, 30)
    assert record.first is not None
    assert record.data["columns"][0]["unit"] == "kN"


def test_the_api_takes_characteristics_instead_of_columns(span, engineer, browser_of):
    row, first, last = span
    data = {"study": "readings", "characteristics": [row.pk], "first": first.isoformat(), "last": last.isoformat()}
    made = browser_of(engineer).post("/api/v1/spc/analyses/", data, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["size"] == 30


def test_a_span_without_readings_names_the_characteristic(span, engineer, browser_of):
    row = span[0]
    sent = {"study": "readings", "source": "characteristics", "characteristics": [row.pk], "do": "read",
            "first": "2020-01-01T00:00", "last": "2020-01-02T00:00"}  # fmt: skip
    answer = browser_of(engineer).post("/analytics/workbench/", sent)
    assert answer.status_code == 400
    assert f"{row.code} has no readings in this span" in answer.content.decode()


def test_characteristics_of_another_plant_cannot_be_picked(span, stranger, browser_of):
    row, first, last = span
    data = {"study": "readings", "characteristics": [row.pk], "first": first.isoformat(), "last": last.isoformat()}
    made = browser_of(stranger).post("/api/v1/spc/analyses/", data, content_type="application/json")
    assert made.status_code == 400
