"""What is done on the page of a CAPA, one small view a deed."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from django.http import Http404, HttpRequest

from capa import forms, services
from capa.models import Action, Capa, Cause, Containment, Criterion, ReadAcross
from capa.views.acts import Act, RowAct, Saving, visible_or_404
from capa.views.corrective import WRITTEN, CapaPage, evidence_of
from qms.core.errors import Refused
from qms.core.trail import reading
from qms.web.requests import whole_number


class SaveSection(Saving):
    """One section's own fields."""

    policy = "capa.edit"
    page, said = CapaPage, "Saved."

    @property
    def slot(self) -> str:  # type: ignore[override]  # the section is in the address
        """The section of the address."""
        return str(self.kwargs["section"])

    def form(self, request: HttpRequest) -> Any:
        if self.slot == "problem":
            return forms.ProblemForm(request.POST, row=self.record, prefix="problem")
        if self.slot not in WRITTEN:
            raise Http404(f"There is no section {self.slot}.")
        return forms.SectionForm(request.POST, section=self.slot, site_id=self.record.site_id, prefix=self.slot)

    def keep(self, record: Capa, values: dict[str, Any]) -> None:
        services.save_section(record, self.slot, by=self.actor, version=record.version, **values)


class SetTeam(Act):
    """The team: who comes in, who leaves, who stands for what; what others changed meanwhile stays."""

    policy = "capa.edit"
    page, anchor, said = CapaPage, "team", "Saved."
    keeps = True

    def save(self, form: Any) -> None:
        seen = dict(map(_member, self.request.POST.getlist("seen")))
        typed = self._typed(len(seen))
        with reading(self.actor):
            record = visible_or_404(Capa, self.record.pk, self)
            now = dict(record.team.values_list("person_id", "function"))
        mine = [row for row in typed if seen.get(row[0]) != row[1]]
        gone = set(seen) - {key for key, _ in typed} | {key for key, _ in mine}
        stay = [row for row in now.items() if row[0] not in gone]
        services.set_team(record, members=[*stay, *mine], by=self.actor, version=record.version)

    def _typed(self, rows: int) -> list[tuple[int, str]]:
        """The rows with a person; in the first ones nobody means that somebody leaves, in the others a mistake."""
        people, functions = (self.request.POST.getlist(name) for name in ("person", "function"))
        found = []
        for place, (person, text) in enumerate(zip_longest(people, functions, fillvalue="")):
            key = whole_number(person)
            if key is not None:
                found.append((key, text.strip()))
            elif text.strip() and place >= rows:
                raise Refused(f"Choose who stands for “{text.strip()[:60]}”.")
        return found


def _member(seen: str) -> tuple[int, str]:
    """Person and function of a row as the form was made from it."""
    person, _, function = seen.partition(":")
    return whole_number(person) or 0, function


class AddContainment(Act):
    """A place that was searched."""

    policy = "capa.contain"
    page, slot = CapaPage, "containment"

    def form(self, request: HttpRequest) -> Any:
        return forms.ContainmentForm(request.POST, site_id=self.record.site_id, prefix="containment")

    def save(self, form: Any) -> None:
        data = form.cleaned_data
        services.add_containment(
            self.record,
            place=data["place"],
            measure=data["measure"],
            location=data["location"],
            by=self.actor,
            checked=data["quantity_checked"],
            found=data["quantity_found"],
        )


class VerifyContainment(RowAct):
    """The hold works."""

    policy = "capa.contain"
    page, anchor, model, parent = CapaPage, "containment", Containment, "record"
    keeps = True

    def save(self, form: Any) -> None:
        services.verify_containment(self.row, how=self.request.POST.get("how", ""), by=self.actor)


class AddCause(Act):
    """A cause with its whys and evidence."""

    policy = "capa.analyse"
    page, slot = CapaPage, "cause"
    anchor = "causes"

    def form(self, request: HttpRequest) -> Any:
        return forms.CauseForm(
            request.POST, site_id=self.record.site_id, evidence=evidence_of(self.record), prefix="cause"
        )

    def save(self, form: Any) -> None:
        services.add_cause(self.record, by=self.actor, **form.values())


