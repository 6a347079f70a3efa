"""What nobody would type: every page and act answers it with words, none with a failure of ours."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver

from qms.core.actor import actor_of
from qms.core.models import Site, User
from qms.core.trail import acting
from qms.web.pages.keyset import last_value, page_keys
from qms.web.requests import whole_number
from tests.web.test_growth import BY, Plant

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("qms/web", "governance", "iot", "capa")
STRANGE = ("²", "9" * 600)
READ = re.compile(r"""(?:POST|GET|post|fields|typed)(?:\.get|\.getlist)?[(\[]"(\w+)"|name="([\w-]+)\"""")
FIELD = re.compile(r"^    (\w+) = forms\.", re.MULTILINE)
SPARED = ("/live/", "/api/", "/static/", "/health/")


def names() -> list[str]:
    """Every name a view, form or template reads from a request."""
    found = {"q", "after", "sort", "cols", "group", "view"}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            text = path.read_text()
            found |= {name for pair in READ.findall(text) for name in pair if name} | set(FIELD.findall(text))
        for path in (ROOT / room).rglob("*.html"):
            found |= {pair[1] for pair in READ.findall(path.read_text()) if pair[1]}
    return sorted(found - {"export", "csrfmiddlewaretoken"})


def addresses(resolver=None, prefix: str = "/") -> Iterator[str]:
    """Every address of a page, with its parts still to be filled in."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from addresses(entry, route)
        elif not route.startswith(SPARED):
            yield route


def keys() -> list[int]:
    """A key of each kind of row there is."""
    rows = (model._default_manager.order_by("pk").first() for model in apps.get_models() if _ours(model))
    return sorted({row.pk for row in rows if row is not None and isinstance(row.pk, int)})


def _ours(model: type[Model]) -> bool:
    return model._meta.app_label in {"core", "governance", "iot", "capa"} and model._meta.managed


def answer(browser: Client, method: str, url: str, value: str) -> int:
    """The status of an answer; what it changed is undone."""
    around, session = transaction.atomic(), browser.cookies["sessionid"].value
    around._from_testcase = True  # an act may begin inside, as it may inside a test
    with around:
        try:
            return getattr(browser, method)(url, dict.fromkeys(NAMES, value)).status_code
        finally:
            browser.cookies["sessionid"] = session
            transaction.set_rollback(True)


def filled(route: str, key: int) -> str:
    """An address with its parts filled in."""
    return re.sub(r"<str:\w+>|<slug:\w+>", "text", re.sub(r"<int:\w+>", str(key), route))


NAMES = names()


@pytest.fixture
def owner(site, make_user) -> User:
    """Somebody who may do everything, in a plant with a row of every kind."""
    person = make_user("Ola Own", "owner")
    Plant(site, [person]).grow(1)
    return person


@pytest.mark.slow
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_fails_on_what_nobody_would_type(browser_of, owner, method) -> None:
    browser = browser_of(actor_of(owner))
    browser.raise_request_exception = False
    wrong, rows = [], keys()
    for route in addresses():
        urls = [filled(route, key) for key in (rows if "<int:" in route else [1])]
        first = {url: answer(browser, method, url, "abc") for url in urls}
        there = next((url for url, status in first.items() if status not in {404, 405}), "")
        found = first | {there: max(answer(browser, method, there, value) for value in STRANGE)} if there else first
        wrong += [f"{method} {url}: {status}" for url, status in found.items() if status >= 500]
    assert wrong == []


FOREIGN = (b'["x", 1]', b"{}", b'{"a": 1, "b": 2}', b'["\\u0000", 1]', b'["2026", "x"]', b"[1e999, 1]")


@pytest.mark.parametrize("said", FOREIGN)
def test_a_cursor_that_is_none_of_ours_begins_from_the_start(engineer, said) -> None:
    cursor, rows = base64.urlsafe_b64encode(said).decode(), User.objects.all()
    for field in ("created_at", "name", "id"):
        assert page_keys(rows, field, descending=False, cursor=cursor, most=9) in ([engineer.id], [])
    last_value(cursor)


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("²", None), ("-1", None), ("", None), ("9" * 30, None)])
def test_a_whole_number_is_plain_digits_that_fit(text, number) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_text_no_database_holds_is_refused_in_words(browser_of, engineer, method) -> None:
    page = getattr(browser_of(engineer), method)("/settings/keys/", {"q": "a\x00b"})
    assert page.status_code == 400
    assert "no text" in page.content.decode()


def test_stopping_a_job_that_is_gone_says_so(browser_of, engineer) -> None:
    assert browser_of(engineer).post("/jobs/999999/cancel/").status_code == 404


def test_two_who_add_one_code_at_once_are_told_and_none_fails(browser_of, make_actor, site, monkeypatch) -> None:
    def taken(**_fields) -> None:
        with acting(BY):
            Site.objects.create(code=site.code, name="Again", timezone="UTC", number_pattern="{n}")

    monkeypatch.setattr("qms.web.views.sites.create_site", taken)
    fields = {"code": "ZZ9", "name": "Second", "timezone": "UTC", "language": "en", "number_pattern": "{kind}-{n}"}
    browser = browser_of(make_actor("Ola Own", "owner"))
    browser.raise_request_exception = False
    assert browser.post("/settings/sites/new/", fields).status_code == 409
