"""Comments with mentions, links both ways, and frozen evidence."""

from __future__ import annotations

import math

import pytest

from qms.core import inbox
from qms.core.comments import add_comment, mentioned
from qms.core.errors import Denied, Invalid, Refused
from qms.core.evidence import freeze, intact
from qms.core.links import link, linked, unlink
from qms.core.models import FrozenEvidence, Link, Notice, Task, Trail, User
from qms.core.trail import acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


def person(name: str, email: str) -> User:
    return User(name=name, email=email)


ANN, ANNA, TOM = person("Ann Li", "ann@x.org"), person("Ann Lima", "anna@x.org"), person("Tom Berg", "tom.berg@x.org")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@Ann Li please look", [ANN]),
        ("@ann lima, please", [ANNA]),
        ("see @tom.berg.", [TOM]),
        ("(@ann)", [ANN]),
        ("@anna and @Tom Berg", [ANNA, TOM]),
        ("@tom.bergman", []),
        ("mail ann@x.org", []),
        ("me@ann.org", []),
        ("@ann.li", []),
        ("nobody", []),
    ],
)
def test_people_are_mentioned_by_full_name_or_mail_name(text, people) -> None:
    assert mentioned(text, [ANN, ANNA, TOM]) == people


def test_a_mention_asks_the_person_to_read_and_an_answer_ends_it(open_gauge, engineer, operator) -> None:
    gauge = open_gauge()
    add_comment(gauge, "Is this yours, @Tom Berg?", by=engineer)
    [task] = inbox.open_for(operator)
    assert (task.kind, task.url.startswith("/gauges/"), task.record_id) == ("mention", True, gauge.pk)
    assert Notice.objects.get(user_id=operator.id).title == f"Elin Lindqvist mentioned you on {gauge.number}"
    add_comment(gauge, "Yes.", by=operator)
    assert not inbox.open_for(operator).exists()


def test_people_of_other_sites_are_not_mentioned(open_gauge, engineer, stranger) -> None:
    add_comment(open_gauge(), "@Sam Stone @Elin Lindqvist", by=engineer)
    assert not Task.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001])
def test_an_empty_or_endless_comment_is_refused(open_gauge, engineer, text) -> None:
    with pytest.raises(Invalid):
        add_comment(open_gauge(), text, by=engineer)


def test_who_may_only_look_cannot_comment(open_gauge, make_actor, site) -> None:
    with pytest.raises(Denied):
        add_comment(open_gauge(), "Hm", by=make_actor("Eva", "executive", site=site))


def test_a_link_is_seen_from_both_ends_in_its_own_words(open_gauge, engineer) -> None:
    cause, effect = open_gauge("Cause"), open_gauge("Effect")
    assert link(cause, effect, "caused", by=engineer) == link(cause, effect, "caused", by=engineer)
    assert [(x.relation, x.record.pk) for x in linked(cause, engineer)] == [("caused", effect.pk)]
    assert [(x.relation, x.record.pk) for x in linked(effect, engineer)] == [("caused by", cause.pk)]


def test_the_other_end_at_a_foreign_site_is_neither_linked_nor_shown(
    open_gauge, engineer, stranger, elsewhere, make_actor
):
    mine, foreign = open_gauge("Mine"), open_gauge("Foreign", by=stranger, at=elsewhere)
    with pytest.raises(Denied):
        link(mine, foreign, by=engineer)
    link(mine, foreign, by=make_actor("Olga All", "manager"))
    assert linked(mine, engineer) == []


def test_a_record_is_never_linked_to_itself(open_gauge, engineer) -> None:
    gauge = open_gauge()
    with pytest.raises(Refused):
        link(gauge, gauge, by=engineer)


def test_a_link_taken_away_stays_in_the_trail(open_gauge, engineer) -> None:
    found = link(open_gauge(), open_gauge(), by=engineer)
    unlink(found, by=engineer)
    assert not Link.objects.exists()
    assert [row.op for row in Trail.objects.filter(tbl="core_link").order_by("id")] == ["I", "D"]


DATA = {"values": [1.0, 0.1 + 0.2, 1e-7, 1e22, -0.0, 10**20, 2.5e300], "name": "Ø", "none": None, "at": [True, {}]}


def test_frozen_data_prove_that_they_are_unchanged(open_gauge, engineer) -> None:
    kept = freeze(open_gauge(), kind="control_chart", title="C201", data=DATA, svg="<svg/>", by=engineer)
    assert intact(FrozenEvidence.objects.get(pk=kept.pk))


@pytest.mark.parametrize("change", [{"data": {"values": [1.1]}}, {"svg": "<svg>other</svg>"}, {"title": "C202"}])
def test_any_later_change_of_evidence_shows(open_gauge, engineer, change) -> None:
    kept = freeze(open_gauge(), kind="control_chart", title="C201", data=DATA, svg="<svg/>", by=engineer)
    with acting(engineer):
        FrozenEvidence.objects.filter(pk=kept.pk).update(**change)
    assert not intact(FrozenEvidence.objects.get(pk=kept.pk))


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), "a\0b"])
def test_what_json_cannot_hold_is_not_frozen(open_gauge, engineer, value) -> None:
    with pytest.raises(Invalid):
        freeze(open_gauge(), kind="control_chart", title="C201", data={"x": value}, by=engineer)
