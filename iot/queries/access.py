"""What the broker must know of the devices."""

from __future__ import annotations

import shlex

from django.conf import settings

from governance.models import Parameter
from iot.access import COMMANDS, Grant, filters
from iot.models import Device
from iot.mqtt import Broker
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


def first_message(device: Device, secret: str) -> str:
    """A line for a shell that signs in as the device and publishes one reading.

    Its parameter is made up where the prefix leaves room, so that the reading waits under Unmapped topics and is on
    no chart.
    """
    try:
        broker = Broker.from_url(settings.MQTT_PUBLIC_URL)
    except ValueError:
        broker = Broker("BROKER", 1883, None, None, secure=False)
    words = ["-h", broker.host, "-p", str(broker.port), *(["--capath", "/etc/ssl/certs"] if broker.secure else [])]
    words += ["-u", device.user_name, "-P", secret, "-i", device.user_name, "-q", "1", "-t", _example_topic(device)]
    reading = """'{"v":1.0,"t":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'","u":"mm"}'"""
    return f"mosquitto_pub {shlex.join(words)} -m {reading}"


def _example_topic(device: Device) -> str:
    own = device.topic_prefix.split("/")
    known = Parameter.objects.filter(path__startswith=f"{device.topic_prefix}/").values_list("path", flat=True).first()
    station = known.split("/")[:4] if known else own + ["site", "area", "line", "station"][len(own) :]
    levels = own if len(own) > 4 else [*station, "connection_test"]
    enterprise = [] if any(not one.startswith("+/") for one in topics_of(device)) else ["enterprise"]
    return "/".join([*enterprise, *levels])


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
