"""Write devices and their credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from iot.credentials import new_secret, verifiers
from iot.events import DeviceAccessChanged
from iot.models import Device
from qms.core.actor import Actor
from qms.core.errors import Invalid, Refused
from qms.core.events import publish
from qms.core.models import Site
from qms.core.records import check_row
from qms.core.trail import acting


def add_device(*, site: Site, code: str, name: str, topic_prefix: str, by: Actor) -> Device:
    """Add a device that publishes below a prefix such as nv1/assembly/l2. Raises Invalid by field."""
    by.require("device.edit", site.pk)
    row = Device(site=site, code=code.strip(), name=name.strip(), topic_prefix=_prefix(topic_prefix))
    with acting(by):
        return _store(row)


def edit_device(device: Device, *, by: Actor, reason: str = "", **fields: Any) -> Device:
    """Change code, name, prefix or state; a blocked device's messages go to quarantine."""
    by.require("device.edit", device.site_id)
    if unknown := set(fields) - {"code", "name", "topic_prefix", "state"}:
        raise Invalid({name: ["This field cannot be changed."] for name in sorted(unknown)})
    with acting(by, reason=reason):
        row = Device.objects.select_for_update().get(pk=device.pk)
        for name, value in fields.items():
            setattr(row, name, _prefix(value) if name == "topic_prefix" else value)
        return _store(row)


def issue_credential(device: Device, *, by: Actor) -> str:
    """A new secret for the device, returned this once; only hashes are kept and the one before stops working.

    The broker knows it a moment later. Raises Refused for a device that may not publish.
    """
    by.require("device.edit", device.site_id)
    secret = new_secret()
    with acting(by):
        row = Device.objects.select_for_update().get(pk=device.pk)
        if row.state != Device.State.ACTIVE:
            raise Refused(f"{row.code} is {row.get_state_display().lower()}: make it active before giving it a secret.")
        check_row(row)
        _keep_credential(row, *verifiers(secret), at=timezone.now())
    return secret


def revoke_credential(device: Device, *, by: Actor, reason: str = "") -> None:
    """The device's secret stops working and its connection is cut; nothing is changed when it has none."""
    by.require("device.edit", device.site_id)
    with acting(by, reason=reason):
        row = Device.objects.select_for_update().get(pk=device.pk)
        if row.credential_set_at is not None:
            _keep_credential(row, "", "", at=None)


def _keep_credential(row: Device, pbkdf2: str, bcrypt: str, *, at: datetime | None) -> None:
    row.credential_hash, row.credential_bcrypt, row.credential_set_at = pbkdf2, bcrypt, at
    row.save(update_fields=["credential_hash", "credential_bcrypt", "credential_set_at"])
    _tell(row)


def _tell(row: Device) -> None:
    """One key for all devices: the files of the broker are written in order."""
    publish(DeviceAccessChanged(device=row.pk, site=row.site_id), key="broker-access")


def _prefix(text: str) -> str:
    return text.strip().strip("/").lower()


def _store(row: Device) -> Device:
    if row.topic_prefix.split("/")[0] != row.site.code.lower():
        raise Invalid({"topic_prefix": [f"The prefix begins with the site: {row.site.code.lower()}/area/line."]})
    check_row(row)
    row.save()
    _tell(row)
    return row
