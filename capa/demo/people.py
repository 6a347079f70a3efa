"""The people of the demo plant: names, roles, generated passwords and a token for every role."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from qms.core.actor import Actor, actor_of
from qms.core.models import Site, User
from qms.core.people import create_person
from qms.core.trail import acting

WORDS = (
    "amber", "anvil", "apple", "arrow", "birch", "bison", "bridge", "cedar", "chalk", "cliff", "cloud", "clover",
    "cobalt", "comet", "coral", "crane", "delta", "ember", "falcon", "fern", "flint", "forest", "garnet", "glacier",
    "grove", "harbor", "hazel", "heron", "indigo", "iris", "ivory", "jasper", "juniper", "kestrel", "lagoon",
    "lantern", "larch", "laurel", "linen", "lotus", "maple", "marble", "meadow", "mosaic", "nickel", "north", "oak",
    "ocean", "olive", "onyx", "opal", "orbit", "otter", "pebble", "pine", "plover", "quartz", "raven", "reef",
    "ridge", "river", "saddle", "sage", "silver", "slate", "spruce", "summit", "thistle", "timber", "tundra",
    "velvet", "violet", "walnut", "willow", "winter", "zephyr",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One of the plant: key in the stories, name, roles, function on a team."""

    key: str
    name: str
    roles: tuple[str, ...]
    function: str

    @property
    def email(self) -> str:
        """The name they sign in with."""
        return f"{self.name.lower().replace(' ', '.')}@norrvik.example"


PEOPLE: tuple[Person, ...] = (
    Person("owner", "Astrid Holm", ("owner",), "management"),
    Person("admin", "Nils Bergman", ("admin",), "systems"),
    Person("manager", "Ingrid Solberg", ("manager",), "quality"),
    Person("engineer", "Mikael Lund", ("engineer",), "quality"),
    Person("engineer2", "Priya Raman", ("engineer",), "quality"),
    Person("approver", "Tomas Dahl", ("approver",), "engineering"),
    Person("production", "Anna Kowalska", ("approver",), "production"),
    Person("operator", "Jonas Ek", ("operator",), "production"),
    Person("auditor", "Henrik Aalto", ("auditor",), "audit"),
    Person("executive", "Karin Sand", ("executive",), "management"),
    Person("integration", "Plant MES", ("integration",), "systems"),
)


@dataclass(frozen=True)
class Crew:
    """The people as rows, with their actors and the passwords nobody else knows."""

    users: dict[str, User]
    actors: dict[str, Actor]
    passwords: dict[str, str]


def password() -> str:
    """Three words and four digits, easy to type and not to guess."""
    return "-".join([*(secrets.choice(WORDS) for _ in range(3)), f"{secrets.randbelow(10_000):04d}"])


def hire(site: Site, *, by: Actor) -> Crew:
    """Make everybody with their roles; the owner's and the administrator's reach every site.

    Their addresses are invented, so nothing is mailed to them.
    """
    crew = Crew({}, {}, {})
    with acting(by):
        for person in PEOPLE:
            crew.passwords[person.key] = password()
            everywhere = person.key in ("owner", "admin")
            user = create_person(
                email=person.email, name=person.name, by=by, password=crew.passwords[person.key],
                roles=[(None if everywhere else site, role) for role in person.roles], timezone=site.timezone,
                mail_notices=False,
            )  # fmt: skip
            crew.users[person.key] = user
            crew.actors[person.key] = actor_of(user)
    return crew
