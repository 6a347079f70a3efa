"""The list acts on many records: each row for itself, every refusal beside its row, money per currency."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.urls import reverse
from django.utils import timezone

from capa import queries, services, tasks
from capa.models import Capa, Nonconformity
from capa.views import bulk
from qms.core.jobs import Running, run
from qms.core.models import Job, Link, Notice, User
from qms.core.trail import reading

pytestmark = pytest.mark.django_db
NAMES = {"assign": "capa:nonconformities-assign", "dispose": "capa:nonconformities-dispose"}


@pytest.fixture
def several(site, engineer, manager, step):
    """Three nonconformities; the second is void, the third counts no pieces yet."""
    made = [
        services.open_nonconformity(title=f"Burr {n}", site=site, by=engineer, quantity_nonconforming=n or None)
        for n in (4, 2, 0)
    ]
    step(made[1], "void", manager, reason="Opened twice")
    return made


def send(page, name, rows, **typed):
    return page.post(reverse(name), {"ids": [row.pk for row in rows], "confirmed": "1", **typed}).content.decode()


def test_assigning_says_of_each_row_what_came_of_it(several, engineer, manager, browser_of):
    text = send(browser_of(engineer), NAMES["assign"], several, owner=manager.id)
    assert [row.owner_id for row in Nonconformity.objects.order_by("number")] == [manager.id, engineer.id, manager.id]
    assert f"2 of 3 assigned to {manager.name}" in text
    assert f"{several[1].number} is void; nothing in it can be changed." in text


def test_nobody_is_named_who_has_no_role_at_the_site(several, engineer, stranger, browser_of):
    text = send(browser_of(engineer), NAMES["assign"], several[:1], owner=stranger.id)
    assert "has no role at" in text
    assert Nonconformity.objects.get(pk=several[0].pk).owner_id == engineer.id


def test_the_dialog_offers_people_of_the_sites_of_the_rows(several, engineer, manager, stranger, browser_of):
    answer = browser_of(engineer).post(reverse(NAMES["assign"]), {"ids": [several[0].pk]}).content.decode()
    assert manager.name in answer
    assert User.objects.get(pk=stranger.id).name not in answer


def test_one_disposition_covers_what_is_left_of_each(to_ncr, several, engineer, browser_of):
    contained = to_ncr("evaluation")
    services.add_disposition(contained, kind="rework", quantity=1, by=engineer)
    text = send(browser_of(engineer), NAMES["dispose"], [contained, *several], kind="scrap")
    assert [(row.kind, row.quantity) for row in contained.disposition_rows()] == [("rework", 1), ("scrap", 11)]
    assert "Scrap proposed for 1 of 4" in text
    assert "Dispositions are changed during evaluation" in text


def test_one_capa_takes_all_that_can_have_one(several, engineer, browser_of):
    text = send(browser_of(engineer), "capa:nonconformities-capa", several)
    capa = Capa.objects.get()
    assert capa.source_ncr_id == several[0].pk
    assert "is void: nothing is to be corrected" in text
    assert Link.objects.filter(target_id=capa.pk, source_id=several[2].pk).exists()
    assert several[2].has_corrective_action


def test_a_linked_nonconformity_gets_no_second_capa(several, engineer, browser_of):
    send(browser_of(engineer), "capa:nonconformities-capa", [several[0], several[2]])
    text = send(browser_of(engineer), "capa:nonconformities-capa", [several[2]])
    assert "already has CAPA-" in text
    assert Capa.objects.count() == 1


def test_everything_in_the_filter_is_meant_when_asked_so(several, engineer, manager, browser_of):
    typed = {"all": "1", "query": "open=true", "confirmed": "1", "owner": manager.id}
    text = browser_of(engineer).post(reverse(NAMES["assign"]), typed).content.decode()
    assert "2 assigned to" in text
    assert several[1].number not in text


def test_nobody_acts_on_rows_of_another_site(several, stranger, browser_of):
    text = browser_of(stranger).post(reverse(NAMES["assign"]), {"all": "1", "query": ""})
    assert several[0].number not in text.content.decode()


def test_amounts_of_two_currencies_are_never_added(several, engineer, browser_of):
    for amount, currency in ((120, "EUR"), (30, "EUR"), (70, "USD")):
        services.add_cost(several[0], what="Scrap", amount=amount, currency=currency, by=engineer)
    with reading(engineer):
        rows = queries.nonconformities_of(engineer)
        assert [(row["currency"], row["amount"]) for row in queries.spent_on(rows, {})] == [("EUR", 150), ("USD", 70)]
    text = browser_of(engineer).get(reverse("capa:nonconformities")).content.decode()
    assert text.count("150\u00a0EUR + 70\u00a0USD") == 2  # the row and the totals
    assert "220" not in text


def test_the_pareto_weighs_one_currency_at_a_time(several, engineer, browser_of):
    services.add_cost(several[0], what="Freight", amount=70, currency="USD", by=engineer)
    text = browser_of(engineer).get(reverse("capa:nonconformities"), {"by": "cost-USD"}).content.decode()
    assert "70 USD in this view" in text


def test_a_cost_without_a_currency_is_in_that_of_the_site(several, engineer):
    assert services.add_cost(several[0], what="Scrap", amount=5, by=engineer).currency == "EUR"


def test_the_list_groups_with_the_size_of_each_group(several, engineer, browser_of):
    text = browser_of(engineer).get(reverse("capa:nonconformities"), {"group": "state"}).content.decode()
    assert 'scope="colgroup">Reported <span class="i3">2</span>' in text
    assert 'scope="colgroup">Void <span class="i3">1</span>' in text


def test_the_side_panel_says_where_a_record_stands(to_ncr, engineer, stranger, browser_of):
    ncr = to_ncr("contained")
    url = reverse("web:record-peek", args=[ncr.pk])
    text = browser_of(engineer).get(url).content.decode()
    assert ncr.number in text
    assert "Contained" in text
    assert "Nonconforming pieces" in text
    assert browser_of(stranger).get(url).status_code == 404


@pytest.fixture
def later(several, monkeypatch):
    """Two rows are more than anybody waits for here; the worker knows its work."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    return several


