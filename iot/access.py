"""Who may sign in to the broker and what they may say there, in the words of Mosquitto and of NATS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

COMMANDS = "cmd/"


@dataclass(frozen=True)
class Grant:
    """One device at the broker: its user, what is kept of its secret, the topics it may publish to and may not.

    `allowed` and `denied` are MQTT topic filters; `denied` are the commands to
    devices and the prefixes of those that stand below this one.
    """

    user: str
    pbkdf2: str
    bcrypt: str
    allowed: tuple[str, ...]
    denied: tuple[str, ...] = ()

    @property
    def commands(self) -> str:
        """The topic filter it may subscribe to."""
        return f"{COMMANDS}{self.user}/#"


def filters(prefix: str, sites: frozenset[str]) -> tuple[str, ...]:
    """Topic filters of a prefix, with and without an enterprise before it, in small letters and in capitals.

    `sites` are the codes of all sites in small letters. Without the enterprise a topic is read as one of another site
    when its second level is a site's code: then only the form with an enterprise is given.
    """
    levels = prefix.split("/")
    plain = len(levels) > 1 and levels[1] not in sites
    spelt = dict.fromkeys((prefix, prefix.upper()))
    return tuple(f"{start}{text}/#" for start in (("+/", "") if plain else ("+/",)) for text in spelt)


def is_spelt(levels: list[str]) -> bool:
    """Whether the levels of a prefix are written as `filters` lets a device write them."""
    text = "/".join(levels)
    return text in (text.lower(), text.upper())


def mosquitto_passwords(grants: list[Grant]) -> str:
    """Lines of Mosquitto's password file."""
    return "".join(f"{grant.user}:{grant.pbkdf2}\n" for grant in grants)


def mosquitto_acl(grants: list[Grant]) -> str:
    """Blocks of Mosquitto's access file."""
    return "\n".join("\n".join(_block(grant)) + "\n" for grant in grants)


def nats_users(grants: list[Grant]) -> str:
    """The users of a NATS configuration, as JSON: {"users": [...]}."""
    return json.dumps({"users": [_nats_user(grant) for grant in grants]}, indent=1) + "\n"


def _block(grant: Grant) -> Iterator[str]:
    yield f"user {grant.user}"
    yield from (f"topic write {one}" for one in grant.allowed)
    yield from (f"topic deny {one}" for one in grant.denied)
    yield f"topic read {grant.commands}"


def _nats_user(grant: Grant) -> dict[str, Any]:
    publish = {"allow": _subjects(grant.allowed), "deny": _subjects(grant.denied)}
    return {
        "user": grant.user,
        "password": grant.bcrypt,
        "allowed_connection_types": ["MQTT"],
        "permissions": {"publish": publish, "subscribe": {"allow": _subjects((grant.commands,))}},
    }


def _subjects(topics: tuple[str, ...]) -> list[str]:
    """NATS subjects of topic filters that end in /#, which takes in the level before it too."""
    found = []
    for topic in topics:
        # NATS writes a dot inside an MQTT level as two slashes
        levels = [level.replace(".", "//") for level in topic.removesuffix("/#").split("/")]
        subject = ".".join("*" if level == "+" else level for level in levels)
        found += [subject, f"{subject}.>"]
    return found
