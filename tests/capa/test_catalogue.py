"""Defect codes, the limits that call for a CAPA, and what a record of one site may name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from capa import services
from capa.models import DefectCode, EscalationRule
from governance.models import Part
from qms.core.actor import system
from qms.core.errors import Denied, Invalid
from qms.core.models import User
from qms.core.trail import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(browser_of):
    def make(actor, method, path, data=None, **headers):
        client = browser_of(actor)
        return getattr(client, method)(f"/api/v1/{path}", data, content_type="application/json", headers=headers)

    return make


def test_a_defect_code_is_added_on_its_page_and_offered_on_a_nonconformity(browser_of, engineer, site, ncr):
    browser = browser_of(engineer)
    made = browser.post(reverse("capa:defect-code-new"), {"code": "burr", "name": "Burr", "site": site.pk})
    assert made.status_code == 302
    assert DefectCode.objects.get().code == "BURR"
    assert "Burr" in browser.get(reverse("capa:defect-codes")).content.decode()
    assert "Burr" in browser.get(ncr.get_absolute_url()).content.decode()


def test_a_code_of_every_site_is_for_who_may_edit_codes_everywhere(engineer, make_actor):
    with pytest.raises(Denied):
        services.add_defect_code(code="BURR", name="Burr", by=engineer)
    services.add_defect_code(code="BURR", name="Burr", by=make_actor("Olga", "owner"))
    assert DefectCode.objects.get().site is None


def test_a_code_out_of_use_is_no_longer_taken(call, engineer, site, ncr):
    row = services.add_defect_code(code="BURR", name="Burr", site=site, by=engineer)
    services.edit_defect_code(row, active=False, by=engineer)
    answer = call(engineer, "patch", f"nonconformities/{ncr.pk}/", {"defect_code": "BURR"}, If_Match=ncr.etag)
    assert answer.status_code == 400
    assert "no defect code BURR in use" in answer.content.decode()


def test_a_code_that_two_sites_have_is_the_one_of_the_record(call, engineer, site, elsewhere, ncr, manager):
    with acting(system("tests")):
        DefectCode.objects.create(site=elsewhere, code="BURR", name="Their burr")
        own = DefectCode.objects.create(site=site, code="BURR", name="Our burr")
    answer = call(engineer, "patch", f"nonconformities/{ncr.pk}/", {"defect_code": "burr"}, If_Match=ncr.etag)
    assert answer.status_code == 200, answer.content
    ncr.refresh_from_db()
    assert ncr.defect_code == own


def test_the_limits_of_a_site_are_set_with_a_reason(browser_of, manager, site):
    typed = {"repeats": 2, "days": 14, "cost": "900", "currency": "SEK", "reason": "Customer agreement"}
    done = browser_of(manager).post(reverse("capa:escalation-limits", args=[site.pk]), typed)
    assert done.status_code == 302
    row = EscalationRule.objects.get()
    assert (row.repeats, row.days, row.cost, row.currency) == (2, 14, Decimal(900), "SEK")
    assert "by the site" in browser_of(manager).get(reverse("capa:escalation")).content.decode()


def test_an_engineer_does_not_move_the_limits(engineer, site):
    with pytest.raises(Denied):
        services.set_escalation_limits(site, repeats=9, reason="Too many", by=engineer)


def test_codes_and_limits_are_kept_by_api_as_seen(call, manager, site):
    code = call(manager, "post", "defect-codes/", {"code": "BURR", "name": "Burr", "site": site.code})
    assert code.status_code == 201, code.content
    stale = call(manager, "patch", f"defect-codes/{code.json()['id']}/", {"name": "X"}, If_Match='"0-0"')
    assert stale.status_code == 412
    limits = call(manager, "post", "escalation-limits/", {"site": site.code, "repeats": 4, "reason": "Agreed"})
    assert limits.json()["days"] == 30
    path = f"escalation-limits/{limits.json()['id']}/"
    assert call(manager, "patch", path, {"days": 10, "reason": "Agreed"}).json()["repeats"] == 4


def test_a_record_names_no_master_data_of_another_site(engineer, elsewhere, ncr):
    with acting(system("tests")):
        theirs = Part.objects.create(site=elsewhere, number="X-1", name="Theirs")
    with pytest.raises(Invalid, match="belongs to another site"):
        services.save_nonconformity(ncr, part=theirs, by=engineer)
    with pytest.raises(Invalid, match="belongs to another site"):
        services.open_nonconformity(title="Burr", site=ncr.site, part=theirs, by=engineer)


def test_nobody_without_a_role_at_the_site_gets_an_action_or_a_place_in_the_team(capa, engineer, stranger):
    other = User.objects.get(pk=stranger.id)
    with pytest.raises(Invalid, match="no role at"):
        services.add_action(capa, text="Grind it", owner=other, by=engineer)
    with pytest.raises(Invalid, match="no role at"):
        services.set_team(capa, members=[(other.pk, "Quality")], by=engineer)
    with pytest.raises(Invalid, match="no role at"):
        services.open_capa(title="Leak", site=capa.site, owner=other, by=engineer)
