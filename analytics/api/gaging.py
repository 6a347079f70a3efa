"""Endpoints of gage studies."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from analytics import queries, services
from analytics.filters import GageStudyFilter
from analytics.models import GageStudy, StudyRun
from analytics.serializers import (
    CorrectIn,
    EnterIn,
    GageStudyChange,
    GageStudyIn,
    GageStudyOut,
    NextRunOut,
    StudyRunOut,
)
from analytics.services import Plan
from qms.core.rest.records import RecordViewSet

_PLAN = ("method", "parts", "repeats", "labels", "references", "categories", "tolerance")


class GageStudyViewSet(RecordViewSet[GageStudy]):
    """Gage studies: planned, measured in a drawn order, judged by their figures."""

    model = GageStudy
    filterset_class = GageStudyFilter
    queryset = GageStudy.objects.none()
    gives: ClassVar[Any] = {
        "default": GageStudyOut, "next_run": NextRunOut, **dict.fromkeys(("runs", "enter", "correct"), StudyRunOut),
    }  # fmt: skip
    takes: ClassVar[Any] = {
        "create": GageStudyIn, "partial_update": GageStudyChange, "enter": EnterIn, "correct": CorrectIn,
    }  # fmt: skip
    policy: ClassVar[Any] = {
        "runs": "gagestudy.view", "next_run": "gagestudy.view", "enter": "gagestudy.measure",
        "correct": "gagestudy.measure", "compute": "gagestudy.measure",
    }  # fmt: skip
    lists: ClassVar[tuple[str, ...]] = (*RecordViewSet.lists, "runs")
    blind = True

    def visible(self) -> QuerySet[GageStudy]:
        """Those of the actor's sites."""
        return super().visible().select_related("gage", "characteristic")

    def open(self, data: dict[str, Any]) -> GageStudy:
        """Plan one."""
        data.pop("site", None)
        plan = Plan(**{name: data.pop(name) for name in _PLAN})
        return services.plan_study(plan=plan, by=self.actor, **data)

    @extend_schema(summary="The readings of a study")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def runs(self, request: Request, pk: str) -> Response:
        """In the order of each operator; who still has to measure sees no reading."""
        study = self.get_object()
        self.blind = queries.is_blind(study, self.actor)
        return self.answer_list(queries.runs_of(study))

    @extend_schema(summary="The run you take next")
    @action(detail=True, methods=["get"], url_path="next", pagination_class=None, filterset_class=None)
    def next_run(self, request: Request, pk: str) -> Response:
        """Its part alone, and how far you are."""
        study = self.get_object()
        run, (taken, wanted) = queries.next_run_of(study, self.actor), queries.progress_of(study, self.actor)
        return self.answer(
            {
                "run": run and run.pk, "part": run and run.part, "unit": study.characteristic.parameter.unit,
                "categories": study.categories, "taken": taken, "wanted": wanted,
            }
        )  # fmt: skip

    @extend_schema(summary="Enter the reading of your next run")
    @action(detail=True, methods=["post"])
    def enter(self, request: Request, pk: str) -> Response:
        """409 when it is not your next run; the last reading of all judges the study."""
        data = self.taken()
        return self.answer(services.enter_reading(self.run(data), data["reading"], by=self.actor))

    @extend_schema(summary="Correct a reading, with the reason")
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """By who took it or who plans studies, until the study is judged."""
        data = self.taken()
        done = services.correct_reading(self.run(data), data["reading"], reason=data["reason"], by=self.actor)
        return self.answer(done)

    @extend_schema(summary="Judge a study by the rounds that are complete")
    @action(detail=True, methods=["post"])
    def compute(self, request: Request, pk: str) -> Response:
        """409 with what is missing; the answer names the analysis that keeps the figures."""
        return self.answer_record(services.judge_study(self.found(), by=self.actor))

    def run(self, data: dict[str, Any]) -> StudyRun:
        """The run a client named, of the study of the address."""
        with self.reading():
            found = queries.runs_of(self.get_object()).select_related("study").filter(pk=data["run"]).first()
        if found is None:
            raise Http404(f"There is no run {data['run']} in this study.")
        return found
