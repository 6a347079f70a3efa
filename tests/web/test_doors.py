"""The door: signing in, the first run, who may open what, errors in words."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from qms.core.models import Membership, Site, Token, User
from qms.core.policy import known
from qms.web.pages import Guarded
from qms.web.pages.merging import text_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_fresh_house_leads_to_the_first_run() -> None:
    assert Client().get("/").url == reverse("web:first-run")


def test_the_first_run_makes_owner_and_plant_and_signs_in() -> None:
    client = Client()
    owner = {"name": "Elin Lindqvist", "email": "elin@example.org", "password": "a plumb line hangs true"}
    assert client.post(reverse("web:first-run-owner"), owner).url == reverse("web:first-run-plant")
    plant = {"code": "nv1", "name": "Norrvik", "timezone": "Europe/Berlin", "language": "en"}
    assert client.post(reverse("web:first-run-plant"), plant).url == reverse("web:first-run-start")
    assert (Site.objects.get().code, User.objects.get().timezone) == ("NV1", "Europe/Berlin")
    assert Membership.objects.get().role == "owner"
    assert client.get(reverse("web:my-work")).status_code == 200
    connect = client.get(reverse("web:first-run-connect")).content.decode()
    for way in ("governance:unmapped", "iot:devices", "governance:import"):
        assert f'href="{reverse(way)}"' in connect


def test_a_second_owner_cannot_be_made_by_the_first_run(engineer) -> None:
    client = Client()
    fields = {"name": "Eve", "email": "eve@example.org", "password": "a plumb line hangs true"}
    assert client.post(reverse("web:first-run-owner"), fields).status_code == 409
    assert not User.objects.filter(email="eve@example.org").exists()


def test_a_weak_password_is_refused_in_words() -> None:
    fields = {"name": "Elin", "email": "elin@example.org", "password": "short"}
    page = Client().post(reverse("web:first-run-owner"), fields)
    assert page.status_code == 400
    assert "at least 12 characters" in page.content.decode()
    assert not User.objects.exists()


def test_the_right_password_opens_the_page_that_was_asked_for(engineer) -> None:
    fields = {"email": engineer.email, "password": PASSWORD, "next": "/settings/profile/"}
    assert Client().post(reverse("web:sign-in"), fields).url == "/settings/profile/"


def test_signing_in_never_leads_to_another_host(engineer) -> None:
    fields = {"email": engineer.email, "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post(reverse("web:sign-in"), fields).url == reverse("web:my-work")


def test_five_wrong_passwords_close_the_door_for_a_while(engineer) -> None:
    client = Client()
    for _ in range(5):
        assert client.post(reverse("web:sign-in"), {"email": engineer.email, "password": "wrong"}).status_code == 400
    assert client.post(reverse("web:sign-in"), {"email": engineer.email, "password": PASSWORD}).status_code == 429


def test_guesses_sent_at_once_pass_no_more_than_five(engineer, monkeypatch) -> None:
    tried = []

    def slow(*_args, **_fields) -> None:
        """While one password is checked, the next guess arrives."""
        tried.append(1)
        if len(tried) < 9:
            Client().post(reverse("web:sign-in"), {"email": engineer.email, "password": "guess"})

    monkeypatch.setattr("qms.web.views.entrance.authenticate", slow)
    Client().post(reverse("web:sign-in"), {"email": engineer.email, "password": "guess"})
    assert len(tried) == 5


def test_without_the_shared_cache_the_door_opens_and_still_counts(engineer, settings) -> None:
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": away}
    client, right = Client(), {"email": engineer.email, "password": PASSWORD}
    assert client.post(reverse("web:sign-in"), right).status_code == 302
    statuses = [client.post(reverse("web:sign-in"), {**right, "password": "wrong"}).status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(engineer) -> None:
    headers = {"Referer": "http://testserver/quality/ncr/1/?tab=a"}
    answer = Client().post("/settings/notifications/read/", headers=headers)
    assert answer.url == "/sign-in/?next=/quality/ncr/1/%3Ftab%3Da&unsent=1"
    assert "nothing was saved" in Client().get(answer.url).content.decode()
    answer = Client().post("/settings/notifications/read/", headers={"Referer": "https://evil.example/x"})
    assert answer.url == "/sign-in/?unsent=1"


def test_a_quiet_save_after_the_session_ended_gets_401(engineer) -> None:
    assert Client().post("/settings/notifications/read/", headers={"X-Autosave": "1"}).status_code == 401


def test_without_a_session_every_page_leads_to_the_door(engineer) -> None:
    assert Client().get("/my-work/").url == "/sign-in/?next=/my-work/"


def test_htmx_without_a_session_gets_401(engineer) -> None:
    assert Client().get("/my-work/", headers={"HX-Request": "true"}).status_code == 401


def test_what_the_policy_refuses_is_said_with_who_can_grant_it(browser_of, operator) -> None:
    page = browser_of(operator).post(
        reverse("web:person-new"), {"name": "X", "email": "x@example.org", "role": "owner"}
    )
    assert page.status_code == 403
    assert "administrator" in page.content.decode()


def test_an_unknown_address_says_so_with_an_id(browser_of, engineer) -> None:
    page = browser_of(engineer).get("/no/such/page/")
    assert page.status_code == 404
    assert page.headers["X-Request-Id"] in page.content.decode()


def test_every_page_carries_the_strict_policy(browser_of, engineer) -> None:
    policy = browser_of(engineer).get("/my-work/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "style-src 'self'" in policy


def views(patterns=None) -> list[type]:
    """The view classes of the shell's URLs."""
    patterns = get_resolver("qms.web.urls").url_patterns if patterns is None else patterns
    return [pattern.callback.view_class for pattern in patterns]


