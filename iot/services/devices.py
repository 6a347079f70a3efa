"""Write devices and their credentials."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from iot.models import Device
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Site
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
    """A new secret for the device, returned this once; only its hash is kept and the one before stops working."""
    by.require("device.edit", device.site_id)
    secret = secrets.token_urlsafe(24)
    with acting(by):
        row = Device.objects.select_for_update().get(pk=device.pk)
        row.credential_hash, row.credential_set_at = make_password(secret), timezone.now()
        row.save(update_fields=["credential_hash", "credential_set_at"])
    return secret


def prove_credential(code: str, secret: str) -> Device | None:
    """The active device of this code, if the secret is its own."""
    row = Device.objects.filter(code=code, state=Device.State.ACTIVE).exclude(credential_hash="").first()
    return row if row is not None and check_password(secret, row.credential_hash) else None


def _prefix(text: str) -> str:
    return text.strip().strip("/").lower()


def _store(row: Device) -> Device:
    if row.topic_prefix.split("/")[0] != row.site.code.lower():
        raise Invalid({"topic_prefix": [f"The prefix begins with the site: {row.site.code.lower()}/area/line."]})
    try:
        row.full_clean()
    except ValidationError as problem:
        raise Invalid(problem.message_dict) from problem
    row.save()
    return row
