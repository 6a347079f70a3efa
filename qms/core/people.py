"""People and their roles: the services of administration and of the first run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from qms.core.actor import ALL, Actor, system
from qms.core.errors import Denied, Invalid, Refused
from qms.core.live import ask_again
from qms.core.models import Membership, Site, User
from qms.core.policy import ROLES
from qms.core.records import save_clean
from qms.core.sites import create_site
from qms.core.trail import acting

Role = tuple["Site | int | None", str]  # the site (None: every site) and the role held there
_ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(hashtext('people'))"


def visible_people(actor: Actor) -> QuerySet[User]:
    """Everybody with a role where the actor has one, or at every site; with those of their roles the actor may see."""
    seen = visible_roles(actor)
    held = Prefetch("memberships", seen.select_related("site").order_by("site__code", "role"))
    everybody = actor.sites("person.view") is ALL
    rows = User.objects.all() if everybody else User.objects.filter(pk__in=seen.order_by().values("user_id"))
    return rows.prefetch_related(held)


def visible_roles(actor: Actor) -> QuerySet[Membership]:
    """The roles held where the actor has one, and at every site; who works elsewhere as what is nobody's business."""
    sites = actor.sites("person.view")
    return Membership.objects.all() if sites is ALL else Membership.objects.filter(Q(site__in=sites) | Q(site=None))


def create_person(
    *, email: str, name: str, by: Actor, password: str | None = None, roles: Sequence[Role] = (), **fields: Any
) -> User:
    """Make a person with roles; without a password nobody can sign in as them until one is set."""
    _may_give(roles, by)
    user = User(email=email.strip().lower(), name=" ".join(filter(None, name.split(" "))), **fields)
    _set_password(user, password)
    with acting(by):
        save_clean(user)
        _replace_roles(user, roles)
    return user


def change_person(user: User, *, by: Actor, **fields: Any) -> User:
    """Change a profile (one's own, or as an administrator) or switch a person off; nobody is ever deleted."""
    may_manage(user, by)
    if set(fields) & {"email", "name", "is_active"}:
        by.require("person.edit")
    with acting(by):
        if fields.get("is_active") is False:
            _one_at_a_time()
        fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        for field, value in fields.items():
            setattr(fresh, field, value)
        save_clean(fresh)
        if not fresh.is_active:
            if fresh.memberships.filter(role="owner").exists():
                _somebody_stays()
            fresh.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
            ask_again(fresh.pk)
    return fresh


def set_roles(user: User, roles: Sequence[Role], *, by: Actor) -> None:
    """Give a person exactly these roles; only who may administer a site gives or takes roles there."""
    after = [_plain(role) for role in roles]
    with acting(by):
        _one_at_a_time()
        before = [(row.site_id, row.role) for row in _held(user)]
        _may_give([*(set(before) ^ set(after))], by)
        _replace_roles(user, roles)
        if "owner" in {role for _, role in before}:
            _somebody_stays()
        ask_again(user.pk)


def grant_role(user: User, role: Role, *, by: Actor) -> None:
    """Give a person one more role; one that is held already stays. Raises Denied or Invalid."""
    _may_give([role], by)
    site, name = _plain(role)
    with acting(by):
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if (site, name) not in [(row.site_id, row.role) for row in _held(user)]:
            Membership.objects.create(user=user, site_id=site, role=name)


def revoke_role(user: User, role: Role, *, by: Actor) -> None:
    """Take one role from a person. Raises Denied, Invalid, or Refused when it is not held or nobody would own."""
    _may_give([role], by)
    with acting(by):
        _one_at_a_time()
        held = {(row.site_id, row.role): row for row in _held(user)}
        row = held.get(_plain(role))
        if row is None:
            raise Refused(f"{user.name} is not {ROLES[role[1]]} there.")
        row.delete()
        if row.role == "owner":
            _somebody_stays()
        ask_again(user.pk)


