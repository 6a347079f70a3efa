"""What the kernel does on its own events."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext, override

from qms.core.actor import Actor
from qms.core.events import CommentAdded, StepTaken, handles
from qms.core.models import Comment, Notice, Record
from qms.core.notify import NoticeGiven, tell_all
from qms.core.records import model_of, url_of
from qms.core.trail import acting
from qms.core.watchers import watchers


@handles(NoticeGiven, leaves=True)
def mail_notice(event: NoticeGiven, by: Actor) -> None:
    """Send a notice by mail, unless it was read or mailed already, or the person wants none."""
    notice = Notice.objects.select_related("user").filter(pk=event.notice).first()
    if notice is None or notice.read_at or notice.mailed_at or not wants_mail(notice):
        return
    _mail(notice).send()
    with acting(by, source="mail"):
        Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())


@handles(StepTaken)
def tell_of_the_state(event: StepTaken, by: Actor) -> None:  # noqa: ARG001 - the signature of a handler
    """Whoever watches a record is told of each new state.

    Not who took the step; nor, before the end, the owner, who is asked for what the new state needs.
    """
    if event.source == event.target:
        return
    record = Record._base_manager.get(pk=event.record)
    state = model_of(event.kind).flow.state(event.target)
    asked = None if event.closed else record.owner_id
    people = watchers(record).exclude(pk__in=[pk for pk in (event.person, asked) if pk is not None])
    words = f"{event.number} is now in “{state.label}”: {record.title}"
    tell_all(people, "watch", words, url_of(record), record, key=f"state:{record.pk}:{event.version}")


@handles(CommentAdded)
def tell_of_the_comment(event: CommentAdded, by: Actor) -> None:  # noqa: ARG001 - the signature of a handler
    """Whoever watches a record is told of each comment, but for its author and who is mentioned: they were asked."""
    comment = Comment.objects.select_related("author").get(pk=event.comment)
    record = Record._base_manager.get(pk=event.record)
    people = watchers(record).exclude(pk=comment.author_id).exclude(pk__in=comment.mentions.values("pk"))
    words = f"{comment.author.name} commented on {event.number}: {' '.join(comment.text.split())}"
    url = f"{url_of(record)}#comment-{comment.pk}"
    tell_all(people, "watch", words, url, record, key=f"comment:{comment.pk}")


def wants_mail(notice: Notice) -> bool:
    """Whether the person of a notice can and wants to get mail."""
    return notice.user.is_active and notice.user.mail_notices


def _mail(notice: Notice) -> EmailMessage:
    """The message; its id is the notice's, so that a repeat after a crash is the same message to a mail server."""
    address = f"{settings.PUBLIC_URL.rstrip('/')}{notice.url}" if notice.url else settings.PUBLIC_URL
    with override(notice.user.language):
        end = gettext("You can switch these messages off in your profile.")
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return EmailMessage(
        subject=" ".join(notice.title.split()),
        body=f"{notice.title}\n\n{address}\n\n{end}\n",
        to=[notice.user.email],
        headers={"Message-ID": f"<notice-{notice.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )
