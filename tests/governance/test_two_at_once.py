"""Two people with the same dialog of master data open: neither writes over what they never saw."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from governance import services
from governance.models import Part
from qms.core.models import Site
from qms.core.trail import reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def part(site, engineer) -> Part:
    return services.add_part(site=site, number="PH-1", revision="A", name="Housing", by=engineer)


def opened(browser, url: str, **typed: str) -> dict[str, str]:
    """The fields of a dialog as they are when it opens, with what is typed then."""
    page = browser.get(url).content.decode()
    found = re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found} | {"active": "on"} | typed


@pytest.fixture
def both(browser_of, engineer, manager, part):
    """Two forms of one part, opened before either is sent; sends them and gives the second answer and the part."""

    def send(first: dict[str, str], second: dict[str, str]):
        url, people = reverse("governance:part", args=[part.pk]), (browser_of(engineer), browser_of(manager))
        forms = [opened(browser, url, **typed) for browser, typed in zip(people, (first, second), strict=True)]
        answers = [browser.post(url, form) for browser, form in zip(people, forms, strict=True)]
        with reading(engineer):
            return answers[1], Part.objects.get(pk=part.pk)

    return send


def test_both_keep_what_they_changed(both):
    answer, part = both({"name": "Housing, long"}, {"revision": "B"})
    assert (answer.status_code, part.name, part.revision) == (302, "Housing, long", "B")


def test_what_both_changed_is_told_to_the_second_and_stays(both):
    answer, part = both({"name": "Housing, long"}, {"name": "Housing, short"})
    assert (answer.status_code, part.name) == (400, "Housing, long")
    assert "Somebody else changed this meanwhile to “Housing, long”" in answer.content.decode()
    assert "Housing, short" in answer.content.decode()


def test_saving_again_replaces_what_was_told(both, browser_of, manager, part):
    answer, _ = both({"name": "Housing, long"}, {"name": "Housing, short"})
    seen = re.search(r'name="seen" value="([^"]*)"', answer.content.decode())
    assert seen is not None
    fields = {"number": "PH-1", "revision": "A", "name": "Housing, short", "active": "on", "seen": unescape(seen[1])}
    browser_of(manager).post(reverse("governance:part", args=[part.pk]), fields)
    with reading(manager):
        assert Part.objects.get(pk=part.pk).name == "Housing, short"


def test_a_box_somebody_else_emptied_stays_empty(both, part, browser_of, engineer, manager):
    url, late = reverse("governance:part", args=[part.pk]), browser_of(manager)
    form = opened(late, url, name="Housing, long")
    with reading(engineer):
        fresh = Part.objects.get(pk=part.pk)
    services.edit_part(fresh, number="PH-1", revision="A", name="Housing", active=False, by=engineer)
    late.post(url, form)
    with reading(engineer):
        found = Part.objects.get(pk=part.pk)
    assert (found.active, found.name) == (False, "Housing, long")


def test_a_site_keeps_what_two_administrators_changed(browser_of, make_actor, site):
    boss = make_actor("Ada Min", "owner")
    browser, url = browser_of(boss), reverse("web:site", args=[site.pk])
    page = browser.get(url).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    fields = {
        "name": site.name, "timezone": site.timezone, "number_pattern": site.number_pattern,
        "workdays": [str(day) for day in site.workdays], "holidays": "", "seen": unescape(seen[1]),
        "shifts": "\n".join(f"{shift['start']} {shift['name']}" for shift in site.shifts),
    }  # fmt: skip
    browser.post(url, fields | {"name": "First name"})
    browser.post(url, fields | {"workdays": ["0", "1"]})
    found = Site.objects.get(pk=site.pk)
    assert (found.name, found.workdays) == ("First name", [0, 1])
