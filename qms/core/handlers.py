"""What the kernel does on its own events."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext, override

from qms.core.actor import Actor
from qms.core.events import handles
from qms.core.models import Notice
from qms.core.notify import NoticeGiven
from qms.core.trail import acting


@handles(NoticeGiven, leaves=True)
def mail_notice(event: NoticeGiven, by: Actor) -> None:
    """Send a notice by mail, unless it was read or mailed already, or the person wants none."""
    notice = Notice.objects.select_related("user").filter(pk=event.notice).first()
    if notice is None or notice.read_at or notice.mailed_at or not wants_mail(notice):
        return
    _mail(notice).send()
    with acting(by, source="mail"):
        Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())


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
