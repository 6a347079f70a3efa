"""Gages a person may see, and how far what they read can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, Count, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone

from governance.models import Characteristic, Gage, GageState, GageStatus, GageUse
from governance.queries.lists import within
from qms.core.actor import Actor
from qms.web.words import date_of


def gages_visible_to(actor: Actor) -> QuerySet[Gage]:
    """Gages of the actor's sites, each with where it stands today and how much it measures."""
    today = timezone.localdate()
    standing = Case(
        When(~Q(status=GageStatus.IN_USE), then="status"),
        When(Q(next_due=None) | Q(next_due__lt=today), then=Value(GageState.OVERDUE)),
        When(warn_from__lte=today, then=Value(GageState.DUE_SOON)),
        default=Value(GageState.IN_USE),
        output_field=CharField(),
    )
    uses = Prefetch("uses", GageUse.objects.select_related("characteristic").order_by("characteristic__code"))
    rows = Gage.objects.select_related("site", "station__parent", "owner").prefetch_related(uses)
    return within(rows.annotate(standing=standing, measured=Count("uses")), actor, "gage.view")


@dataclass(frozen=True)
class StudyBehind:
    """The newest study that judged a gage for a characteristic; `verdict`: acceptable, conditional, unacceptable."""

    gage: int
    characteristic: int
    number: str
    url: str
    verdict: str = ""
    words: str = ""
    on: datetime | None = None
    running: bool = False


@dataclass(frozen=True)
class Doubt:
    """Readings of a characteristic that a gage in doubt took: from when on (None: all), how many, where."""

    characteristic: Characteristic
    since: datetime | None
    count: int
    more: bool
    url: str


Studies = Callable[[Sequence[int]], Sequence[StudyBehind]]
Doubts = Callable[[Characteristic, date | None, Actor], Doubt]
_studies: list[Studies] = []
_doubts: list[Doubts] = []


def know_studies(asked: Studies) -> None:
    """Let the room that keeps gage studies name the newest of each gage and characteristic, by ids of gages."""
    if asked not in _studies:
        _studies.append(asked)


def know_doubts(asked: Doubts) -> None:
    """Let the room that keeps readings count those of a characteristic since a day."""
    if asked not in _doubts:
        _doubts.append(asked)


@dataclass(frozen=True)
class Behind:
    """A gage behind a characteristic: the gage, its study, the readings in doubt, and what to warn of."""

    gage: Gage
    characteristic: Characteristic
    study: StudyBehind | None = None
    doubt: Doubt | None = None
    warnings: tuple[str, ...] = field(default=())

    @property
    def holds_until(self) -> date | None:
        """The last day its study holds."""
        return valid_until(self.gage, self.study.on) if self.study and self.study.on else None

    @property
    def gage_warned(self) -> bool:
        """Whether the gage itself cannot be trusted."""
        return bool(warnings_of(self.gage))


def behind_characteristic(row: Characteristic, *, actor: Actor) -> list[Behind]:
    """The gages that measure a characteristic, each with its study and what to warn of; retired ones left out."""
    gages = list(within(Gage.objects.filter(uses__characteristic=row), actor, "gage.view").select_related("site"))
    in_use = [gage for gage in gages if gage.status != GageStatus.RETIRED]
    return _behind([(gage, row) for gage in in_use], actor)


def behind_gage(gage: Gage, *, actor: Actor) -> list[Behind]:
    """The characteristics a gage measures, each with the study behind it and the readings in doubt."""
    uses = gage.uses.select_related("characteristic__parameter", "characteristic__station", "characteristic__site")
    return _behind([(gage, use.characteristic) for use in uses.order_by("characteristic__code")], actor)


def _behind(pairs: Sequence[tuple[Gage, Characteristic]], actor: Actor) -> list[Behind]:
    ids = sorted({gage.pk for gage, _ in pairs})
    found = [one for asked in _studies for one in asked(ids)] if ids else []
    studies: dict[tuple[int, int], StudyBehind] = {}
    for one in found:
        studies.setdefault((one.gage, one.characteristic), one)
    made = []
    for gage, row in pairs:
        study = studies.get((gage.pk, row.pk))
        doubt = _doubts[0](row, gage.doubtful_since, actor) if gage.doubtful and _doubts else None
        warnings = (*warnings_of(gage), *(_of_study(gage, study) if _studies else ()))
        made.append(Behind(gage, row, study, doubt, warnings))
    return made


def warnings_of(gage: Gage) -> tuple[str, ...]:
    """What to warn of about the gage itself."""
    if gage.failed and gage.last_on:
        since = f"since {date_of(gage.good_on)}" if gage.good_on else "it ever took"
        return (f"{gage.code} failed its calibration of {date_of(gage.last_on)}: readings {since} are in doubt.",)
    if gage.status == GageStatus.BLOCKED:
        return (f"{gage.code} is blocked: {gage.status_reason}",)
    if gage.state == GageState.OVERDUE:
        if gage.next_due is None:
            return (f"{gage.code} was never calibrated: everything it reads is in doubt.",)
        return (f"{gage.code} was due for calibration on {date_of(gage.next_due)}: readings since then are in doubt.",)
    return ()


def _of_study(gage: Gage, study: StudyBehind | None) -> tuple[str, ...]:
    """What to warn of about the study behind it: missing, not acceptable, or older than it holds."""
    if study is None or (study.running and not study.verdict):
        return (f"No gage study stands behind {gage.code} yet.",)
    found = []
    if study.verdict == "unacceptable":
        found.append(f"{study.number} found {gage.code} not acceptable for this characteristic.")
    elif study.verdict != "acceptable":
        found.append(f"{study.number} found {gage.code} usable with care only.")
    if study.on is not None and valid_until(gage, study.on) < timezone.localdate():
        found.append(f"{study.number} is older than the {gage.study_months} months a study of {gage.code} holds for.")
    return tuple(found)


def valid_until(gage: Gage, on: datetime) -> date:
    """The last day on which a study of this day still holds."""
    frame = Gage(interval_months=gage.study_months, interval_days=0)
    return frame.after(timezone.localdate(on))


def calibrations_of(gage: Gage) -> QuerySet[Any]:
    """Every calibration of a gage, newest first, with the bytes of its certificate."""
    return gage.calibrations.select_related("blob").order_by("-on", "-id")
