"""Gage studies a person may see, the next run of an operator, and what stands behind a gage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from analytics.models import STANDS_BEHIND, GageStudy, StudyRun
from governance.queries import StudyBehind
from qms.core.actor import Actor
from qms.core.models import User
from qms.core.notify import holders
from qms.core.policy import rules_for
from qms.core.records import visible


def gage_studies_of(actor: Actor) -> QuerySet[GageStudy]:
    """The gage studies the actor may see, each with how many readings it has and needs."""
    rows = visible(GageStudy, actor).select_related("owner", "site", "gage", "characteristic")
    taken = Count("runs", filter=Q(runs__entered_at__isnull=False))
    return rows.annotate(wanted=Count("runs"), taken=taken)


def who_may_measure(site: int) -> QuerySet[User]:
    """The people of a site who may take readings of a study."""
    roles = {role for rule in rules_for("gagestudy.measure") for role in rule.roles}
    return User.objects.filter(pk__in=holders(site, *sorted(roles)).values("pk"))


def next_run_of(study: GageStudy, actor: Actor) -> StudyRun | None:
    """The run this person takes next; None when there is none."""
    rows = StudyRun.objects.filter(study=study, operator_id=actor.id, entered_at=None)
    return rows.order_by("place").first() if actor.id else None


def last_run_of(study: GageStudy, actor: Actor) -> StudyRun | None:
    """The run this person took last."""
    rows = StudyRun.objects.filter(study=study, operator_id=actor.id).exclude(entered_at=None)
    return rows.order_by("-place").first() if actor.id else None


def progress_of(study: GageStudy, actor: Actor | None = None) -> tuple[int, int]:
    """How many readings were taken, of how many; of one person where one is named."""
    rows = StudyRun.objects.filter(study=study)
    if actor is not None:
        rows = rows.filter(operator_id=actor.id)
    found = rows.aggregate(wanted=Count("pk"), taken=Count("pk", filter=Q(entered_at__isnull=False)))
    return found["taken"], found["wanted"]


def is_blind(study: GageStudy, actor: Actor) -> bool:
    """Whether this person still has readings to take, and so must not see those that were taken."""
    return study.closed_at is None and StudyRun.objects.filter(study=study, operator_id=actor.id).exists()


def runs_of(study: GageStudy) -> QuerySet[StudyRun]:
    """Every run in the order of each operator, with its corrections."""
    return StudyRun.objects.filter(study=study).select_related("operator").prefetch_related("corrections__by")


def operators_of(study: GageStudy) -> list[Mapping[str, Any]]:
    """How far each operator is."""
    rows = StudyRun.objects.filter(study=study).values("operator_id", "operator__name").order_by("operator__name")
    return list(rows.annotate(wanted=Count("pk"), taken=Count("pk", filter=Q(entered_at__isnull=False))))


def studies_behind(gages: Sequence[int]) -> list[StudyBehind]:
    """The study that stands behind each of some gages and characteristics: the newest judged one, else the running."""
    rows = GageStudy.objects.filter(gage_id__in=gages, method__in=STANDS_BEHIND).exclude(state="void")
    found: dict[tuple[int, int], StudyBehind] = {}
    for study in rows.order_by("-opened_at", "-pk"):
        key = study.gage_id, study.characteristic_id
        judged = study.state == "judged"
        if key in found and (found[key].verdict or not judged):
            continue
        words = study.words if judged else "is being measured"
        found[key] = StudyBehind(
            *key, study.number, study.get_absolute_url(), study.verdict, words, study.closed_at, not judged
        )
    return list(found.values())
