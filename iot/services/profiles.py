"""Write device profiles, and take again what had to wait for one."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from governance.services.saving import assign, store
from iot.models import DeviceProfile, Quarantine
from iot.profiles import BadPath, steps, topic_pattern
from iot.services.quarantine import replay
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Site
from qms.core.trail import acting

_PATHS = ("value", "items", "time", "unit_path", "quality")
_FIELDS = frozenset({"name", "topic", "target", "time_in", "unit", "scale", "offset", "active", *_PATHS})
_MOST = 5_000


def add_profile(*, site: Site, by: Actor, **fields: Any) -> DeviceProfile:
    """Add a profile. Raises Invalid by field."""
    by.require("profile.edit", site.pk)
    row = DeviceProfile(site=site)
    with acting(by):
        return _store(row, fields)


def edit_profile(profile: DeviceProfile, *, by: Actor, reason: str = "", **fields: Any) -> DeviceProfile:
    """Change a profile; readings taken so far stay as they are. Raises Invalid by field."""
    by.require("profile.edit", profile.site_id)
    with acting(by, reason=reason):
        row = DeviceProfile.objects.select_for_update(of=("self",)).select_related("site").get(pk=profile.pk)
        return _store(row, fields)


def replay_for(profile: DeviceProfile, *, by: Actor) -> Counter[str]:
    """Take kept payloads on the topics of a profile again; outcome -> number. At most 5,000 at once, oldest first."""
    by.require("quarantine.replay", profile.site_id)
    expression = profile.compiled().expression
    kept = Quarantine.objects.filter(state=Quarantine.State.KEPT).order_by("id")
    found = [pk for pk, topic in kept.values_list("pk", "topic") if expression.fullmatch(topic)][:_MOST]
    return replay(Quarantine.objects.filter(pk__in=found), by=by)


def _store(row: DeviceProfile, fields: dict[str, Any]) -> DeviceProfile:
    stripped = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    assign(row, stripped, allowed=_FIELDS)
    if refused := _refusals(row):
        raise Invalid(refused)
    return store(row)


def _refusals(row: DeviceProfile) -> dict[str, list[str]]:
    refused: dict[str, list[str]] = {}
    for name in _PATHS:
        try:
            steps(getattr(row, name) or "$")
        except BadPath as problem:
            refused[name] = [str(problem)]
    try:
        topic_pattern(row.topic)
    except BadPath as problem:
        refused["topic"] = [str(problem)]
    if row.topic.startswith(("spBv1.0/", "#")):
        refused["topic"] = ["A profile must not take Sparkplug's topics, nor all there are: name the first level."]
    if row.target.lower().split("/")[0] != row.site.code.lower() or row.target.count("/") < 4:
        refused["target"] = [f"The target reads {row.site.code.lower()}/area/line/station/parameter."]
    for name in ("scale", "offset"):
        if not math.isfinite(getattr(row, name)) or (name == "scale" and row.scale == 0):
            refused[name] = ["A finite number; the scale is not 0."]
    return refused
