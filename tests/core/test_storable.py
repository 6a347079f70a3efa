"""What a name may hold, and what nobody would see in it."""

from __future__ import annotations

from datetime import date

import pytest

from qms.core.errors import Invalid
from qms.core.models import User
from qms.core.people import change_person
from qms.core.sites import change_site, create_site
from qms.core.storable import hidden_sign
from qms.core.tokens import issue_token


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\nb", "Character 2 is a line break (U+000A)"),
        ("ab\u2028", "Character 3 is a line break (U+2028)"),
        ("a\tb", "Character 2 is a tab (U+0009)"),
        ("\x1bx", "Character 1 is a control character (U+001B)"),
        ("a\x9b", "Character 2 is a control character (U+009B)"),
        ("PH-\u202e201", "Character 4 is a mark that turns the direction of writing (U+202E)"),
        ("a\u200fb", "Character 2 is a mark that turns the direction of writing (U+200F)"),
        ("a\u2067b", "Character 2 is a mark that turns the direction of writing (U+2067)"),
        ("Lima\u200b", "Character 5 is an invisible character (U+200B)"),
    ],
)
def test_a_hidden_sign_is_named_with_its_place(text, said) -> None:
    assert hidden_sign(text).startswith(said)


@pytest.mark.parametrize("text", ["Østergård 3 µm", "قسم الجودة", "品質", "Zoë “C201”", "A\u00a0B", "👩\u200d🔧"])
def test_letters_of_every_script_are_taken(text) -> None:
    assert hidden_sign(text) == ""


def test_sentences_may_stand_on_lines_of_their_own_but_turn_nothing_round() -> None:
    assert hidden_sign("a\r\n\tb", lines=True) == ""
    assert hidden_sign("a\n\u202eb", lines=True).startswith("Character 3")


@pytest.mark.django_db
def test_the_title_of_a_record_is_refused(open_gauge, gauges) -> None:
    with pytest.raises(Invalid) as refused:
        open_gauge("Ring\u202eegnig")
    assert refused.value.errors["title"][0].startswith("Character 5")


@pytest.mark.django_db
def test_names_of_sites_shifts_holidays_and_keys_are_refused(make_actor, engineer, site) -> None:
    owner = make_actor("Olga All", "owner")
    doors = {
        "name": lambda: create_site(code="NV7", name="Plant\u2066 7", by=owner),
        "shifts": lambda: change_site(site, by=owner, shifts=[{"name": "Ear\nly", "start": "06:00"}]),
        "holidays": lambda: change_site(site, by=owner, holidays=[(date(2026, 12, 25), "Yule\u200f")]),
    }
    for field, door in doors.items():
        with pytest.raises(Invalid) as refused:
            door()
        assert "Character" in refused.value.errors[field][0]
    person = User.objects.get(pk=engineer.id)
    with pytest.raises(Invalid, match="Character 4"):
        issue_token(person, "ERP\u202e 1", by=engineer)
    with pytest.raises(Invalid, match="Character 1 "):
        change_person(person, name="\u202eElin", by=owner)
