"""Gage studies: their list, the plan, the page of one, and the page at which an operator measures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe

from analytics import queries, services
from analytics.filters import GageStudyListFilter
from analytics.forms import CorrectForm, PlanForm, ReadingForm
from analytics.models import GageStudy, StudyRun
from analytics.services import Plan
from analytics.views.lists import SECTIONS
from analytics.views.showing import grids_of, held_of
from governance.models import Gage
from governance.queries import gages_visible_to
from qms.core.actor import Actor
from qms.core.errors import Denied, Invalid, Refused
from qms.core.records import visible
from qms.core.trail import reading
from qms.web.forms import Styled
from qms.web.nav import Command
from qms.web.pages import Column, FormDialog, Guarded, NamedView, Page, RecordListView, RecordPage, found_or_404
from qms.web.requests import whole_number

NEW_STUDY = Command(
    label="New gage study", url="analytics:gage-study-new", permission="gagestudy.open", icon="ruler-measure",
    words="gauge r&r repeatability reproducibility bias linearity stability agreement msa",
)  # fmt: skip
VERDICTS = {"acceptable": "done", "conditional": "watch", "unacceptable": "miss"}
TONES = {"acceptable": "good", "conditional": "watch", "unacceptable": "signal"}


def _verdict(row: GageStudy) -> Any:
    return (VERDICTS[row.verdict], row.get_verdict_display()) if row.verdict else ("todo", "Not judged")


class GageStudyList(RecordListView):
    """Every study of a measuring instrument."""

    policy = "gagestudy.view"
    key, nav, title = "gage-studies", "insight", "Gage studies"
    family = "Insight"
    sections: ClassVar[Sequence[tuple[str, str]]] = SECTIONS
    model = GageStudy
    filterset_class = GageStudyListFilter
    new = NEW_STUDY
    noun = "studies"
    purpose = (
        "A gage study says how far a gage can be trusted for a characteristic: operators measure parts in a drawn"
        " order, the figures judge. None is planned yet."
    )
    columns: ClassVar[Sequence[Column]] = (
        Column(key="number", label="Number", kind="mono", sort="number", link=True),
        Column(key="gage", label="Gage", value="gage.code", kind="mono", sort="gage__code", group=True),
        Column(key="verdict", label="Verdict", kind="state", value=_verdict, sort="verdict", group=True),
        Column(key="characteristic", label="Characteristic", value=lambda row: str(row.characteristic), kind="what",
               sort="characteristic__code", group=True),
        Column(key="method", label="Study", value=lambda row: row.get_method_display(), sort="method", group=True),
        Column(key="state", label="State", kind="state", sort="state", group=True),
        Column(key="taken", label="Readings", kind="mono", value=lambda row: f"{row.taken} of {row.wanted}"),
        Column(key="share", label="Gage R&R", kind="number", decimals=1, unit="%", sort="share"),
        Column(key="ndc", label="Categories", kind="number", sort="ndc"),
        Column(key="owner", label="By", value="owner.name", kind="person", sort="owner__name", group=True),
        Column(key="due", label="Due", kind="due", sort="due", shown=False),
        Column(key="opened", label="Planned", value="opened_at", kind="day", sort="opened_at"),
    )  # fmt: skip
    views: ClassVar[Sequence[NamedView]] = (
        NamedView("All", ""),
        NamedView("Asked of me", "mine=true"),
        NamedView("Open", "state=planned&state=running"),
        NamedView("Not acceptable", "verdict=unacceptable"),
    )

    def queryset(self) -> QuerySet[Any]:
        """With gage, characteristic and progress."""
        return queries.gage_studies_of(self.actor)


def study_or_404(pk: int, actor: Actor) -> GageStudy:
    """The study, if the actor may see it."""
    rows = visible(GageStudy, actor).select_related("gage", "characteristic__parameter", "site", "answer")
    return found_or_404(rows, pk, "gage study")


class GageStudyPage(RecordPage):
    """The plan, how far each operator is, and once it is judged verdict, figures and every reading."""

    policy = "gagestudy.view"
    nav = "insight"
    model = GageStudy
    template_name = "analytics/gage_study.html"
    crumbs = (("Gage studies", "analytics:gage-studies"),)
    related = ("gage", "characteristic__parameter", "answer")

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The frame's context with the study."""
        context = super().context(**kwargs)
        study: GageStudy = context["record"]
        blind = queries.is_blind(study, self.actor)
        told = study.answer.result if study.answer and study.state == "judged" else None
        can, taken = self.actor.can, queries.progress_of(study)
        return {
            **context,
            "main": None, "others": [],  # measuring begins and judges by itself
            "blind": blind, "operators": queries.operators_of(study), "taken": taken[0], "wanted": taken[1],
            "share": 100 * taken[0] / taken[1] if taken[1] else 0,
            "runs": [] if blind else list(queries.runs_of(study)), "tone": TONES.get(study.verdict, "quiet"),
            "verdict_mark": VERDICTS.get(study.verdict, "todo"), "told": told,
            "held": held_of(told),
            "grids": grids_of(told["grids"]) if told else [],
            "drawing": mark_safe(study.answer.drawing) if told and study.answer else "",  # noqa: S308 - drawn by the server, every text escaped
            "unit": study.characteristic.parameter.unit,
            "mine": queries.next_run_of(study, self.actor) if study.closed_at is None else None,
            "may_compute": study.state == "running" and can("gagestudy.edit", study),
            "may_correct": study.state == "running" and can("gagestudy.edit", study) and not blind,
        }  # fmt: skip


