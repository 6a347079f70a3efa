"""The team of a CAPA on its page: nobody is lost, nobody comes from elsewhere."""

from __future__ import annotations

import pytest
from django.urls import reverse

from capa.models import TeamMember
from qms.core.trail import reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def save(browser_of, crew, capa):
    """Send the form of the team with (person, function) rows, made from what was seen; the answer's messages."""

    def send(*rows, seen=(), by="leader"):
        fields = {
            "person": [person.id if person else "" for person, _ in rows],
            "function": [function for _, function in rows],
            "seen": [f"{person.id}:{function}" for person, function in seen],
        }
        page = browser_of(crew[by]).post(reverse("capa:capa-team", args=[capa.pk]), fields, follow=True)
        return page.content.decode()

    return send


@pytest.fixture
def team(capa, crew):
    """Who is in the team, by name."""

    def read():
        with reading(crew["leader"]):
            return dict(TeamMember.objects.filter(capa=capa).values_list("person_id", "function"))

    return read


def test_a_person_without_a_function_is_not_dropped_silently(save, team, crew):
    assert "Say for which function" in save((crew["leader"], ""))
    assert team() == {}


def test_a_function_without_a_person_is_not_dropped_silently(save, team, crew):
    assert "Choose who stands for" in save((crew["leader"], "quality"), (None, "production"))
    assert team() == {}


def test_a_person_named_twice_is_refused(save, team, crew):
    assert "name each person once" in save((crew["leader"], "quality"), (crew["leader"], "production"))
    assert team() == {}


def test_a_refused_team_stays_in_its_form_as_typed_with_the_reason(save, crew):
    page = save((crew["leader"], "quality of weld"), (None, "production of frames"))
    assert 'value="quality of weld"' in page
    assert 'value="production of frames"' in page
    assert f'<option value="{crew["leader"].id}" selected>' in page
    assert 'id="team-why" role="alert" data-refused>Choose who stands for “production of frames”.' in page


def test_a_person_of_another_plant_does_not_come_into_the_team(save, team, stranger):
    assert "has no role at" in save((stranger, "quality"))
    assert team() == {}


def test_an_emptied_row_leaves_the_team(save, team, crew):
    save((crew["leader"], "quality"), (crew["builder"], "production"))
    save((crew["leader"], "quality"), (None, "production"),
         seen=[(crew["leader"], "quality"), (crew["builder"], "production")])  # fmt: skip
    assert team() == {crew["leader"].id: "quality"}


def test_who_somebody_else_added_meanwhile_stays(save, team, crew):
    save((crew["leader"], "quality"))
    save((crew["leader"], "quality"), (crew["builder"], "production"), seen=[(crew["leader"], "quality")])
    save((crew["leader"], "quality"), (crew["verifier"], "logistics"), seen=[(crew["leader"], "quality")], by="quality")
    assert set(team().values()) == {"quality", "production", "logistics"}


def test_who_somebody_else_took_out_meanwhile_does_not_come_back(save, team, crew):
    both = [(crew["leader"], "quality"), (crew["builder"], "production")]
    save(*both)
    save((crew["leader"], "quality"), (None, ""), seen=both)
    save(*both, (crew["verifier"], "logistics"), seen=both, by="quality")
    assert set(team().values()) == {"quality", "logistics"}