def welcome_link(user: User, *, by: Actor) -> str:
    """The path, good once and for three days, where a person sets a password.

    Whoever has it becomes that person, so it is made only by who could give them all their roles, and never by a key.
    Raises Denied, or Refused for somebody who is kept out.
    """
    by.require("person.edit")
    may_manage(user, by)
    if by.kind != "person":
        raise Denied("An API key cannot make a password link. Sign in on the page and make it there.")
    if not user.is_active:
        raise Refused(f"{user.name} is kept out. Let them in again first.")
    uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    return reverse("web:welcome", args=(uid, token))


def set_password(user: User, password: str, *, by: Actor) -> User:
    """Set a password: one's own, or a new one for somebody as an administrator. Returns the person as they are now."""
    may_manage(user, by)
    with acting(by, reason="password set"):
        fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _set_password(fresh, password)
        fresh.save(update_fields=["password"])
        ask_again(fresh.pk)
    return fresh


def first_owner(*, email: str, name: str, password: str, **fields: Any) -> User:
    """Make the owner of an empty platform, once. Raises Refused when somebody is there already, or Invalid."""
    by = system("first run")
    with acting(by, reason="first run"):
        _one_at_a_time()
        if User.objects.exists():
            raise Refused("This platform has an owner already. Sign in, or ask the owner for an account.")
        return create_person(email=email, name=name, password=password, roles=[(None, "owner")], by=by, **fields)


def first_site(owner: User, *, by: Actor, **fields: Any) -> Site:
    """Make a site; with the very first one its owner's clock and language become those of the plant. Raises Invalid."""
    with acting(by, reason="first run"):
        first = not Site.objects.exists()
        site = create_site(by=by, **fields)
        if first:
            change_person(owner, by=by, timezone=site.timezone, language=site.language)
    return site


def may_manage(user: User, by: Actor) -> None:
    """Raise Denied unless this is oneself, or somebody all of whose roles one may give."""
    if user.pk != by.id:
        # asked by itself: a person read for a page carries only the roles that its reader may see
        _may_give(list(Membership.objects.filter(user=user).values_list("site_id", "role")), by)


def _plain(role: Role) -> tuple[int | None, str]:
    site, name = role
    return (site.pk if isinstance(site, Site) else site), name


def _may_give(roles: Sequence[Role], by: Actor) -> None:
    """Roles at a site are given by its administrators; those everywhere, and the owner's, by whoever holds as much."""
    by.require("person.edit")
    for site, role in map(_plain, roles):
        if role not in ROLES:
            raise Invalid({"roles": [f"{role} is not a role. Roles are {', '.join(ROLES)}."]})
        everywhere = by.roles.get(None, frozenset())
        held = everywhere if site is None else everywhere | by.roles.get(site, frozenset())
        needed = {"owner", "system"} if role == "owner" else {"owner", "admin", "system"}
        if not held & needed:
            here = site is None or site in by.roles
            who = f"who is or becomes {ROLES[role]}" if here else "who has a role at another site too"
            needs = "owner" if role == "owner" and here else "administrator there"
            raise Denied(f"Only an {needs} can do this to a person {who}. Ask one to do it.")


def _held(user: User) -> QuerySet[Membership]:
    """What a person holds now, locked."""
    return Membership.objects.select_for_update().filter(user=user)


def _replace_roles(user: User, roles: Sequence[Role]) -> None:
    wanted = {_plain(role) for role in roles}
    for row in Membership.objects.filter(user=user):
        if (row.site_id, row.role) in wanted:
            wanted.remove((row.site_id, row.role))
        else:
            row.delete()
    Membership.objects.bulk_create(
        Membership(user=user, site_id=site, role=role) for site, role in sorted(wanted, key=str)
    )


def _one_at_a_time() -> None:
    """Two owners who take each other's role at once must not both succeed."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)


def _somebody_stays() -> None:
    if not User.objects.filter(is_active=True, memberships__role="owner").exists():
        raise Refused("The platform would have no owner. Make somebody else an owner first.")


def _set_password(user: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as problem:
            raise Invalid({"password": problem.messages}) from problem
    user.set_password(password)
