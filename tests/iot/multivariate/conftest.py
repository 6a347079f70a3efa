"""A press whose force, travel and torque are judged as one vector."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from governance.models import Characteristic
from governance.services import Together, add_characteristic, add_parameter, judge_together
from iot.models import ControlLimits, Signal
from iot.services import propose_limits
from qms.core.trail import acting
from tests.iot.conftest import TESTS, wire

TOPICS = ("NV1/ASM/L2/S30/press_force", "NV1/ASM/L2/S30/travel", "NV1/ASM/L2/S30/torque")
COV = [[0.01, 0.04, 0.0], [0.04, 0.25, 0.0], [0.0, 0.0, 1.0]]
ROWS = np.random.default_rng(5).multivariate_normal([8.6, 20.0, 50.0], COV, 60).round(4)


@pytest.fixture
def members(characteristic, site, station) -> list[Characteristic]:
    """Force, travel and torque of the press."""
    found = [characteristic]
    with acting(TESTS):
        for code, name, topic in (("C210", "Travel", TOPICS[1]), ("C211", "Torque", TOPICS[2])):
            parameter = add_parameter(site=site, path=topic.lower(), station=station, unit="kN", by=TESTS)
            found.append(add_characteristic(parameter=parameter, code=code, name=name, by=TESTS))
    return found


@pytest.fixture
def together(members):
    """A chart of the three, by T squared or as it is asked for."""

    def make(chart: str = "t2", **given: object) -> Characteristic:
        wanted = Together(members, chart=chart, **given)  # type: ignore[arg-type]
        return judge_together(wanted, code="M201", name="Press, all together", by=TESTS)

    return make


@pytest.fixture
def press(send, start):
    """Press pieces: one message of each parameter for each row of values, one row a second from `at` on."""

    def push(rows, *, at: int = 0, serials: bool = False, only=(0, 1, 2), apart: float = 0.0):
        said = []
        for i, row in enumerate(rows):
            more = {"serial": f"P{at + i}"} if serials else {}
            for j in only:
                t = start + timedelta(seconds=at + i + apart * j)
                said.append((TOPICS[j], wire(float(row[j]), t, **more)))
        return send(*said)

    return push


def released(row: Characteristic, since: datetime) -> ControlLimits:
    """Phase I of every vector so far, in force since a moment."""
    with acting(TESTS):
        limits = propose_limits(row, reason="First limits", by=TESTS, effective_from=since)
        limits.state = "in_force"
        limits.save()
    return limits


@pytest.fixture
def charted(together, press, start) -> Characteristic:
    """Forty vectors in control, limits, and two vectors whose torque is far too high."""
    row = together()
    press(ROWS[:40])
    released(row, start + timedelta(seconds=40))
    press([ROWS[40], [8.6, 20.0, 58.0], [8.6, 20.0, 58.5]], at=40)
    return row


@pytest.fixture
def signal(charted) -> Signal:
    """The signal at its end."""
    return Signal.objects.get(characteristic=charted)
