"""Who acts: a person, a token, a device or the system, with the rights loaded once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Protocol

from qms.core.errors import Denied
from qms.core.policy import Rule, rules_for

if TYPE_CHECKING:
    from qms.core.models import User

ALL: Final = frozenset({-1})  # every site: a value of its own, so that it can never be a site's id


class Owned(Protocol):
    """Something of a site that belongs to a person: a record to its owner, a job to whoever asked for it."""

    @property
    def site_id(self) -> int | None:
        """The site, if it has one."""

    @property
    def owner_id(self) -> int | None:
        """The person, if there is one."""


@dataclass(frozen=True)
class Actor:
    """Roles by site id (None: every site); `scopes` narrows a token to some actions."""

    id: int | None
    name: str
    email: str = ""
    timezone: str = "UTC"
    roles: Mapping[int | None, frozenset[str]] = field(default_factory=dict)
    kind: str = "person"
    scopes: tuple[str, ...] | None = None

    def can(self, action: str, where: int | Owned | None = None) -> bool:
        """Whether the policy gives this action at a site, on a record or job, or (None) anywhere at all."""
        if self.scopes is not None and not any(fnmatchcase(action, scope) for scope in self.scopes):
            return False
        site = where if where is None or isinstance(where, int) else where.site_id
        owned = where is None or (not isinstance(where, int) and self.id is not None and where.owner_id == self.id)
        return any(self._holds(rule, site, owned) for rule in rules_for(action))

    def _holds(self, rule: Rule, site: int | None, owned: bool) -> bool:
        held = self.roles.get(None, frozenset()) | (
            frozenset().union(*self.roles.values()) if site is None else self.roles.get(site, frozenset())
        )
        return bool(held & rule.roles) and (rule.scope != "own" or owned)

    def require(self, action: str, where: int | Owned | None = None) -> None:
        """Raise Denied with a sentence unless `can`."""
        if not self.can(action, where):
            names = sorted({role for rule in rules_for(action) for role in rule.roles} - {"system"})
            raise Denied(
                f"{self.name or 'You'} may not do this ({action}). It needs one of the roles: {', '.join(names)}. "
                "An administrator of the site can grant it under Settings, People."
            )

    def sites(self, action: str | None = None) -> frozenset[int]:
        """Ids of the sites where the action is allowed (None: where any role is held); ALL when everywhere."""
        if None in self.roles and (action is None or self._anywhere(action)):
            return ALL
        here = (site for site in self.roles if site is not None)
        return frozenset(site for site in here if action is None or self.can(action, site))

    def _anywhere(self, action: str) -> bool:
        everywhere = any(self.roles[None] & rule.roles for rule in rules_for(action) if rule.scope == "site")
        return everywhere and self.can(action)

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


ANONYMOUS = Actor(id=None, name="")


def system(why: str) -> Actor:
    """The product itself acting everywhere, under a name that says why (`system:relay`)."""
    return Actor(id=None, name=f"system:{why}", roles={None: frozenset({"system"})}, kind="system")


def actor_of(user: User, *, kind: str = "person", scopes: Iterable[str] | None = None) -> Actor:
    """The actor of a signed-in person; one query for the memberships."""
    roles: dict[int | None, set[str]] = {}
    for site, role in user.memberships.values_list("site_id", "role"):
        roles.setdefault(site, set()).add(role)
    return Actor(
        id=user.pk,
        name=user.name,
        email=user.email,
        timezone=user.timezone,
        roles={site: frozenset(held) for site, held in roles.items()},
        kind=kind,
        scopes=None if scopes is None else tuple(scopes),
    )
