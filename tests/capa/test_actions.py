"""Actions: listed over all CAPAs, changed before the plan is released, moved with a reason after that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from capa import services
from capa.models import Action
from capa.services import add_containment
from qms.core.errors import Invalid, Refused
from qms.core.models import Task, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(to_capa):
    """A CAPA whose plan is released, and its first action."""
    capa = to_capa("implementation")
    return capa, capa.action_rows()[0]


def test_an_action_moves_to_another_person_with_a_reason_and_the_plan_stays_signed(running, crew):
    capa, row = running
    signed = capa.signers("release_plan")
    other = User.objects.get(pk=crew["quality"].id)
    moved = services.move_action(row, owner=other, reason="Parental leave", by=crew["leader"])
    assert (moved.owner, moved.agreed_owner_id, moved.moved) == (other, row.owner_id, 1)
    capa.refresh_from_db()
    assert signed
    assert capa.signers("release_plan") == signed
    asked = Task.objects.get(owner=other, done_at=None)
    assert (asked.title, asked.due) == (row.text, moved.due)


def test_a_day_moves_on_and_is_counted(running, crew):
    _, row = running
    for days in (40, 50):
        row = services.move_action(
            row, due=timezone.now() + timedelta(days=days), reason="Part late", by=crew["leader"]
        )
    assert row.moved == 2
    assert Task.objects.filter(key__startswith=f"action:{row.pk}", done_at=None).count() == 1
    done = services.finish_action(row, evidence="Photo", by=crew["leader"])
    assert done.state == "done"
    assert not Task.objects.filter(key__startswith=f"action:{row.pk}", done_at=None).exists()


def test_moving_needs_a_reason_and_something_else(running, crew):
    _, row = running
    with pytest.raises(Invalid, match="Say why"):
        services.move_action(row, due=timezone.now() + timedelta(days=9), reason=" ", by=crew["leader"])
    with pytest.raises(Refused, match="another one"):
        services.move_action(row, reason="Why not", by=crew["leader"])
    with pytest.raises(Invalid, match="lies in the past"):
        services.move_action(row, due=timezone.now() - timedelta(days=1), reason="Late", by=crew["leader"])


def test_actions_are_listed_with_who_and_when(browser_of, running, crew):
    capa, row = running
    page = browser_of(crew["leader"]).get(reverse("capa:actions"), {"state": "open"}).content.decode()
    assert row.text in page
    assert capa.number in page


def test_overdue_actions_are_found_and_exported(browser_of, running, crew):
    _, row = running
    Action.objects.filter(pk=row.pk).update(due=timezone.now() - timedelta(days=2))
    browser = browser_of(crew["leader"])
    late = browser.get(reverse("capa:actions"), {"late": "true", "export": "csv"})
    assert row.text in b"".join(late.streaming_content).decode()


def test_nobody_of_another_site_sees_an_action(browser_of, running, stranger):
    _, row = running
    assert row.text not in browser_of(stranger).get(reverse("capa:actions")).content.decode()
    assert browser_of(stranger).get(reverse("capa:action-move", args=[row.pk])).status_code in (403, 404)


def test_an_action_is_moved_in_its_dialog_and_by_api(browser_of, running, crew):
    _, row = running
    browser = browser_of(crew["leader"])
    typed = {"due": "2099-01-05T08:00", "owner": crew["builder"].id, "reason": "Part late"}
    assert browser.post(reverse("capa:action-move", args=[row.pk]), typed).status_code == 302
    body = {"due": "2099-02-05T08:00:00Z", "reason": "Later still"}
    moved = browser.post(f"/api/v1/actions/{row.pk}/move/", body, content_type="application/json")
    assert moved.json()["moved"] == 2, moved.content


def test_a_planned_action_is_changed_in_its_dialog(browser_of, to_capa, crew):
    capa = to_capa("plan")
    row = services.add_action(capa, text="Gauge", by=crew["leader"])
    typed = {"text": "New gauge", "kind": "corrective", "expected_effect": "No more leaks"}
    done = browser_of(crew["leader"]).post(reverse("capa:action-change", args=[row.pk]), typed)
    assert done.status_code == 302, done.content
    assert Action.objects.get(pk=row.pk).text == "New gauge"


def test_figures_of_a_place_are_filled_in_later(browser_of, to_capa, crew):
    capa = to_capa("containment")
    row = add_containment(capa, place="stock", measure="Blocked", by=crew["leader"])
    typed = {"place": "stock", "measure": "Blocked", "quantity_checked": 40, "quantity_found": 2}
    done = browser_of(crew["leader"]).post(reverse("capa:containment-change", args=[row.pk]), typed)
    assert done.status_code == 302, done.content
    row.refresh_from_db()
    assert (row.quantity_checked, row.quantity_found) == (40, 2)


def test_a_criterion_is_changed_in_its_dialog(browser_of, to_capa, crew):
    capa = to_capa("plan")
    row = services.fix_criterion(capa, metric="mean", direction="higher", window_days=20, by=crew["leader"])
    typed = {"metric": "spread", "direction": "lower", "window_days": 30}
    done = browser_of(crew["leader"]).post(reverse("capa:criterion-change", args=[row.pk]), typed)
    assert done.status_code == 302, done.content
    row.refresh_from_db()
    assert (row.metric, row.window_days) == ("spread", 30)


@pytest.mark.parametrize(("here", "beside"), [("capa:capas", "capa:actions"), ("capa:actions", "capa:capas")])
def test_the_lists_of_capas_and_of_their_actions_lead_to_each_other(here, beside, crew, browser_of):
    page = browser_of(crew["leader"]).get(reverse(here)).content.decode()
    assert f'href="{reverse(beside)}"' in page
    assert f'href="{reverse(here)}" aria-current="page"' in page
