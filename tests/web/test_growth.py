"""A page asks the database the same number of questions whether it shows two rows or seven."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from capa.models import Capa, CostLine, Criterion, DefectCode, Disposition, Nonconformity, TeamMember
from capa.models.causes import Action, Cause
from capa.models.containment import Containment
from governance.models import Characteristic, Equipment, NumberRule, Parameter, Part, UnmappedTopic
from iot.models import ControlLimits, Correction, Device, DeviceActivity, Quarantine, Signal, Subgroup
from qms.core.actor import actor_of, system
from qms.core.models import Comment, Notice, Record, Site, Task, User
from qms.core.models.people import Membership
from qms.core.records import open_record
from qms.core.trail import acting, reading
from qms.web.pages import ListPage

pytestmark = pytest.mark.django_db
FEW, MANY = 2, 5
BY = system("tests")
PLACES = ["web:my-work", "web:people", "web:sites", "web:keys", "web:notifications", "web:search", "iot:overview"]
serial = count(1)


def lists(resolver=None, space: str = "") -> list[str]:
    """The names of every list without an argument in its address."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            found += lists(entry, entry.namespace or space)
        elif issubclass(getattr(entry.callback, "view_class", object), ListPage) and not entry.pattern.converters:
            found.append(f"{space}:{entry.name}")
    return found


class Plant:
    """Rows of every kind, each with related rows of its own, so that none is met twice."""

    def __init__(self, site: Site, people: list[User]) -> None:
        self.site, self.people = site, people

    def grow(self, rows: int) -> None:
        """So many more of everything."""
        with acting(BY):
            for number in (next(serial) for _ in range(rows)):
                user = User.objects.create_user(f"p{number}@example.org", "", name=f"Person {number}")
                Membership.objects.create(user=user, site=self.site, role="engineer")
                point = self._point(number)
                self._floor(number, point)
                ncr = self._nonconformity(number, user, point.characteristic)
                Capa.objects.filter(pk=self._capa(user).pk).update(champion=user, source_ncr=ncr)

    def _point(self, number: int) -> Subgroup:
        line = Equipment.objects.create(site=self.site, level="line", code=f"L{number}", name="Line")
        station = Equipment.objects.create(site=self.site, level="station", code=f"S{number}", name="St", parent=line)
        part = Part.objects.create(site=self.site, number=f"PH-{number}", name="Housing")
        parameter = Parameter.objects.create(site=self.site, path=f"nv1/l/s/p{number}", name="p", station=station)
        row = Characteristic.objects.create(
            site=self.site, code=f"C{number}", name="Force", station=station, part=part, parameter=parameter
        )
        now = timezone.now()
        return Subgroup.objects.create(characteristic=row, n=1, t=now, first_t=now, size=1, values=[1.0], mean=1.0)

    def _floor(self, number: int, point: Subgroup) -> None:
        row, now = point.characteristic, point.t
        limits = open_record(
            ControlLimits, title="Limits", site=self.site, by=BY, characteristic=row, revision=1, chart="i-mr",
            sigma_estimator="MR", center=1.0, ucl=2.0, lcl=0.0, sigma=0.3,
        )  # fmt: skip
        Signal.objects.create(
            site=self.site, characteristic=row, subgroup=point, first_point=1, last_point=1, rule="nelson_1",
            rules=["nelson_1"], mask=1, words="beyond", first_at=now, last_at=now, value=3.0, center=1.0, sigma=0.3,
            distance=6.0, limits=limits, record=limits,
        )  # fmt: skip
        device = Device.objects.create(site=self.site, code=f"d{number}", name="Gateway", topic_prefix=f"nv1/l{number}")
        DeviceActivity.objects.create(device=device, last_seen=now)
        Quarantine.objects.create(received_at=now, topic="x", payload=b"x", size=1, reason="json", site=self.site)
        UnmappedTopic.objects.create(site=self.site, topic=f"a/nv1/t{number}", first_seen=now, last_seen=now)
        Correction.objects.create(parameter=row.parameter, t=now, seq=0, stored=1.0, heard=2.0, heard_at=now)
        NumberRule.objects.create(site=self.site, target="part", pattern=".*", explanation="Any", active=False)

    def _nonconformity(self, number: int, user: User, row: Characteristic) -> Nonconformity:
        ncr = open_record(
            Nonconformity, title="Bore too wide", site=self.site, by=BY, owner=user, part=row.part, station=row.station,
            characteristic=row, defect_code=DefectCode.objects.create(code=f"D{number}", name=f"Defect {number}"),
        )  # fmt: skip
        CostLine.objects.create(record=ncr, what="Scrap", amount=10)
        for person in (*self.people, user):
            key = f"{number}:{person.pk}"
            Notice.objects.create(user=person, key=key, kind="task", title="Look", url="/", record=ncr)
            Task.objects.create(key=key, title="Look", record=ncr, site=self.site, owner=person, due=timezone.now())
        return ncr

    def _capa(self, user: User) -> Capa:
        return open_record(Capa, title="Bore", site=self.site, by=BY, owner=user, symptom="Bore too wide")


@pytest.fixture
def plant(site, engineer, make_user) -> Plant:
    owner = make_user("Owner", "owner")
    return Plant(site, [User.objects.get(pk=engineer.id), owner])


def asked(url: str, person: User) -> int:
    """Queries of a page, once caches are warm."""
    client = Client()
    client.force_login(person)
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*lists(), *PLACES])
def test_a_list_asks_no_more_when_it_has_more_rows(plant, name) -> None:
    url = reverse(name) + ("?q=bore" if name == "web:search" else "")
    plant.grow(FEW)
    before = asked(url, plant.people[1])
    plant.grow(MANY)
    assert asked(url, plant.people[1]) == before


def surround(record: Record, users: list[User]) -> None:
    """One more of everything that hangs on a record, each by a person of its own."""
    now = timezone.now()
    user = User.objects.create_user(f"s{next(serial)}@example.org", "", name="Somebody")
    Comment.objects.create(record=record, author=user, text="Seen")
    Containment.objects.create(record=record, place="stock", measure="Blocked", verified_by=user, verified_at=now)
    CostLine.objects.create(record=record, what="Sorting", amount=5)
    if isinstance(record, Nonconformity):
        Disposition.objects.create(nonconformity=record, kind="scrap", quantity=1, done_by=user, reinspected_by=user)
        return
    TeamMember.objects.create(capa=record, person=user, function="quality")
    row = Characteristic.objects.order_by("?").first()
    cause = Cause.objects.create(capa=record, kind="occurrence", statement="Worn", verified_by=user)
    Action.objects.create(capa=record, cause=cause, text="Change", owner=user, done_by=user, due=now)
    Criterion.objects.create(
        capa=record, characteristic=row, metric="mean", baseline_from=now - timedelta(days=2), baseline_to=now,
        target=1.0, minimum_exposure=30,
    )  # fmt: skip


@pytest.mark.parametrize("model", [Nonconformity, Capa])
def test_a_record_page_asks_no_more_when_more_hangs_on_it(plant, model) -> None:
    plant.grow(FEW)
    with reading(BY):
        record = model.objects.order_by("pk").first()
    counts = []
    for times in (FEW, MANY):
        with acting(BY):
            for _ in range(times):
                surround(record, plant.people)
        counts.append(asked(record.get_absolute_url(), plant.people[0]))
    assert counts[0] == counts[1]
    assert actor_of(plant.people[0]).can(f"{model.NOUN}.view")
