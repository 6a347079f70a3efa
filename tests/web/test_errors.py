"""Error pages as the web process draws them: asynchronously, in a thread of their own."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError
from django.test import AsyncClient

from qms.core.actor import Actor
from qms.core.models import User
from qms.web.views.settings import Profile


@pytest.fixture
def db(fresh_database: str) -> None:
    """Real commits, so that another thread sees them."""


@pytest.fixture
def visitor(engineer: Actor) -> AsyncClient:
    client = AsyncClient()
    client.force_login(User.objects.get(pk=engineer.id), backend="django.contrib.auth.backends.ModelBackend")
    return client


async def get(client: AsyncClient, path: str) -> tuple[int, str]:
    answer = await client.get(path)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("path", ["/nothing/", "/process/characteristics/999999/"])
def test_a_signed_in_person_reads_that_nothing_is_there(visitor: AsyncClient, path: str) -> None:
    status, page = async_to_sync(get)(visitor, path)
    assert status == 404
    assert "Nothing is here" in page


def test_who_is_signed_out_is_led_to_the_door_by_the_stream_as_well(engineer: Actor) -> None:
    status, _ = async_to_sync(get)(AsyncClient(), "/live/?topic=site:1")
    assert status == 302


def test_a_page_says_that_the_database_does_not_answer(visitor: AsyncClient, monkeypatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("No space left on device")

    visitor.raise_request_exception = False
    monkeypatch.setattr(Profile, "context", away)
    status, page = async_to_sync(get)(visitor, "/settings/profile/")
    assert status == 503
    assert "The database does not answer" in page