class ChangeCause(RowAct):
    """Confirm, refute or change a cause."""

    policy = "capa.analyse"
    page, anchor, model, parent = CapaPage, "causes", Cause, "capa"

    def save(self, form: Any) -> None:
        post = self.request.POST
        if "evidence" in post:
            services.change_cause(self.row, evidence=post["evidence"], by=self.actor)
        else:
            services.verify_cause(self.row, result=post.get("result", ""), test=post.get("test", ""), by=self.actor)


class AddAction(Act):
    """An action against a cause."""

    policy = "capa.edit"
    page, slot, anchor = CapaPage, "action", "plan"

    def form(self, request: HttpRequest) -> Any:
        return forms.ActionForm(request.POST, site_id=self.record.site_id, capa=self.record, prefix="action")

    def save(self, form: Any) -> None:
        services.add_action(self.record, by=self.actor, **form.cleaned_data)


class EndAction(RowAct):
    """Done with evidence, or dropped with a reason."""

    policy = "capa.implement"
    page, anchor, model, parent = CapaPage, "implementation", Action, "capa"
    keeps = True

    def save(self, form: Any) -> None:
        text = self.request.POST.get("text", "")
        if self.kwargs["what"] == "done":
            services.finish_action(self.row, evidence=text, by=self.actor)
        else:
            services.cancel_action(self.row, reason=text, by=self.actor)


class AddCriterion(Act):
    """How the effect is judged."""

    policy = "capa.edit"
    page, slot, anchor = CapaPage, "criterion", "plan"

    def form(self, request: HttpRequest) -> Any:
        return forms.CriterionForm(request.POST, site_id=self.record.site_id, prefix="criterion")

    def save(self, form: Any) -> None:
        services.fix_criterion(self.record, by=self.actor, **form.cleaned_data)


class DropCriterion(RowAct):
    """Take a criterion out of the plan."""

    policy = "capa.edit"
    page, anchor, model, parent = CapaPage, "plan", Criterion, "capa"

    def save(self, form: Any) -> None:
        services.drop_criterion(self.row, by=self.actor)


class CarryOver(Act):
    """The criteria of the last revision, once more."""

    policy = "capa.edit"
    page, anchor = CapaPage, "plan"

    def save(self, form: Any) -> None:
        services.carry_over(self.record, by=self.actor)


class AnswerDocument(Act):
    """Whether a document changed."""

    policy = "capa.prevent"
    page, anchor = CapaPage, "prevention"
    keeps = True

    def key(self) -> str:
        """That of the document."""
        return f"document-{self.kwargs['kind']}"

    def save(self, form: Any) -> None:
        post = self.request.POST
        services.answer_document(
            self.record,
            kind=self.kwargs["kind"],
            answer=post.get("answer", ""),
            by=self.actor,
            reference=post.get("text", "") if post.get("answer") == "yes" else "",
            reason=post.get("text", "") if post.get("answer") != "yes" else "",
        )


class AskPlace(Act):
    """Another place to look at."""

    policy = "capa.prevent"
    page, slot, anchor = CapaPage, "place", "prevention"

    def form(self, request: HttpRequest) -> Any:
        return forms.AskForm(request.POST, site_id=self.record.site_id, prefix="place")

    def save(self, form: Any) -> None:
        services.ask_read_across(self.record, by=self.actor, **form.cleaned_data)


class AnswerPlace(RowAct):
    """Whether the cause sits there too."""

    policy = "capa.prevent"
    page, anchor, model, parent = CapaPage, "prevention", ReadAcross, "capa"
    keeps = True

    def save(self, form: Any) -> None:
        post = self.request.POST
        services.answer_read_across(
            self.row, answer=post.get("answer", ""), reason=post.get("reason", ""), by=self.actor
        )


class Judge(Act):
    """Compute the verdict from the readings, now."""

    policy = "capa.judge"
    page, anchor, said = CapaPage, "effect", "The verdict is computed."

    def save(self, form: Any) -> None:
        services.judge(self.record, by=self.actor)
