"""Records in a real browser: forms save while typing, two people are shown both versions, lists keep their place."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

from capa import services
from capa.models import Capa
from qms.core.actor import system
from qms.core.models import User
from qms.core.trail import acting, reading
from tests.browser.test_shell import violations
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
SAVED = re.compile(r"^Saved \d\d:\d\d$")
SUMMARY = "#closing textarea[name$=summary]"

KEEP = "window.kept = []; const send = fetch; window.fetch = (url, o) => { if (o?.method) kept.push(o.keepalive); return send(url, o); }"  # noqa: E501


@pytest.fixture
def capa(engineer, site) -> Capa:
    return services.open_capa(title="Leak after press-in", site=site, by=engineer, severity="major")


def typing(page, text) -> None:
    """Open the last section and type into it."""
    page.locator("#closing details").evaluate("details => { details.open = true }")
    page.fill(SUMMARY, text)


def summary_of(capa, by) -> str:
    with reading(by):
        return Capa.objects.get(pk=capa.pk).summary


def test_a_form_saves_while_typing_and_says_when(open_page, engineer, capa) -> None:
    page = open_page(engineer, capa.get_absolute_url())
    typing(page, "Typed and left")
    page.locator("#closing [data-save-state]").get_by_text(SAVED).wait_for()
    page.locator("#closing [data-fresh]", has_text="Typed and left").wait_for()
    assert summary_of(capa, engineer) == "Typed and left"
    assert page.locator("#record-news").is_hidden()
    assert page.wrong == []


def test_the_link_of_a_record_is_copied_by_keyboard_and_said(open_page, engineer, capa) -> None:
    page = open_page(engineer, capa.get_absolute_url())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("summary[aria-label='More actions']").press("Enter")
    page.get_by_role("button", name="Copy link").press("Enter")
    page.locator("#live-words", has_text="Link copied").wait_for(state="attached")
    page.get_by_role("button", name="Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert page.wrong == []


def test_a_link_is_copied_where_the_browser_has_no_clipboard(open_page, engineer, capa) -> None:
    page = open_page(engineer, capa.get_absolute_url())
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.evaluate("() => document.addEventListener('copy', () => { window.taken = getSelection().toString() })")
    page.locator("summary[aria-label='More actions']").press("Enter")
    page.get_by_role("button", name="Copy link").press("Enter")
    page.locator("#live-words", has_text="Link copied").wait_for(state="attached")
    assert page.evaluate("window.taken") == page.url


def test_what_is_typed_while_signed_out_is_saved_once_somebody_signs_in_again(open_page, engineer, capa) -> None:
    known_to_the_web_process(engineer)
    page = open_page(engineer, capa.get_absolute_url())
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    typing(page, "Typed while signed out")
    page.locator("#closing [data-save-state]", has_text="you are signed out").wait_for()
    assert summary_of(capa, engineer) == ""
    other = page.context.new_page()
    other.goto("/sign-in/")
    other.fill("[name=email]", engineer.email)
    other.fill("[name=password]", PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(lambda url: "/sign-in/" not in url)
    page.locator("#closing [data-save-state]").get_by_text(SAVED).wait_for()
    assert summary_of(capa, engineer) == "Typed while signed out"


def known_to_the_web_process(person) -> None:
    """Give the password the product's own hash: a process of its own does not know the cheap one of the tests."""
    with acting(system("tests")):
        User.objects.filter(pk=person.id).update(password=make_password(PASSWORD, hasher=Argon2PasswordHasher()))


def test_only_a_leaving_page_bounds_what_a_save_may_carry(open_page, engineer, capa) -> None:
    page = open_page(engineer, capa.get_absolute_url())
    page.evaluate(KEEP)
    typing(page, "Typed and left")
    page.locator("#closing [data-save-state]").get_by_text(SAVED).wait_for()
    assert page.evaluate("window.kept") == [False]


def test_what_both_wrote_is_shown_until_one_is_chosen(open_page, engineer, manager, capa) -> None:
    page = open_page(engineer, capa.get_absolute_url())
    services.save_section(capa, "closing", by=manager, summary="Theirs")
    typing(page, "Mine")
    page.locator("[data-clash]", has_text=manager.name).wait_for()
    assert (summary_of(capa, engineer), page.input_value(SUMMARY)) == ("Theirs", "Mine")
    assert violations(page) == []
    page.get_by_role("button", name="Keep mine").click()
    page.locator("#closing [data-save-state]").get_by_text(SAVED).wait_for()
    assert summary_of(capa, engineer) == "Mine"


def test_the_side_panel_follows_the_keys_and_gives_the_place_back(open_page, engineer, site) -> None:
    for title in ("Burr", "Scratch"):
        services.open_nonconformity(title=title, site=site, by=engineer, quantity_nonconforming=2)
    page = open_page(engineer, "/quality/nonconformities/?sort=number")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    page.locator("#peek", has_text="Burr").wait_for()
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.locator("#peek", has_text="Scratch").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#peek").is_hidden()
    assert page.locator("tr[aria-current]", has_text="Scratch").count() == 1
    assert page.wrong == []


def test_causes_grow_under_the_keyboard(open_page, engineer, capa) -> None:
    page = open_page(engineer, capa.get_absolute_url())
    page.locator("details:has(> #cause-tree)").evaluate("details => { details.open = true }")
    page.get_by_label("Possible cause: machine").fill("Tool worn")
    page.keyboard.press("Enter")
    page.get_by_label("Why: Tool worn").fill("Life not counted")
    page.keyboard.press("Enter")
    page.locator("#cause-tree svg[aria-label*='2 causes']").wait_for()
    page.evaluate("scrollTo(0, 0)")  # what the bar at the top covers has no size for the checker
    assert violations(page) == []
    assert page.wrong == []
