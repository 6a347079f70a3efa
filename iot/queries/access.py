"""What the broker must know of the devices."""

from __future__ import annotations

from iot.access import COMMANDS, Grant, filters
from iot.models import Device
from iot.queries.lists import devices_visible_to
from qms.core.actor import Actor
from qms.core.models import Site


def broker_grants(actor: Actor) -> list[Grant]:
    """A grant for every active device with a credential, by user name.

    Readings are those of the device with the longest prefix; so where another device stands below one, blocked ones
    too, the upper one may not publish.
    """
    sites = site_codes()
    devices = list(devices_visible_to(actor).exclude(state=Device.State.RETIRED))
    prefixes = sorted({row.topic_prefix for row in devices})
    signing = [row for row in devices if row.state == Device.State.ACTIVE and row.has_credential]
    return sorted((_grant(row, prefixes, sites) for row in signing), key=lambda grant: grant.user)


def topics_of(device: Device) -> tuple[str, ...]:
    """The topic filters a device may publish to."""
    return filters(device.topic_prefix, site_codes())


def site_codes() -> frozenset[str]:
    """The codes of all sites, in small letters."""
    return frozenset(code.lower() for code in Site.objects.values_list("code", flat=True))


def _grant(row: Device, prefixes: list[str], sites: frozenset[str]) -> Grant:
    below = [prefix for prefix in prefixes if prefix.startswith(f"{row.topic_prefix}/")]
    return Grant(
        row.user_name,
        row.credential_hash,
        row.credential_bcrypt,
        filters(row.topic_prefix, sites),
        (f"{COMMANDS}#", *(one for prefix in below for one in _everywhere(prefix))),
    )


def _everywhere(prefix: str) -> tuple[str, ...]:
    """Every form of a prefix, whatever the sites are called."""
    return filters(prefix, frozenset())
