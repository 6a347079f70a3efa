"""A plant with one characteristic, records at their first state, and the shortest way to a later one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from capa import services
from capa.models import DefectCode
from governance.models import Characteristic, Equipment, Parameter, Part, Process
from iot.models import ControlLimits, Signal, Subgroup
from qms.core.actor import system
from qms.core.records import open_record
from qms.core.stepping import advance
from qms.core.trail import acting
from tests.capa import entering, walk
from tests.conftest import PASSWORD


def make_characteristic(site):
    """Press-in force at L2-S30, 8.4 to 8.8 kN."""
    with acting(system("tests")):
        line = Equipment.objects.create(site=site, level="line", code="L2", name="Press line")
        station = Equipment.objects.create(site=site, parent=line, level="station", code="L2-S30", name="Press")
        process = Process.objects.create(site=site, code="PRESS", name="Press-in")
        part = Part.objects.create(site=site, number="PH-2290-11", revision="F", name="Pump housing")
        parameter = Parameter.objects.create(
            site=site, path="nv1/l2/s30/press_force", name="press force", unit="kN", station=station
        )
        return Characteristic.objects.create(
            site=site,
            code="C201",
            name="Press-in force",
            station=station,
            part=part,
            process=process,
            parameter=parameter,
            lsl=8.4,
            usl=8.8,
            decimals=3,
        )


@pytest.fixture
def characteristic(site):
    return make_characteristic(site)


@pytest.fixture
def defect(site):
    with acting(system("tests")):
        return DefectCode.objects.create(code="PRESS", name="Press fit")


@pytest.fixture
def ncr(site, operator):
    """A nonconformity as an operator reports it: three fields."""
    return services.open_nonconformity(title="Press-in force low", site=site, by=operator, quantity_nonconforming=12)


@pytest.fixture
def to_ncr(ncr, defect, engineer, approver, manager):
    """Walk a nonconformity to a state by the shortest allowed way."""
    return lambda state: walk.nonconformity(
        ncr, state, engineer=engineer, approver=approver, manager=manager, defect=defect
    )


@pytest.fixture
def capa(site, operator, engineer):
    """A CAPA as it is opened."""
    return services.open_capa(title="Leak after press-in", site=site, by=engineer, severity="major")


@pytest.fixture
def crew(engineer, approver, manager, make_actor, site):
    """Who does what on a CAPA; the verifier has worked on nothing."""
    return {
        "leader": engineer,
        "approver": approver,
        "quality": manager,
        "verifier": make_actor("Jon Weber", "approver", site=site),
        "builder": make_actor("Priya Nair", "engineer", site=site),
    }


@pytest.fixture
def to_capa(capa, crew, characteristic):
    """Bring a CAPA to a state by the shortest lawful way."""
    return lambda state: entering.capa(capa, state, crew=crew, characteristic=characteristic)


@pytest.fixture
def step():
    """Take a step as a person, with the right password."""
    return lambda record, name, by, **extra: advance(record, name, by=by, password=PASSWORD, **extra)


@pytest.fixture
def soon():
    return timezone.now() + timedelta(days=5)


def signal_of(characteristic):
    """A point below the lower control limit, as the chart raises it."""
    now = timezone.now()
    with acting(system("tests")):
        limits = open_record(
            ControlLimits,
            title="Limits of C201",
            site=characteristic.site,
            by=system("tests"),
            characteristic=characteristic,
            revision=1,
            chart="i-mr",
            sigma_estimator="mr",
            center=8.6,
            ucl=8.72,
            lcl=8.48,
            sigma=0.04,
        )
        point = Subgroup.objects.create(
            characteristic=characteristic,
            n=1,
            t=now,
            first_t=now,
            size=1,
            values=[8.31],
            mean=8.31,
            limits=limits,
            lot="W47-206",
        )
        return Signal.objects.create(
            site=characteristic.site,
            characteristic=characteristic,
            subgroup=point,
            first_point=1,
            last_point=1,
            rules=["nelson1"],
            mask=1,
            words="One point lies beyond the limits.",
            first_at=now,
            last_at=now,
            value=8.31,
            center=8.6,
            sigma=0.04,
            distance=-7.25,
            limits=limits,
        )


@pytest.fixture
def signal(characteristic):
    return signal_of(characteristic)


@pytest.fixture
def make_signal():
    return lambda site: signal_of(make_characteristic(site))


@pytest.fixture
def readings(characteristic):
    """Store readings of the characteristic's parameter from a moment on, one an hour."""

    def store(values, start):
        rows = [
            (start + timedelta(hours=k), float(value), start, characteristic.parameter_id)
            for k, value in enumerate(values)
        ]
        with acting(system("tests")), connection.cursor() as cursor:
            cursor.executemany(
                "insert into iot_reading (t, value, received, parameter_id) values (%s, %s, %s, %s)", rows
            )

    return store
