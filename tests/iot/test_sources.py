"""Every reading of a device is accounted for, on a page, in the API and for Prometheus."""

from __future__ import annotations

import pytest
from django.test import override_settings

from iot import queries
from iot.models import SourceCount
from iot.services import add_device
from qms.core.actor import system
from qms.core.trail import acting
from tests.iot.conftest import TESTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(site, station):
    """A press that publishes below its line."""
    with acting(TESTS):
        return add_device(site=site, code="PRESS-1", name="Press", topic_prefix="nv1/asm/l2", by=TESTS)


def test_stored_is_received_without_duplicates_corrections_and_refusals(device, characteristic, measure):
    measure([8.6, 8.7, 8.8])
    measure([8.6, 8.9])
    measure([8.6], at=90, unit="kg")
    (row,) = queries.sources_visible_to(system("tests"))
    assert (row.received, row.stored, row.duplicate, row.correction, row.dead) == (6, 3, 1, 1, 1)
    assert row.unexplained == 0


def test_readings_that_nobody_can_account_for_show(device, characteristic, measure):
    measure([8.6, 8.7])
    with acting(TESTS):
        SourceCount.objects.update(stored=1)
    (row,) = queries.sources_visible_to(system("tests"))
    assert row.unexplained == 1


def test_the_metrics_name_each_device(device, characteristic, measure, client):
    measure([8.6, 8.7])
    with override_settings(METRICS_NETWORKS=["127.0.0.0/8"]):
        text = client.get("/metrics").content.decode()
    assert 'plumbline_source_readings_total{device="PRESS-1",outcome="stored"} 2.0' in text
    assert 'plumbline_health{check="ingest"}' in text


def test_the_metrics_are_closed_to_who_has_no_key_and_no_place(client):
    answer = client.get("/metrics")
    assert answer.status_code == 401
    assert b"metrics.view" in answer.content
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer nonsense").status_code == 401
