"""Topics of the live stream and who may hear them; rooms add their kinds in AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable

from qms.core.actor import ALL, Actor
from qms.core.models import Record
from qms.core.trail import reading
from qms.web.requests import whole_number

TopicCheck = Callable[[int, Actor], bool]


def _site(pk: int, actor: Actor) -> bool:
    sites = actor.sites()
    return sites is ALL or pk in sites


def _record(pk: int, actor: Actor) -> bool:
    record = Record._base_manager.filter(pk=pk).only("site_id", "owner_id", "kind").first()
    return record is not None and actor.can("record.view", record)


TOPICS: dict[str, TopicCheck] = {
    "site": _site,
    "inbox": _site,  # what is asked of a role at the site
    "record": _record,
    "user": lambda pk, actor: pk == actor.id,
    "job": lambda _pk, actor: actor.can("job.view"),
}


def topic_check(kind: str) -> Callable[[TopicCheck], TopicCheck]:
    """Let pages listen to `<kind>:<id>`; a room adds its kinds in AppConfig.ready()."""

    def add(check: TopicCheck) -> TopicCheck:
        TOPICS[kind] = check
        return check

    return add


def may_listen(topic: str, actor: Actor) -> bool:
    """Whether this person may hear a topic; unknown ones are refused."""
    kind, _, number = topic.partition(":")
    check, key = TOPICS.get(kind), whole_number(number)
    if check is None or key is None:
        return False
    with reading(actor):
        return check(key, actor)
