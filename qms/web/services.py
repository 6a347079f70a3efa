"""What people change about their lists, and the way in for somebody invited."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.utils.http import urlsafe_base64_decode

from qms.core import people
from qms.core.actor import Actor, actor_of
from qms.core.errors import Invalid
from qms.core.models import SavedView, User
from qms.core.storable import hidden_sign
from qms.core.trail import acting


def change_password(user: User, *, old: str, new: str, by: Actor) -> User:
    """Change one's own password, proven by the old one; returns the person as they are now. Raises Invalid."""
    if user.pk != by.id or not user.check_password(old):
        raise Invalid({"old": ["That is not your present password."]})
    return people.set_password(user, new, by=by)


def welcomed(uid: str, token: str) -> User | None:
    """The person a welcome link belongs to, while it is good."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
    except ValueError:
        return None
    return user if user is not None and default_token_generator.check_token(user, token) else None


def set_first_password(user: User, password: str) -> User:
    """Set the password of a person who came by a welcome link, in that person's name. Raises Invalid."""
    return people.set_password(user, password, by=actor_of(user))


def save_view(*, page: str, name: str, query: str, by: Actor, shared: bool = False, pinned: bool = False) -> SavedView:
    """Keep a list's filter, sort and columns under a name; the same name again replaces it."""
    if by.id is None or not name.strip():
        raise Invalid({"name": ["Give the view a name."]})
    if said := hidden_sign(name.strip()):
        raise Invalid({"name": [said]})
    with acting(by):
        fields = {"query": query[:2000], "shared": shared, "pinned": pinned}
        return SavedView.objects.update_or_create(user_id=by.id, page=page, name=name.strip()[:60], defaults=fields)[0]


def remove_view(view: int, *, by: Actor) -> None:
    """Remove one's own saved view."""
    with acting(by):
        SavedView.objects.filter(pk=view, user_id=by.id or 0).delete()
