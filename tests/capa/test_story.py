"""From a signal to a CAPA through the pages, with real commits: every read has its scope, every deed its act."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from capa.models import Capa, Cause, Nonconformity
from qms.core import relay
from qms.core.actor import actor_of, system
from qms.core.inbox import open_for
from qms.core.models import Membership, Site, User
from qms.core.trail import acting, reading
from tests.conftest import PASSWORD


@pytest.fixture
def plant(fresh_database):
    """A site, an engineer and a manager, committed; a signed-in client of each."""
    people = {}
    with acting(system("tests")):
        site = Site.objects.create(code="NV1", name="Plant", timezone="Europe/Berlin")
        for name, role in (("engineer", "engineer"), ("manager", "manager")):
            user = User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title())
            Membership.objects.create(user=user, site=site, role=role)
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            people[name] = (client, actor_of(user))
    return site, people


def post(client, name, *args, **data):
    answer = client.post(reverse(name, args=args), data)
    assert answer.status_code in (302, 204), answer.content.decode()[:2000]
    return answer


def form(prefix, **typed):
    """Fields under the prefix of their form."""
    return {f"{prefix}-{name}": value for name, value in typed.items()}


def step(client, record, name, **data):
    return post(client, "web:record-advance", record.pk, step=name, password=PASSWORD, **data)


def test_a_nonconformity_goes_from_report_to_disposition_by_its_page(plant, make_signal):
    site, people = plant
    engineer, actor = people["engineer"]
    signal = make_signal(site)
    url = post(engineer, "capa:from-signal", signal.pk)["Location"]
    with reading(actor):
        ncr = Nonconformity.objects.get(signal=signal)
    figures = {"quantity": 12, "quantity_checked": 240, "quantity_found": 12}
    typed = form("contain", place="wip", measure="Blocked", how="Counted", password=PASSWORD, **figures)
    post(engineer, "capa:nonconformity-contain", ncr.pk, **typed)
    step(engineer, ncr, "evaluate")
    post(engineer, "capa:disposition-add", ncr.pk, **form("disposition", kind="scrap", quantity=12))
    cost = form("cost", category="internal_failure", what="Scrap", amount=90, currency="EUR")
    post(engineer, "capa:cost-add", ncr.pk, **cost)
    page = engineer.get(url).content.decode()
    assert "Ledger closed" in page
    assert "Frozen" in page


def test_a_capa_is_filled_by_its_page(plant):
    site, people = plant
    engineer, actor = people["engineer"]
    new = {"title": "Leak", "severity": "major", "nature": "corrective"}
    capa_url = post(engineer, "capa:capa-new", site=site.pk, **new)["Location"]
    with reading(actor):
        capa = Capa.objects.get()
    symptom = form("symptom", **new, source="signal", symptom="2 % leak", emergency="not_needed")
    post(engineer, "capa:capa-save", capa.pk, "symptom", **symptom)
    step(engineer, capa, "submit")
    team = {"person": [actor.id, people["manager"][1].id], "function": ["quality", "production"]}
    post(engineer, "capa:capa-team", capa.pk, **team)
    cause = form("cause", kind="escape", statement="No gauge", evidence="Photo", why_1="Nobody asked")
    post(engineer, "capa:cause-add", capa.pk, **cause)
    with reading(actor):
        found = Cause.objects.get()
    post(engineer, "capa:cause-change", found.pk, result="confirmed", test="Repeat study")
    assert found.chain == [{"why": "Why 1?", "because": "Nobody asked"}]
    assert "Repeat study" in engineer.get(capa_url).content.decode()


def test_the_relay_asks_the_owner_for_the_next_step(plant):
    site, people = plant
    engineer, actor = people["engineer"]
    post(engineer, "capa:nonconformity-new", title="Burr", quantity_nonconforming=3, site=site.pk)
    while relay.drain():
        pass
    with reading(actor):
        tasks = [(task.title, task.due is not None) for task in open_for(actor)]
    assert tasks == [("Contain NCR-2026-0001", True)]
