"""A share for every key."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("doors", "share_of_three")
THINGS = "/api/v1/things/"


@pytest.fixture
def share_of_three(settings):
    from django.core.cache import cache

    cache.clear()
    rest = settings.REST_FRAMEWORK
    settings.REST_FRAMEWORK = {**rest, "DEFAULT_THROTTLE_RATES": {"key": "3/hour"}}


def test_a_key_that_used_its_share_waits_and_others_do_not_notice(api_of, engineer, manager):
    greedy, modest = api_of(engineer), api_of(manager)
    assert [greedy.get(THINGS).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert modest.get(THINGS).status_code == 200


def test_another_key_of_the_same_person_is_not_slowed(api_of, engineer):
    first, second = api_of(engineer), api_of(engineer)
    assert [first.get(THINGS).status_code for _ in range(4)][-1] == 429
    assert second.get(THINGS).status_code == 200


def test_the_answer_says_how_long_to_wait(api):
    answer = [api.get(THINGS) for _ in range(4)][-1]
    assert answer["Content-Type"] == "application/problem+json"
    assert 1 <= int(answer["Retry-After"]) <= 3600


def test_a_lost_cache_is_counted_for_in_the_process(api, monkeypatch):
    def lost(*args, **kwargs):
        raise ConnectionError("no cache")

    monkeypatch.setattr("django.core.cache.backends.locmem.LocMemCache.add", lost)
    assert [api.get(THINGS).status_code for _ in range(4)] == [200, 200, 200, 429]