class PlanStudy(Page):
    """Plan a study: what is asked, how many, by whom."""

    policy = "gagestudy.open"
    nav, title = "insight", "Plan a gage study"
    template_name = "analytics/gage_study_new.html"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The gages to choose from, and the form of the one that was chosen."""
        gages = gages_visible_to(self.actor).exclude(status="retired").order_by("code")
        wanted = whole_number(self.request.POST.get("gage") or self.request.GET.get("gage")) or 0
        gage = kwargs.get("gage") or gages.filter(pk=wanted).first()
        start = {"characteristic": self.request.GET.get("characteristic")}
        form = kwargs.get("form") or (PlanForm(gage=gage, initial=start) if gage else None)
        return {"gages": gages, "gage": gage, "form": form}

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Draw the order and go to the study; refused input stays in the form."""
        with reading(self.actor):
            gage = found_or_404(gages_visible_to(self.actor), whole_number(request.POST.get("gage")) or 0, "gage")
            form = PlanForm(request.POST, gage=gage)
            sound = form.is_valid()
        if sound:
            try:
                return HttpResponseRedirect(self._plan(gage, form.cleaned_data).get_absolute_url())
            except Invalid as problem:
                form.refuse(problem.errors)
        return self.shown_again(form=form, gage=gage)

    def _plan(self, gage: Gage, data: dict[str, Any]) -> GageStudy:
        plan = Plan(
            method=data["method"], parts=data["parts"], repeats=data["repeats"], labels=parted(data["labels"]),
            references=parted(data["references"]), categories=parted(data["categories"]), tolerance=data["tolerance"],
        )  # fmt: skip
        return services.plan_study(
            gage=gage, characteristic=data["characteristic"], plan=plan, operators=list(data["operators"]),
            due=data["due"], by=self.actor,
        )  # fmt: skip


def parted(text: str) -> list[str]:
    """What stands between line ends and semicolons, or commas with a space; a decimal comma parts nothing."""
    return [part.strip() for part in re.split(r"[\n;]|,(?=\s)|,(?=\D)", text) if part.strip()]


class Measure(Page):
    """One run at a time: the part to take next, a place for the reading, and how far it is."""

    policy = "gagestudy.measure"
    nav = "insight"
    template_name = "analytics/measure.html"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The next run of this person; nothing of any other reading."""
        study = study_or_404(self.kwargs["pk"], self.actor)
        taken, wanted = queries.progress_of(study, self.actor)
        run = queries.next_run_of(study, self.actor) if study.closed_at is None else None
        return {
            "title": f"Measure for {study.number}", "study": study, "run": run, "taken": taken, "wanted": wanted,
            "share": 100 * taken / wanted if wanted else 0, "unit": study.characteristic.parameter.unit,
            "last": queries.last_run_of(study, self.actor) if study.state == "running" else None,
            "form": kwargs.get("form") or ReadingForm(study=study, initial={"run": run.pk if run else None}),
        }  # fmt: skip

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Keep the reading and show the next run; what is no reading stays in the field with the reason."""
        with reading(self.actor):
            study = study_or_404(pk, self.actor)
            form = ReadingForm(request.POST, study=study)
            run = _run_of(study, whole_number(request.POST.get("run")))
        try:
            if form.is_valid():
                services.enter_reading(run, form.cleaned_data["reading"], by=self.actor)
                return HttpResponseRedirect(reverse("analytics:gage-study-measure", args=[pk]))
        except Invalid as problem:
            form.refuse(problem.errors)
        except Refused as problem:
            messages.warning(request, str(problem))
            return HttpResponseRedirect(reverse("analytics:gage-study-measure", args=[pk]))
        return self.shown_again(form=form)


def _run_of(study: GageStudy, pk: int | None) -> StudyRun:
    found = queries.runs_of(study).select_related("study").filter(pk=pk or 0).first()
    if found is None:
        raise Http404("There is no such run in this study.")
    return found


class Correct(FormDialog):
    """Another reading in place of one that was entered wrongly."""

    policy = "gagestudy.measure"
    nav = "insight"
    form_class = CorrectForm
    heading = "Correct a reading"
    button = "Correct"

    @property
    def lead(self) -> str:  # type: ignore[override]  # names the part
        """Which one."""
        return f"Part {self.about.part}, round {self.about.trial}. What was entered before is kept with your reason."

    def find(self, **kwargs: Any) -> StudyRun:
        """The run, if it is the person's own or the person plans studies."""
        study = study_or_404(kwargs["pk"], self.actor)
        run = _run_of(study, kwargs["run"])
        if run.operator_id != self.actor.id and not self.actor.can("gagestudy.edit", study):
            raise Denied("This reading is another operator's.")
        return run

    def initial(self) -> Mapping[str, Any]:
        """Empty: the earlier reading is not shown."""
        return {}

    def form(self, data: Any = None) -> Styled:
        """With the unit or the ratings of the study."""
        return CorrectForm(data, study=self.about.study)

    def act(self, data: dict[str, Any]) -> str:
        """Correct it, and go back to where it was taken."""
        services.correct_reading(self.about, data["reading"], reason=data["reason"], by=self.actor)
        own = self.about.operator_id == self.actor.id
        return reverse("analytics:gage-study-measure" if own else "analytics:gage-study", args=[self.about.study_id])


class Compute(Guarded):
    """Judge a study by the rounds that are complete."""

    policy = "gagestudy.edit"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Say on the study's page what came out or what is missing."""
        with reading(self.actor):
            study = study_or_404(pk, self.actor)
        try:
            done = services.judge_study(study, by=self.actor)
            messages.success(request, done.words)
        except (Refused, Invalid) as problem:
            messages.warning(request, str(problem))
        return HttpResponseRedirect(study.get_absolute_url())
