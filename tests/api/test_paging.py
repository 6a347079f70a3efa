"""Walking a list by cursor."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from capa.models import Nonconformity
from qms.core.records import open_record

pytestmark = pytest.mark.usefixtures("doors")
THINGS = "/api/v1/things/"


@pytest.fixture
def make_things(engineer, site):
    def make(*titles: str) -> None:
        for title in titles:
            open_record(Nonconformity, title=title, site=site, by=engineer, severity="minor")

    return make


def walk(api, address: str, way: str = "next") -> Iterator[list[str]]:
    while address:
        page = api.get(address).json()
        yield [row["title"] for row in page["results"]]
        address = page[way]


@pytest.mark.parametrize("ordering", ["-opened_at", "opened_at", "number", "-id"])
def test_rows_coming_in_while_walking_are_not_doubled_and_none_is_missed(api, make_things, ordering):
    old = [f"old {number}" for number in range(7)]
    make_things(*old)
    titles: list[str] = []
    for page in itertools.islice(walk(api, f"{THINGS}?limit=2&ordering={ordering}"), 20):
        titles += page
        make_things("new")
    assert sorted(title for title in titles if title != "new") == old


def test_the_way_back_shows_the_same_pages(api, make_things):
    make_things(*"abcde")
    last = f"{THINGS}?limit=2"
    while (page := api.get(last).json())["next"]:
        last = page["next"]
    assert list(walk(api, last, way="prev")) == [["a"], ["c", "b"], ["e", "d"]]


def test_a_tampered_cursor_is_a_400_problem(api, make_things):
    make_things("a", "b")
    address = api.get(f"{THINGS}?limit=1").json()["next"]
    answer = api.get(address.replace("cursor=", "cursor=x"))
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["parameter"] == "cursor"


def test_a_cursor_of_another_ordering_is_400(api, make_things):
    make_things("a", "b")
    address = api.get(f"{THINGS}?limit=1&ordering=number").json()["next"]
    assert api.get(address.replace("ordering=number", "ordering=id")).status_code == 400


def test_the_page_is_capped(api, make_things, monkeypatch):
    monkeypatch.setattr("qms.core.rest.paging.MOST", 3)
    make_things(*"abcde")
    assert len(api.get(f"{THINGS}?limit=1000").json()["results"]) == 3


def test_rows_are_counted_only_when_asked(api, make_things):
    make_things(*"abc")
    assert "count" not in api.get(f"{THINGS}?limit=1").json()
    assert api.get(f"{THINGS}?limit=1&count=exact").json()["count"] == 3


def test_a_list_takes_the_same_queries_whatever_its_length(api, make_things, django_assert_max_num_queries):
    make_things(*"abcdefgh")
    api.get(THINGS)
    with django_assert_max_num_queries(8):
        api.get(THINGS)
