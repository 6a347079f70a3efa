"""Requests, records and pages for tests of the shell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from capa.models import Nonconformity
from qms.core.actor import Actor
from qms.core.models import Record, User
from qms.core.records import open_record
from qms.core.trail import reading


@pytest.fixture
def ask() -> Callable[..., HttpResponse]:
    """Send a GET to a view class as a person, inside that person's scope; returns the rendered response."""

    def send(view, actor: Actor, path: str = "/", headers=None, **kwargs) -> HttpResponse:
        request = RequestFactory().get(path, headers=headers or {})
        request.actor, request.htmx, request.id = actor, HtmxDetails(request), "test"
        request.session = {}
        request.user = User.objects.get(pk=actor.id)
        request._messages = FallbackStorage(request)
        with reading(actor):
            response = view.as_view()(request, **kwargs)
            return response.render() if hasattr(response, "render") else response

    return send


@pytest.fixture
def make_record(monkeypatch, site, engineer) -> Callable[..., Record]:
    """Open nonconformities whose page has an address, whatever the room's own URLs are."""
    monkeypatch.setattr(Nonconformity, "get_absolute_url", lambda self: f"/record/{self.pk}/", raising=False)

    def make(title: str = "Press-in force low", **fields) -> Record:
        return open_record(Nonconformity, title=title, site=site, by=engineer, **fields)

    return make
