"""A dialog compares what somebody else saved and saves itself under one lock: nothing is overwritten unseen."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from governance import services
from governance.models import Part
from qms.core.actor import actor_of, system
from qms.core.models import Membership, Site, User
from qms.core.trail import acting
from qms.web.pages.merging import fingerprint

FIELDS = {"number": "PH-201", "revision": "A", "name": "Housing", "active": True}


@pytest.fixture
def part(fresh_database) -> Part:
    """A part that an engineer may change, committed."""
    with acting(system("tests")):
        site = Site.objects.create(code="NV1", name="Plant", timezone="Europe/Berlin")
        user = User.objects.create_user("elin@example.org", "correct horse battery", name="Elin Lindqvist")
        Membership.objects.create(user=user, site=site, role="engineer")
    return services.add_part(site=site, number="PH-201", revision="A", name="Housing", by=actor_of(user))


def send(part: Part, **typed: str) -> int:
    """Save the dialog as it was drawn at first, with these changes; the status of the answer."""
    try:
        browser = Client()
        browser.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
        seen = json.dumps({name: fingerprint(str(value)) for name, value in FIELDS.items()})
        sent = {"number": "PH-201", "revision": "A", "name": "Housing", "active": "on", **typed, "seen": seen}
        return browser.post(reverse("governance:part", args=[part.pk]), sent).status_code
    finally:
        connections.close_all()


@pytest.fixture
def slow(monkeypatch):
    """The first save stands still between its comparison and its end until the second has begun."""
    begun, go_on, real = threading.Event(), threading.Event(), services.edit_part

    def edit(*args, **kwargs):
        begun.set()
        go_on.wait(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(services, "edit_part", edit)
    return begun


def test_of_two_who_save_the_same_field_at_once_the_second_is_shown_the_first(part, slow) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, part, name="First")
        assert slow.wait(20)
        second = pool.submit(send, part, name="Second")
        assert (first.result(30), second.result(30)) == (302, 409)
    assert Part.objects.get().name == "First"


def test_of_two_who_save_different_fields_at_once_both_are_kept(part, slow) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, part, name="First")
        assert slow.wait(20)
        second = pool.submit(send, part, revision="B")
        assert (first.result(30), second.result(30)) == (302, 302)
    row = Part.objects.get()
    assert (row.name, row.revision) == ("First", "B")
