"""Comments on records; a mention becomes a task and a notice for the person."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from qms.core import inbox
from qms.core.actor import Actor
from qms.core.errors import Denied, Invalid
from qms.core.events import CommentAdded, publish
from qms.core.live import announce
from qms.core.models import Comment, Membership, Record, Task, User
from qms.core.records import url_of
from qms.core.trail import acting

LIMIT = 10_000
_AT, _GOES_ON = re.compile(r"(?<!\w)@"), re.compile(r"[\w-]|\.\w")


def add_comment(record: Record, text: str, *, by: Actor) -> Comment:
    """Say something about a record; `@First Last` or `@mail.name` asks that person to read it.

    Commenting answers the mentions the person had on this record. Raises Denied or Invalid.
    """
    by.require("record.comment", record)
    if by.id is None:
        raise Denied("Only a person can comment.")
    text = text.strip()
    if not text or len(text) > LIMIT:
        raise Invalid({"text": [f"Write something, at most {LIMIT:,} characters; this has {len(text):,}."]})
    with acting(by):
        comment = Comment.objects.create(record_id=record.pk, author_id=by.id, text=text)
        people = mentioned(text, people_of(record.site_id))
        comment.mentions.set(people)
        for person in people:
            _ask_to_read(comment, record, person, by)
        _answer(record, by)
        publish(
            CommentAdded(record=record.pk, kind=record.kind, number=record.number, comment=comment.pk),
            key=f"comments:{record.pk}",
        )
        announce(f"record:{record.pk}", {"kind": "comment", "comment": comment.pk, "by": by.name})
    return comment


def people_at(site: int) -> QuerySet[User]:
    """Who can be asked or mentioned at a site: everybody active with a role there or everywhere."""
    held = Membership.objects.filter(Q(site=site) | Q(site=None))
    return User.objects.filter(pk__in=held.values("user_id"), is_active=True)


def people_of(site: int) -> list[User]:
    """The same people, read at once."""
    return list(people_at(site))


def mentioned(text: str, people: Iterable[User]) -> list[User]:
    """The people a text mentions, as `@First Last` or by what stands before the @ of their mail address."""
    folded = text.casefold()
    everybody = list(people)
    named: set[int] = set()
    for match in _AT.finditer(folded):
        lengths = [_named(person, folded[match.end() :]) for person in everybody]
        longest = max(lengths, default=0)  # @Ann Lima is not @Ann
        named |= {place for place, length in enumerate(lengths) if length and length == longest}
    return [everybody[place] for place in sorted(named)]


def _named(person: User, rest: str) -> int:
    """How many letters of the text name this person; what follows must not go on: @tom is not @tom.berg."""
    names = (person.name.casefold(), person.email.casefold().partition("@")[0])
    return max(
        (len(name) for name in names if name and rest.startswith(name) and not _GOES_ON.match(rest, len(name))),
        default=0,
    )


def _ask_to_read(comment: Comment, record: Record, person: User, by: Actor) -> None:
    if person.pk == by.id:
        return
    inbox.ask(
        key=f"mention:{comment.pk}:{person.pk}",
        kind="mention",
        title=f"{by.name} mentioned you on {record.number}",
        detail=" ".join(comment.text.split())[:300],
        record=record,
        owner=person,
        url=f"{url_of(record)}#comment-{comment.pk}",
        by=by,
    )


def _answer(record: Record, by: Actor) -> None:
    """Somebody who comments has read what mentioned them here."""
    open_ = Task.objects.filter(record_id=record.pk, owner_id=by.id, kind="mention", done_at=None)
    for key in open_.values_list("key", flat=True):
        inbox.done(key, by)
