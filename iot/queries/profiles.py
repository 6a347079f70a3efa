"""Device profiles, and what the door would make of a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from iot.copying import moment
from iot.ingest.catalogue import load
from iot.ingest.intake import Intake, Message
from iot.models import DeviceProfile, Quarantine, ReadingFlag
from iot.sparkplug.wire import PREFIX
from qms.core.actor import ALL, Actor

_WORDS = {ReadingFlag.CONVERTED: "converted", ReadingFlag.POOR: "doubtful", ReadingFlag.HISTORICAL: "historical"}
_MOST = 100


@dataclass(frozen=True)
class Tried:
    """One reading of a message that is tried: where it would be stored, or why it is refused."""

    place: str
    value: float | None = None
    unit: str = ""
    t: datetime | None = None
    flags: str = ""
    reason: str = ""
    detail: str = ""


@dataclass
class Trial:
    """What the door would make of a message; nothing is stored."""

    read_by: str
    rows: list[Tried] = field(default_factory=list)
    more: int = 0


def profiles_visible_to(actor: Actor) -> QuerySet[DeviceProfile]:
    """Profiles of the actor's sites."""
    rows = DeviceProfile.objects.select_related("site")
    sites = actor.sites("profile.view")
    return rows if sites is ALL else rows.filter(site_id__in=sites)


def waiting_for(profile: DeviceProfile, *, actor: Actor) -> int:
    """How many kept payloads of the newest thousand are on the topics of a profile."""
    sites = actor.sites("quarantine.view")
    kept = Quarantine.objects.filter(state=Quarantine.State.KEPT).order_by("-id")
    kept = kept if sites is ALL else kept.exclude(site__isnull=False).union(kept.filter(site_id__in=sites))
    expression = profile.compiled().expression
    return sum(bool(expression.fullmatch(topic)) for topic in kept.values_list("topic", flat=True)[:1000])


def try_out(topic: str, payload: bytes, *, actor: Actor) -> Trial:
    """Take a message as the ingest worker would, by the profiles and parameters of now, and store nothing.

    Readings of sites the actor may not see are left out.
    """
    if topic.startswith(PREFIX):
        return Trial("Sparkplug B: what it says depends on the births of its node.")
    now = timezone.now()
    catalogue, intake = load(), Intake(now)
    profile = catalogue.profile(topic) if catalogue.profiles else None
    intake.take(Message(topic, payload, now), catalogue)
    named = {one.id: (path, one) for path, one in catalogue.parameters.items()}
    sites = actor.sites("profile.view")
    seen = profile is None or sites is ALL or profile.site in sites
    trial = Trial(f"profile {profile.name}" if profile and seen else "wire format v1")
    found = intake.readings()
    columns = (found.parameter, found.value, found.t, found.flags)
    for parameter, value, t, flags in zip(*(column.tolist() for column in columns), strict=True):
        path, known = named[parameter]
        if sites is ALL or known.site in sites:
            words = ", ".join(word for flag, word in _WORDS.items() if flags & flag)
            trial.rows.append(Tried(path, value, known.unit, moment(t), words))
    for one in intake.rejects:
        if one.site is None or sites is ALL or one.site in sites:
            trial.rows.append(Tried(one.message.topic, reason=one.reason, detail=one.detail))
    trial.more = max(0, len(trial.rows) - _MOST)
    trial.rows = trial.rows[:_MOST]
    return trial