@pytest.mark.parametrize("view", views(), ids=lambda view: view.__name__)
def test_every_view_declares_a_known_rule(view) -> None:
    assert issubclass(view, Guarded)
    rules = [view.policy] if isinstance(view.policy, str) else list(view.policy.values())
    assert all(known(rule) for rule in rules)


@pytest.mark.parametrize(
    "name", ["my-work", "search", "profile", "people", "sites", "keys", "notifications", "jobs", "look", "palette"]
)
def test_every_page_of_the_shell_opens(browser_of, manager, name) -> None:
    page = browser_of(manager).get(reverse(f"web:{name}"))
    assert page.status_code == 200
    assert " style=" not in page.content.decode()


def test_a_welcome_link_sets_the_password_once(browser_of, make_actor) -> None:
    admin = make_actor("Ada Min", "admin")
    browser = browser_of(admin)
    fields = {"name": "Tom Berg", "email": "tom@example.org", "role": "operator", "site": ""}
    page = browser.post(reverse("web:person-new"), fields, follow=True).content.decode()
    path = page.partition("http://testserver/welcome/")[2].partition("<")[0].strip()
    guest = Client()
    assert guest.post(f"/welcome/{path}", {"password": "a plumb line hangs true"}).status_code == 302
    assert guest.get(reverse("web:profile")).status_code == 200
    assert "no longer good" in Client().get(f"/welcome/{path}").content.decode()


def test_who_changes_the_password_stays_signed_in_here_and_nowhere_else(browser_of, engineer) -> None:
    here, elsewhere = browser_of(engineer), browser_of(engineer)
    fields = {"old": PASSWORD, "new": "a plumb line hangs true"}
    here.post(reverse("web:profile"), fields)
    assert [browser.get(reverse("web:profile")).status_code for browser in (here, elsewhere)] == [200, 302]


def test_a_site_is_changed_with_its_calendar(browser_of, make_actor, site) -> None:
    fields = {
        "name": "Norrvik", "timezone": "Europe/Oslo", "number_pattern": site.number_pattern,
        "workdays": ["0", "1", "2"], "shifts": "14:00 Late\n06:00 Early", "holidays": "2026-12-25 Christmas",
    }  # fmt: skip
    browser = browser_of(make_actor("Ada Min", "admin"))
    assert "06:00 1" in browser.get(reverse("web:site", args=[site.pk])).content.decode()
    assert browser.post(reverse("web:site", args=[site.pk]), fields).status_code == 302
    site.refresh_from_db()
    assert (site.timezone, site.workdays, site.shifts[0]["start"]) == ("Europe/Oslo", [0, 1, 2], "06:00")
    assert [row.name for row in site.holidays.all()] == ["Christmas"]


def drawn(browser, url: str) -> dict[str, object]:
    """What a browser sends back of a dialog nobody has typed into."""
    page = browser.get(url)
    form, sent = page.context["form"], {"seen": page.context["seen"]}
    for bound in form:
        value = bound.value()
        sent[bound.name] = [str(one) for one in value] if isinstance(value, list) else text_of(bound)
    return sent


def test_what_two_people_change_in_one_dialog_is_kept_or_shown(browser_of, make_actor, site) -> None:
    url = reverse("web:site", args=[site.pk])
    first, second = (browser_of(make_actor(name, "admin")) for name in ("Ada Min", "Bea Min"))
    mine = drawn(second, url)
    assert first.post(url, {**drawn(first, url), "name": "North", "workdays": ["0", "6"]}).status_code == 302
    assert second.post(url, {**mine, "shifts": "06:00 Early"}).status_code == 302
    site.refresh_from_db()
    assert (site.name, site.workdays, site.shifts[0]["name"]) == ("North", [0, 6], "Early")
    answer = second.post(url, {**mine, "name": "South"})
    assert answer.status_code == 409
    assert "Somebody changed this meanwhile to: North." in answer.content.decode()
    assert second.post(url, {**mine, "name": "South", "seen": answer.context["seen"]}).status_code == 302
    site.refresh_from_db()
    assert site.name == "South"


@pytest.mark.parametrize(
    "wrong", [{"workdays": []}, {"shifts": "25:00 Night"}, {"holidays": "Christmas"}, {"number_pattern": "NCR"}]
)
def test_a_calendar_that_cannot_be_kept_is_refused(browser_of, make_actor, site, wrong) -> None:
    fields = {"name": "N", "timezone": "UTC", "language": "en", "number_pattern": site.number_pattern, "workdays": "0"}
    page = browser_of(make_actor("Ada Min", "admin")).post(reverse("web:site", args=[site.pk]), {**fields, **wrong})
    assert page.status_code == 400


def test_a_key_is_shown_once_works_and_ends(browser_of, engineer) -> None:
    browser = browser_of(engineer)
    made = browser.post(reverse("web:key-new"), {"name": "MES", "scope": "*.view", "days": "90"}, follow=True)
    key = re.findall(r"qms_[0-9a-f]{8}_[\w-]+", made.content.decode())[0]
    asked = {"headers": {"Authorization": f"Bearer {key}"}}
    assert Client().get("/api/v1/me/", **asked).json()["scopes"] == ["*.view"]
    assert key not in browser.get(reverse("web:keys")).content.decode()
    browser.post(reverse("web:key-end", args=[Token.objects.get().pk]))
    assert Client().get("/api/v1/me/", **asked).status_code == 401


def test_the_last_owner_stays(browser_of, make_actor) -> None:
    owner = make_actor("Ola Own", "owner")
    membership = Membership.objects.get(user_id=owner.id)
    fields = {"do": "withdraw", "membership": membership.pk}
    page = browser_of(owner).post(reverse("web:person", args=[owner.id]), fields)
    assert page.status_code == 409
    assert "no owner" in page.content.decode()
