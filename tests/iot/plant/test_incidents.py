"""When things go wrong in the simulated plant."""

from __future__ import annotations

import itertools

import pytest

from iot.plant.incidents import BY_NAME, FAULTS, at_once, schedule
from iot.plant.norrvik import PLANT

PACES = PLANT.paces()


def test_the_first_incidents_begin_within_the_first_minute() -> None:
    first = itertools.islice(schedule(1, start=1000.0, paces=PACES), 3)
    assert [incident.start for incident in first] == [1000.0, 1015.0, 1030.0]


def test_incidents_follow_every_few_minutes() -> None:
    starts = [incident.start for incident in itertools.islice(schedule(1, start=0.0, paces=PACES), 40)][3:]
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert min(gaps) >= 150
    assert max(gaps) <= 330


def test_the_same_seed_gives_the_same_incidents() -> None:
    first = list(itertools.islice(schedule(4, start=0.0, paces=PACES), 30))
    assert first == list(itertools.islice(schedule(4, start=0.0, paces=PACES), 30))
    assert first != list(itertools.islice(schedule(5, start=0.0, paces=PACES), 30))


def test_every_fault_comes_up() -> None:
    names = {incident.fault.name for incident in itertools.islice(schedule(2, start=0.0, paces=PACES), 17)}
    assert names == set(BY_NAME)


def test_only_characteristics_that_run_have_incidents() -> None:
    codes = {i.fault.code for i in itertools.islice(schedule(2, start=0.0, paces={"C201": 6.0, "C301": 8.0}), 10)}
    assert codes == {"C201", "C301"}


def test_an_unknown_incident_is_refused_with_the_known_names() -> None:
    with pytest.raises(KeyError, match="bearing-lot"):
        at_once("earthquake", start=0.0, pace=1.0)


def test_every_fault_names_its_cause_and_its_remedy() -> None:
    assert all(fault.cause and fault.remedy and fault.code in PLANT.spec for fault in FAULTS)
