"""The lists of administration: filter, sort, export, empty state; the dialogs behind them."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from qms.core import jobs
from qms.core.actor import system
from qms.core.files import attach
from qms.core.models import Attachment, Job, Membership, Notice, Site, Trail, User
from qms.core.notify import tell
from qms.core.tokens import issue_token
from qms.core.trail import acting

pytestmark = pytest.mark.django_db
LISTS = ("people", "sites", "keys", "notifications", "jobs")


@pytest.fixture
def admin(make_actor, site):
    return make_actor("Ada Min", "admin", site=site)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_searches_filters_and_exports(browser_of, admin, name):
    browser, url = browser_of(admin), reverse(f"web:{name}")
    page = browser.get(url).content.decode()
    assert 'aria-label="Search in list"' in page
    assert "Apply filter" in page
    assert browser.get(url, {"export": "csv"}).getvalue().startswith("\ufeff".encode())
    assert browser.get(url, {"export": "xlsx"}).getvalue().startswith(b"PK")


@pytest.mark.parametrize("name", LISTS)
def test_every_column_that_says_so_sorts(browser_of, admin, name):
    browser, url = browser_of(admin), reverse(f"web:{name}")
    for key in re.findall(r'href="\?[^"]*sort=(-?\w+)', browser.get(url).content.decode()):
        assert browser.get(url, {"sort": key}).status_code == 200
        assert browser.get(url, {"sort": f"-{key.lstrip('-')}"}).status_code == 200


@pytest.mark.parametrize(("name", "words"), [("keys", "lets a program act"), ("jobs", "a way to stop it"),
                                             ("notifications", "tasks asked of you")])  # fmt: skip
def test_an_empty_list_says_what_it_is_for(browser_of, admin, name, words):
    assert words in browser_of(admin).get(reverse(f"web:{name}")).content.decode()


def test_people_are_filtered_by_role(browser_of, admin, engineer, operator):
    page = browser_of(admin).get(reverse("web:people"), {"role": "operator"}).content.decode()
    assert operator.name in page
    assert engineer.name not in page
    assert reverse("web:person", args=[operator.id]) in page


@pytest.fixture
def commuter(make_actor, site, elsewhere):
    """An operator here who is an auditor at another plant."""
    person = make_actor("Cara Both", "operator", site=site)
    with acting(system("tests")):
        Membership.objects.create(user_id=person.id, site=elsewhere, role="auditor")
    return person


def test_roles_at_other_sites_stand_in_no_list_and_on_no_page(browser_of, admin, commuter):
    browser = browser_of(admin)
    for address in (reverse("web:people"), reverse("web:person", args=[commuter.id])):
        page = browser.get(address).content.decode()
        assert "Cara Both" in page
        assert "XX9" not in page


def test_nobody_is_found_by_a_role_at_another_site(browser_of, admin, commuter):
    page = browser_of(admin).get(reverse("web:people"), {"role": "auditor"}).content.decode()
    assert "Cara Both" not in page


def test_a_role_that_is_not_seen_still_keeps_the_way_in_closed(browser_of, admin, commuter):
    page = browser_of(admin).post(reverse("web:person", args=[commuter.id]), {"do": "link"}, follow=True)
    assert page.status_code == 403
    assert "who has a role at another site too" in page.content.decode()


def test_an_owner_sees_the_roles_at_every_site(browser_of, make_actor, commuter):
    page = browser_of(make_actor("Olga All", "owner")).get(reverse("web:people")).content.decode()
    assert "Auditor (XX9)" in page


def test_a_role_is_given_and_taken_on_the_persons_page(browser_of, admin, operator, site):
    browser, url = browser_of(admin), reverse("web:person", args=[operator.id])
    browser.post(url, {"do": "grant", "role": "engineer", "site": site.pk})
    held = Membership.objects.get(user_id=operator.id, role="engineer")
    assert "Quality engineer" in browser.get(url).content.decode()
    browser.post(url, {"do": "withdraw", "membership": held.pk})
    assert not Membership.objects.filter(pk=held.pk).exists()


def test_somebody_of_another_plant_has_no_page(browser_of, admin, stranger):
    assert browser_of(admin).get(reverse("web:person", args=[stranger.id])).status_code == 404


def test_an_administrator_of_a_plant_makes_no_way_in_as_an_owner(browser_of, admin, make_actor):
    owner = make_actor("Ola Own", "owner")
    page = browser_of(admin).post(reverse("web:person", args=[owner.id]), {"do": "link"}, follow=True)
    assert page.status_code == 403
    assert "/welcome/" not in page.content.decode()


def test_a_site_is_added_in_a_dialog(browser_of, make_actor):
    fields = {"code": "nv2", "name": "Second", "timezone": "Europe/Oslo"}
    page = browser_of(make_actor("Ola Own", "owner")).post(reverse("web:site-new"), fields, follow=True)
    assert "NV2 Second is made." in page.content.decode()
    assert Site.objects.get(code="NV2").language == "en"


def test_a_key_is_ended_in_a_dialog_and_stays_listed(browser_of, admin):
    token, _ = issue_token(User.objects.get(pk=admin.id), "MES", by=admin)
    browser = browser_of(admin)
    assert "What uses it is refused" in browser.get(reverse("web:key-end", args=[token.pk])).content.decode()
    browser.post(reverse("web:key-end", args=[token.pk]))
    assert "Ended" in browser.get(reverse("web:keys"), {"ended": "true"}).content.decode()
    assert "MES" not in browser.get(reverse("web:keys"), {"ended": "false"}).content.decode()


def test_chosen_notices_are_marked_as_read(browser_of, admin):
    with acting(admin):
        first, second = (tell(admin.id, "task", title, key=title) for title in ("one", "two"))
    browser_of(admin).post(reverse("web:notices-read"), {"ids": [first.pk]})
    assert list(Notice.objects.filter(read_at=None)) == [second]
    assert browser_of(admin).post(reverse("web:notices-read"), {"ids": "abc"}).status_code == 409
    assert list(Notice.objects.filter(read_at=None)) == [second]
    browser_of(admin).post(reverse("web:notices-read"), {"every": "1"})
    assert not Notice.objects.filter(read_at=None).exists()


@pytest.fixture
def job(engineer, site, monkeypatch) -> Job:
    monkeypatch.setattr(jobs, "send", lambda job: None)
    return jobs.enqueue("export", {}, by=engineer, title="Export of everything", site=site)


def test_a_job_is_stopped_by_whoever_asked_for_it(browser_of, engineer, job):
    browser = browser_of(engineer)
    assert "Cancel" in browser.get(reverse("web:job", args=[job.pk])).content.decode()
    assert browser.post(reverse("web:job-cancel", args=[job.pk])).status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_job_of_somebody_else_is_stopped_by_who_leads_there(browser_of, manager, operator, job):
    assert browser_of(operator).get(reverse("web:job", args=[job.pk])).status_code == 404
    assert browser_of(operator).post(reverse("web:job-cancel", args=[job.pk])).status_code == 403
    assert browser_of(manager).post(reverse("web:job-cancel", args=[job.pk])).status_code == 302


def test_a_file_is_taken_out_with_a_reason(browser_of, engineer, make_record, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    file = attach(make_record(), SimpleUploadedFile("wrong.csv", b"a,b\n1,2\n", "text/csv"), by=engineer)
    browser, url = browser_of(engineer), reverse("web:file-withdraw", args=[file.pk])
    assert browser.post(url, {"reason": ""}).status_code == 400
    assert browser.post(url, {"reason": "Another part"}).url.endswith("#files")
    assert Attachment.objects.get(pk=file.pk).withdrawn_at
    assert Trail.objects.filter(tbl="core_attachment", op="U", reason="Another part").exists()


def test_a_file_of_another_site_is_404(browser_of, engineer, stranger, make_record, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    file = attach(make_record(), SimpleUploadedFile("a.csv", b"a,b\n1,2\n", "text/csv"), by=engineer)
    assert browser_of(stranger).get(reverse("web:file-withdraw", args=[file.pk])).status_code == 404


def test_no_language_is_offered_that_is_not_spoken(browser_of, admin):
    page = browser_of(admin).get(reverse("web:profile")).content.decode()
    assert 'name="language"' not in page
    assert "The pages are in English" in page


def test_a_role_there_is_not_is_said_and_not_given(browser_of, admin, operator):
    url = reverse("web:person", args=[operator.id])
    answer = browser_of(admin).post(url, {"do": "grant", "role": "king", "site": ""}, follow=True)
    assert "nothing was given" in answer.content.decode()


def test_a_name_that_turns_round_is_refused_in_the_form_with_its_place(browser_of, admin, site):
    sent = {"name": "Ann\u202e Lima", "email": "ann@example.org", "role": "engineer", "site": site.pk}
    answer = browser_of(admin).post(reverse("web:person-new"), sent)
    assert answer.status_code == 400
    assert "Character 4 is a mark that turns the direction of writing" in answer.content.decode()