def left_to_a_job(browser, name, rows, **typed) -> Job:
    ids = ",".join(str(row.pk) for row in rows)
    asked = browser.post(reverse(name), {"ids": ids}).content.decode()
    assert "changed in the background" in asked
    answer = browser.post(reverse(name), {"ids": ids, "confirmed": "1", "token": "once", **typed})
    job = Job.objects.get(kind="several")
    assert answer.url == reverse("web:job", args=[job.pk])
    return job


def test_many_rows_are_changed_by_a_job_that_says_what_came_of_it(later, engineer, manager, browser_of):
    browser = browser_of(engineer)
    job = left_to_a_job(browser, NAMES["assign"], later, owner=manager.id)
    assert run(job.pk) == "done"
    assert [row.owner_id for row in Nonconformity.objects.order_by("number")] == [manager.id, engineer.id, manager.id]
    told = Notice.objects.get(user_id=engineer.id, kind="job").title
    assert told == f"Assign: 3 nonconformities: 2 of 3 assigned to {manager.name}"
    page = browser.get(reverse("web:job", args=[job.pk])).content.decode()
    assert f"{later[1].number} is void; nothing in it can be changed." in page


def test_a_job_that_is_taken_over_opens_no_second_capa(later, engineer, browser_of, monkeypatch):
    job = left_to_a_job(browser_of(engineer), "capa:nonconformities-capa", later)
    monkeypatch.setattr(tasks, "TOLD_EVERY", 1)
    monkeypatch.setattr(Running, "at", died_after(1))
    with pytest.raises(KeyboardInterrupt):
        run(job.pk)
    Job.objects.filter(pk=job.pk).update(lease=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(Running, "at", lambda *_: None)
    assert run(job.pk) == "done"
    capa = Capa.objects.get()
    assert Link.objects.filter(target_id=capa.pk, source_id=later[2].pk).exists()
    assert Job.objects.get(pk=job.pk).result["words"] == f"{capa.number} is open for 2 of 3"


def died_after(rows: int):
    """The worker dies when it is about to do the row after so many."""
    seen = count()

    def at(*_) -> None:
        if next(seen) == rows:
            raise KeyboardInterrupt

    return at


def test_more_rows_than_one_act_takes_are_refused(later, engineer, browser_of, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    text = browser_of(engineer).post(reverse(NAMES["assign"]), {"all": "1", "query": ""}).content.decode()
    assert "More than 2 rows are selected" in text
