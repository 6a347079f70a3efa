"""What people change about themselves, their sites and their lists."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from qms.core.actor import Actor, system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Membership, SavedView, Site, User
from qms.core.policy import ROLES
from qms.core.trail import acting


def found_house(*, name: str, email: str, password: str) -> User:
    """Make the owner account of a fresh installation. Raises Refused when somebody exists already, or Invalid."""
    with acting(system("first-run"), reason="first start"):
        if User.objects.select_for_update().exists():
            raise Refused("An account exists already. Sign in with it.")
        _check_password(password, User(email=email, name=name))
        user = _make_user(name=name, email=email, password=password)
        Membership.objects.create(user=user, site=None, role="owner")
    return user


def found_site(*, code: str, name: str, timezone: str, language: str, by: Actor) -> Site:
    """Make a site. The person's own zone and language follow their first site. Raises Denied or Invalid."""
    by.require("site.edit")
    site = Site(code=code.strip().upper(), name=name.strip(), timezone=timezone, language=language)
    _check(site)
    with acting(by):
        first = not Site.objects.exists()
        if not first:
            site.number_pattern = "{kind}-{site}-{year}-{n:04d}"
        site.save()
        if first and by.id is not None:
            User.objects.filter(pk=by.id).update(timezone=timezone, language=language)
    return site


def change_site(site: Site, *, by: Actor, **fields: object) -> Site:
    """Change name, zone, language or calendar of a site. Raises Denied or Invalid."""
    by.require("site.edit", site.pk)
    for name, value in fields.items():
        setattr(site, name, value)
    _check(site)
    with acting(by):
        site.save(update_fields=list(fields))
    return site


def add_person(*, name: str, email: str, by: Actor) -> User:
    """Make an account without a password: the person sets one by the link of `welcome_link`."""
    by.require("person.edit")
    with acting(by):
        return _make_user(name=name, email=email, password=None)


def grant(user: User, role: str, *, site: Site | None, by: Actor) -> Membership:
    """Give a role at a site, or everywhere. Only an owner may make an owner. Raises Denied or Invalid."""
    _may_grant(role, site, by)
    with acting(by):
        return Membership.objects.get_or_create(user=user, role=role, site=site)[0]


def withdraw(membership: Membership, *, by: Actor) -> None:
    """Take a role away; the last owner stays."""
    _may_grant(membership.role, membership.site, by)
    with acting(by):
        owners = list(Membership.objects.select_for_update().filter(role="owner", site=None))
        if membership in owners and len(owners) == 1:
            raise Refused("This is the last owner. Make somebody else owner first.")
        membership.delete()


def set_active(user: User, active: bool, *, by: Actor) -> User:
    """Let a person in or keep them out; accounts are never removed, their names stay in the trail."""
    by.require("person.edit")
    if user.pk == by.id:
        raise Refused("You cannot lock yourself out. Ask another administrator.")
    with acting(by):
        user.is_active = active
        user.save(update_fields=["is_active"])
    return user


def change_profile(user: User, *, by: Actor, **fields: object) -> User:
    """Change one's own name, zone, language, theme, density, keys or mails."""
    if user.pk != by.id:
        raise Denied("Only the person can change their own profile.")
    for name, value in fields.items():
        setattr(user, name, value)
    _check(user, exclude=("password",))
    with acting(by):
        user.save(update_fields=list(fields))
    return user


def change_password(user: User, *, old: str, new: str, by: Actor) -> None:
    """Change one's own password, proven by the old one."""
    if user.pk != by.id or not user.check_password(old):
        raise Invalid({"old": ["That is not your present password."]})
    _set_password(user, new, by)


def welcome_link(user: User) -> str:
    """The path, good once and for three days, where a person sets a password."""
    return f"{urlsafe_base64_encode(force_bytes(user.pk))}/{default_token_generator.make_token(user)}"


def welcomed(uid: str, token: str) -> User | None:
    """The person a welcome link belongs to, while it is good."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
    except ValueError:
        return None
    return user if user is not None and default_token_generator.check_token(user, token) else None


def set_first_password(user: User, password: str) -> None:
    """Set the password of a person who came by a welcome link."""
    _set_password(user, password, system("welcome"))


def save_view(*, page: str, name: str, query: str, by: Actor, shared: bool = False, pinned: bool = False) -> SavedView:
    """Keep a list's filter, sort and columns under a name; the same name again replaces it."""
    if by.id is None or not name.strip():
        raise Invalid({"name": ["Give the view a name."]})
    with acting(by):
        fields = {"query": query[:2000], "shared": shared, "pinned": pinned}
        return SavedView.objects.update_or_create(user_id=by.id, page=page, name=name.strip()[:60], defaults=fields)[0]


def remove_view(view: int, *, by: Actor) -> None:
    """Remove one's own saved view."""
    with acting(by):
        SavedView.objects.filter(pk=view, user_id=by.id or 0).delete()


def _may_grant(role: str, site: Site | None, by: Actor) -> None:
    if role not in ROLES:
        raise Invalid({"role": [f"There is no role {role}. Roles: {', '.join(ROLES)}."]})
    by.require("person.edit", site.pk if site else None)
    everywhere = by.roles.get(None, frozenset())
    if role == "owner" and "owner" not in everywhere:
        raise Denied("Only an owner can make or unmake an owner.")
    if site is None and not everywhere & {"admin", "owner"}:
        raise Denied("Only an administrator of every site can grant a role everywhere.")


def _make_user(*, name: str, email: str, password: str | None) -> User:
    try:
        return User.objects.create_user(email.strip(), password, name=name.strip())
    except ValidationError as problem:
        raise Invalid(problem.message_dict) from problem
    except IntegrityError as problem:
        raise Invalid({"email": ["Somebody has this address already."]}) from problem


def _set_password(user: User, password: str, by: Actor) -> None:
    _check_password(password, user)
    with acting(by, reason="new password"):
        user.set_password(password)
        user.save(update_fields=["password"])


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise Invalid({"password": list(problem.messages)}) from problem


def _check(row: Site | User, exclude: tuple[str, ...] = ()) -> None:
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as problem:
        raise Invalid(problem.message_dict) from problem
