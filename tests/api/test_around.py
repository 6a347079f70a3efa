"""Comments, links, signatures, evidence and files of a record, by API."""

from __future__ import annotations

from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qms.core.actor import actor_of
from qms.core.evidence import freeze
from qms.core.models import Record, User
from qms.core.trail import reading
from tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("doors")
THINGS = "/api/v1/things/"


@pytest.fixture
def make_thing(api, site):
    return lambda title="Burr on edge": f"{THINGS}{api.post(THINGS, {'title': title}).json()['id']}/"


def test_a_comment_is_listed_with_its_author(api, make_thing):
    thing = make_thing()
    assert api.post(f"{thing}comments/", {"text": "Seen on line 2"}).status_code == 201
    comments = api.get(f"{thing}comments/").json()["results"]
    assert [(row["author"]["name"], row["text"]) for row in comments] == [("Elin Lindqvist", "Seen on line 2")]


def test_nobody_comments_on_what_they_cannot_see(api_of, stranger, make_thing):
    assert api_of(stranger).post(f"{make_thing()}comments/", {"text": "?"}).status_code == 404


def test_who_watches_is_listed_until_they_stop(api, make_thing):
    thing = make_thing()
    assert [row["name"] for row in api.post(f"{thing}watchers/").json()["results"]] == ["Elin Lindqvist"]
    assert [row["name"] for row in api.get(f"{thing}watchers/").json()["results"]] == ["Elin Lindqvist"]
    assert api.delete(f"{thing}watchers/").status_code == 204
    assert api.get(f"{thing}watchers/").json()["results"] == []


def test_nobody_watches_what_they_cannot_see(api_of, stranger, make_thing):
    assert api_of(stranger).post(f"{make_thing()}watchers/").status_code == 404


def test_a_link_shows_on_both_sides(api, make_thing):
    one, two = make_thing("one"), make_thing("two")
    target = int(two.rstrip("/").rpartition("/")[2])
    assert api.post(f"{one}links/", {"target": target, "relation": "duplicate of"}).status_code == 201
    for side in (one, two):
        assert [row["target"]["title"] for row in api.get(f"{side}links/").json()["results"]] == ["two"]


def test_a_link_to_nothing_names_the_field(api, make_thing):
    answer = api.post(f"{make_thing()}links/", {"target": 999_999})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/target"


def test_a_signature_made_on_the_page_shows_by_api(api, manager, browser_of, make_thing):
    thing = make_thing()
    step = {"step": "void", "reason": "twice", "password": PASSWORD}
    assert browser_of(manager).post(f"{thing}advance/", step, content_type="application/json").status_code == 200
    signatures = api.get(f"{thing}signatures/").json()["results"]
    assert [(row["printed_name"], row["meaning"], row["valid"]) for row in signatures] == [
        ("Ines Okafor", "Voided", True)
    ]


def test_evidence_shows_with_its_digest(api, engineer, make_thing):
    thing = make_thing()
    with reading(engineer):
        record = Record.objects.get(pk=int(thing.rstrip("/").rpartition("/")[2]))
    freeze(record, kind="control_chart", title="Chart", data={"n": 25}, by=actor_of(User.objects.get(pk=engineer.id)))
    assert api.get(f"{thing}evidence/").json()["results"][0]["data"] == {"n": 25}


@pytest.fixture
def drawing(api, make_thing, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    upload = SimpleUploadedFile("drawing.csv", b"a,b\n1,2\n", "text/csv")
    return api.post(f"{make_thing()}attachments/", {"file": upload}, format="multipart").json()


def test_a_file_is_added_and_read_back_as_it_was(api, drawing):
    answer = api.get(f"/api/v1/attachments/{drawing['id']}/content/")
    assert b"".join(answer.streaming_content) == b"a,b\n1,2\n"
    assert drawing["digest"] == sha256(b"a,b\n1,2\n").hexdigest()


def test_a_file_of_another_site_is_not_there(api_of, stranger, drawing):
    for tail in ("", "content/"):
        assert api_of(stranger).get(f"/api/v1/attachments/{drawing['id']}/{tail}").status_code == 404


def test_a_file_is_taken_out_with_a_reason(api, drawing):
    address = f"/api/v1/attachments/{drawing['id']}/withdraw/"
    assert api.post(address, {"reason": ""}).status_code == 400
    assert api.post(address, {"reason": "wrong part"}).json()["withdrawn_at"]


def test_a_program_is_no_attachment(api, make_thing):
    upload = SimpleUploadedFile("tool.exe", b"MZ\x90\x00", "application/x-msdownload")
    answer = api.post(f"{make_thing()}attachments/", {"file": upload}, format="multipart")
    assert answer.status_code == 400
