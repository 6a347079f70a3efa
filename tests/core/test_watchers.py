"""Whoever watches a record is told what becomes of it, once, and only while they may see it."""

from __future__ import annotations

import pytest

from qms.core.actor import system
from qms.core.comments import add_comment
from qms.core.errors import Denied
from qms.core.models import Membership, Notice, User, Watch
from qms.core.relay import drain
from qms.core.stepping import advance
from qms.core.trail import acting, history
from qms.core.watchers import unwatch, watch, watchers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gauges")]


def told(actor) -> list[str]:
    """What a person was told as a watcher."""
    while drain():
        pass
    return list(Notice.objects.filter(user_id=actor.id, kind="watch").order_by("id").values_list("title", flat=True))


@pytest.fixture
def watched(open_gauge, operator):
    gauge = open_gauge(note="Seen")
    watch(gauge, by=operator)
    return gauge


def test_watching_twice_watches_once(watched, operator) -> None:
    assert not watch(watched, by=operator)
    assert Watch.objects.count() == 1


def test_a_watcher_is_told_of_a_new_state(watched, operator, engineer) -> None:
    advance(watched, "check", by=engineer)
    assert told(operator) == [f"{watched.number} is now in “Checked”: Ring gauge"]


def test_a_watcher_is_told_of_a_comment_with_the_way_to_it(watched, operator, engineer) -> None:
    comment = add_comment(watched, "Seen on line 2", by=engineer)
    assert told(operator) == [f"Elin Lindqvist commented on {watched.number}: Seen on line 2"]
    assert Notice.objects.get(user_id=operator.id).url.endswith(f"#comment-{comment.pk}")


def test_who_is_mentioned_is_not_told_twice(watched, operator, engineer) -> None:
    add_comment(watched, "Is this yours, @Tom Berg?", by=engineer)
    assert told(operator) == []
    assert Notice.objects.filter(user_id=operator.id).count() == 1


def test_nobody_is_told_of_what_they_did_themselves(watched, operator, engineer) -> None:
    watch(watched, by=engineer)
    add_comment(watched, "Mine", by=engineer)
    advance(watched, "check", by=engineer)
    assert told(engineer) == []


def test_an_owner_who_watches_is_told_of_comments_but_asked_for_states(open_gauge, operator, engineer) -> None:
    gauge = open_gauge(owner_id=operator.id, note="Seen")
    watch(gauge, by=operator)
    advance(gauge, "check", by=engineer)
    add_comment(gauge, "Done", by=engineer)
    assert told(operator) == [f"Elin Lindqvist commented on {gauge.number}: Done"]


def test_who_may_not_see_the_record_any_more_is_told_nothing(watched, operator, engineer) -> None:
    with acting(system("tests")):
        Membership.objects.filter(user_id=operator.id).delete()
    add_comment(watched, "Hm", by=engineer)
    assert told(operator) == []
    assert not watchers(watched).exists()


def test_who_is_kept_out_is_told_nothing(watched, operator, engineer) -> None:
    with acting(system("tests")):
        User.objects.filter(pk=operator.id).update(is_active=False)
    add_comment(watched, "Hm", by=engineer)
    assert told(operator) == []


def test_who_stops_watching_is_told_nothing(watched, operator, engineer) -> None:
    assert unwatch(watched, by=operator)
    add_comment(watched, "Hm", by=engineer)
    assert told(operator) == []


def test_a_record_of_another_site_is_not_watched(open_gauge, stranger) -> None:
    with pytest.raises(Denied):
        watch(open_gauge(), by=stranger)


def test_watching_leaves_no_mark_in_the_history_of_the_record(open_gauge, operator) -> None:
    gauge = open_gauge()
    before = history(gauge)
    watch(gauge, by=operator)
    assert history(gauge) == before
