"""A press with three parameters, and a door that readings come in by."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from governance.models import Characteristic
from governance.services import add_characteristic, add_equipment, add_parameter
from iot.ingest.catalogue import load
from iot.ingest.flush import Flushed, flush
from iot.ingest.intake import Message
from iot.models import ControlLimits
from qms.core.actor import system
from qms.core.records import open_record
from qms.core.trail import acting, reading

TESTS = system("tests")


@pytest.fixture
def station(site):
    """NV1 / assembly / L2 / S30."""
    with acting(TESTS):
        area = add_equipment(site=site, level="area", code="ASM", name="Assembly", by=TESTS)
        line = add_equipment(site=site, level="line", code="L2", parent=area, by=TESTS)
        return add_equipment(site=site, level="station", code="S30", name="Press", parent=line, by=TESTS)


@pytest.fixture
def characteristic(site, station) -> Characteristic:
    """Press-in force: single values in kN, every rule."""
    with acting(TESTS):
        parameter = add_parameter(site=site, path="nv1/asm/l2/s30/press_force", station=station, unit="kN", by=TESTS)
        return add_characteristic(
            parameter=parameter,
            code="C201",
            name="Press-in force",
            by=TESTS,
            lsl=7.0,
            target=8.6,
            usl=10.0,
            rules=["nelson_1", "nelson_2", "nelson_3", "nelson_5"],
        )


@pytest.fixture
def means(site, station) -> Characteristic:
    """Depth: subgroups of three, in mm."""
    with acting(TESTS):
        parameter = add_parameter(site=site, path="nv1/asm/l2/s30/depth", station=station, unit="mm", by=TESTS)
        return add_characteristic(
            parameter=parameter, code="C202", name="Depth", by=TESTS, chart="xbar-r", subgroup_size=3
        )


@pytest.fixture
def limits_for() -> Callable[..., ControlLimits]:
    """Limits in force without the ceremony of their release."""
    revisions = itertools.count(1)

    def make(row: Characteristic, *, since: datetime, center: float = 8.6, sigma: float = 0.1) -> ControlLimits:
        with acting(TESTS):
            limits = open_record(
                ControlLimits,
                title="Limits",
                site=row.site,
                by=TESTS,
                characteristic=row,
                revision=next(revisions),
                chart=row.chart,
                sigma_estimator="given",
                size=row.subgroup_size,
                center=center,
                ucl=center + 3 * sigma,
                lcl=center - 3 * sigma,
                sigma=sigma,
                sigma_within=sigma,
                n_points=30,
                effective_from=since,
                reason="test",
            )
            limits.state = "in_force"
            limits.save()
        return limits

    return make


def wire(value: object, t: datetime | str, unit: str | None = "kN", **more: object) -> bytes:
    """A payload in wire format v1."""
    at = t if isinstance(t, str) else t.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"v": value, "t": at, **({"u": unit} if unit is not None else {}), **more}).encode()


@pytest.fixture
def start() -> datetime:
    """Measured time of the first reading."""
    return timezone.now().replace(microsecond=0) - timedelta(minutes=50)


@pytest.fixture
def send(site) -> Callable[..., Flushed]:
    """Hand payloads to the ingest worker's own batch, as (topic below the enterprise, payload)."""

    def push(*messages: tuple[str, bytes], again: bool = False) -> Flushed:
        now = timezone.now()
        with reading(TESTS):
            catalogue = load()
        return flush([Message(f"acme/{topic}", payload, now, again) for topic, payload in messages], catalogue)

    return push


@pytest.fixture
def hear(site) -> Callable[..., Flushed]:
    """Hand raw messages to a batch, as (topic, payload)."""

    def push(*messages: tuple[str, bytes]) -> Flushed:
        now = timezone.now()
        with reading(TESTS):
            catalogue = load()
        return flush([Message(topic, payload, now) for topic, payload in messages], catalogue)

    return push


@pytest.fixture
def measure(send, start) -> Callable[..., Flushed]:
    """Send values of press-in force, one a second from `at` seconds on."""

    def push(
        values: Iterable[float], *, at: int = 0, topic: str = "NV1/ASM/L2/S30/press_force", unit: str = "kN"
    ) -> Flushed:
        payloads = (wire(v, start + timedelta(seconds=at + i), unit) for i, v in enumerate(values))
        return send(*((topic, payload) for payload in payloads))

    return push
