"""People, sites and keys: who may give what to whom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from qms.core.actor import actor_of, system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Holiday, Trail, User
from qms.core.people import change_person, create_person, first_owner, first_site, set_password, set_roles
from qms.core.sites import change_site, create_site, set_holidays
from qms.core.tokens import digest_of_key, issue_token, revoke_token

US = system("tests")
GOOD = "a long and good one"
pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(make_actor):
    return make_actor("Olga Owner", "owner")


@pytest.fixture
def admin(make_actor, site):
    return make_actor("Adam Admin", "admin", site=site)


def test_the_first_run_makes_the_owner_and_the_first_site_once() -> None:
    given = {"email": "Olga@Example.org", "name": " Olga  Owner ", "password": GOOD}
    plant = {"code": "nv1", "name": "Nordvik", "timezone": "Europe/Oslo"}
    made = first_owner(**given)
    site = first_site(made, by=actor_of(made), **plant)
    owner = User.objects.get()
    assert (owner.email, owner.name, owner.timezone, site.code) == (
        "olga@example.org",
        "Olga Owner",
        "Europe/Oslo",
        "NV1",
    )
    assert actor_of(owner).can("person.edit", site.pk)
    with pytest.raises(Refused, match="owner already"):
        first_owner(**given)


def test_a_later_sites_numbers_carry_its_code(owner) -> None:
    first, second = (create_site(code=code, name=code, by=owner) for code in ("NV1", "NV2"))
    assert (first.number_pattern, second.number_pattern) == ("{kind}-{year}-{n:04d}", "{kind}-{site}-{year}-{n:04d}")
    with pytest.raises(Invalid, match="same numbers"):
        change_site(second, by=owner, number_pattern=first.number_pattern)
    with pytest.raises(Invalid, match="same numbers"):
        create_site(code="NV3", name="NV3", number_pattern="{kind}/{year}/{n}", by=owner)
    assert change_site(first, by=owner, name="North", number_pattern=first.number_pattern).name == "North"


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "x y"},
        {"timezone": "Mars/Olympus"},
        {"number_pattern": "{kind}"},
        {"number_pattern": "{0}"},
        {"number_pattern": "{kind}-{year}-{n:050d}"},
        {"name": ""},
    ],
)
def test_a_site_that_cannot_work_is_refused(owner, fields) -> None:
    with pytest.raises(Invalid) as refused:
        create_site(**{"code": "NV9", "name": "Plant", **fields}, by=owner)
    assert set(refused.value.errors) == set(fields)


def test_holidays_are_replaced_as_a_whole(site, owner) -> None:
    set_holidays(site, [(date(2026, 12, 25), "Christmas"), (date(2026, 5, 1), "Labour day")], by=owner)
    set_holidays(site, [(date(2026, 12, 25), "Christmas")], by=owner)
    assert [str(x) for x in Holiday.objects.all()] == ["2026-12-25 Christmas"]


def test_only_administrators_make_people(engineer, site) -> None:
    with pytest.raises(Denied):
        create_person(email="x@example.org", name="X", by=engineer)


@pytest.mark.parametrize(("site_of_role", "role"), [("other", "engineer"), (None, "engineer"), ("own", "owner")])
def test_an_administrator_gives_no_more_than_roles_of_the_own_site(admin, site, elsewhere, site_of_role, role) -> None:
    where = {"own": site, "other": elsewhere, None: None}[site_of_role]
    with pytest.raises(Denied):
        create_person(email="x@example.org", name="X", roles=[(where, role)], by=admin)
    assert create_person(email="x@example.org", name="X", roles=[(site, "engineer")], by=admin).pk


def test_an_administrator_cannot_touch_somebody_with_higher_rights(admin, owner) -> None:
    user = User.objects.get(pk=owner.id)
    for attempt in (
        lambda: set_password(user, GOOD, by=admin),
        lambda: change_person(user, by=admin, is_active=False),
        lambda: issue_token(user, "mine", by=admin),
        lambda: set_roles(user, [], by=admin),
    ):
        with pytest.raises(Denied):
            attempt()


def test_the_last_owner_stays(owner) -> None:
    user = User.objects.get(pk=owner.id)
    with pytest.raises(Refused, match="no owner"):
        set_roles(user, [], by=owner)
    with pytest.raises(Refused, match="no owner"):
        change_person(user, by=owner, is_active=False)


def test_roles_are_exactly_those_given(owner, site, engineer) -> None:
    user = User.objects.get(pk=engineer.id)
    set_roles(user, [(site, "approver"), (None, "auditor"), (None, "auditor")], by=owner)
    assert set(user.memberships.values_list("site_id", "role")) == {(site.pk, "approver"), (None, "auditor")}


@pytest.mark.parametrize("password", ["short", "password1234", "engineer@x"])
def test_a_weak_password_is_refused_with_the_reason(owner, password) -> None:
    with pytest.raises(Invalid) as refused:
        create_person(email="engineer@x.org", name="E", password=password, by=owner)
    assert refused.value.errors["password"]


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("aaaaaaaaaaaa", "1 character again and again. Use at least 5"),
        ("aAbBaAbBaAbB", "2 different characters again and again. Use at least 5"),
        ("920473681520", "only digits. Add letters"),
        ("too short", "Use at least 12 characters"),
        ("password1234", "lists of common passwords. Choose one"),
        ("engineer.one@", "too much like your"),
    ],
)
def test_a_refused_password_says_what_to_do(owner, password, said) -> None:
    with pytest.raises(Invalid) as refused:
        create_person(email="engineer.one@x.org", name="E", password=password, by=owner)
    assert said in " ".join(refused.value.errors["password"])


def test_five_different_characters_in_a_sentence_are_enough(owner) -> None:
    assert create_person(email="e@x.org", name="E", password="toto et tata tot", by=owner).pk


def test_a_name_that_reads_otherwise_than_it_is_written_is_refused_with_its_place(owner) -> None:
    with pytest.raises(Invalid) as refused:
        create_person(email="e@x.org", name="Ann\u202eamiL", by=owner)
    assert refused.value.errors["name"][0].startswith("Character 4 is a mark that turns the direction")


def test_a_name_on_two_lines_is_refused(owner) -> None:
    with pytest.raises(Invalid) as refused:
        create_person(email="e@x.org", name="Ann\nLima", by=owner)
    assert refused.value.errors["name"][0].startswith("Character 4 is a line break (U+000A)")


def test_a_password_never_enters_the_trail(owner) -> None:
    user = create_person(email="x@example.org", name="X", password=GOOD, by=owner)
    set_password(user, GOOD + " too", by=owner)
    assert not Trail.objects.filter(tbl="core_user", image__contains="password").exists()


def test_somebody_switched_off_loses_the_keys(owner, admin, site) -> None:
    user = create_person(email="x@example.org", name="X", roles=[(site, "engineer")], by=admin)
    token, _ = issue_token(user, "ERP", by=actor_of(user))
    change_person(user, by=admin, is_active=False)
    token.refresh_from_db()
    assert token.revoked_at


def test_a_key_is_shown_once_and_kept_as_a_hash(engineer) -> None:
    token, key = issue_token(User.objects.get(pk=engineer.id), "ERP", by=engineer, scopes=["*.view"])
    assert key.startswith(f"qms_{token.prefix}_")
    assert token.digest == digest_of_key(key)
    assert not Trail.objects.filter(image__contains=token.digest).exists()
    assert revoke_token(token, by=engineer).revoked_at


def test_a_key_needs_a_name_and_an_end_in_the_future(engineer, operator) -> None:
    user = User.objects.get(pk=engineer.id)
    with pytest.raises(Invalid):
        issue_token(user, " ", by=engineer)
    with pytest.raises(Invalid):
        issue_token(user, "ERP", by=engineer, expires_at=timezone.now() - timedelta(days=1))
    with pytest.raises(Denied):
        issue_token(user, "ERP", by=operator)
