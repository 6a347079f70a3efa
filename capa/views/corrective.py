"""The page of a CAPA: all eight disciplines on one page, each saving itself, and its 8D report."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import timedelta
from itertools import zip_longest
from typing import Any, cast

from django.db.models import Prefetch, prefetch_related_objects

from capa import forms, queries, services
from capa.models import Capa, Cause, Containment, Criterion, TeamMember
from capa.models.causes import Category, CauseKind
from capa.views.opening import Duplicating, Opening
from capa.workflow import DOCUMENTS, QUESTIONS
from capa.workflow.sections import refusal
from qms.core.actor import Actor
from qms.core.models import FrozenEvidence, Record, Site
from qms.web.pages import RecordPage
from qms.web.pages.merging import seal
from qms.web.requests import whole_number

PICTURE = ("frozen__data", "frozen__svg")
CAUSES = Prefetch("causes", Cause.objects.select_related("frozen", "attachment", "verified_by").defer(*PICTURE))
WRITTEN = ("symptom", "team", "causes", "plan", "implementation", "closing")


class CapaPage(RecordPage):
    """Symptom, team, problem, containment, causes, plan, implementation, prevention, effect, closing."""

    policy = "capa.view"
    nav = "capa"
    model = Capa
    template_name = "capa/capa.html"
    copies = "capa:capa-copy"
    crumbs = (("CAPA", "capa:capas"),)
    related = ("champion", "characteristic", "source_ncr")
    gathered = (Prefetch("containments", Containment.objects.select_related("verified_by")), CAUSES)
    overrides: dict[str, Any]

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """The frame's context with the disciplines, their rows and their forms."""
        context = super().context(**kwargs)
        record = context["record"]
        cards = queries.effect_cards(record)
        steps = queries.disciplines(record, cards)
        made = self._forms(record) if self.may_edit(record) else getattr(self, "overrides", {})
        team = list(record.team.select_related("person"))
        return {
            **context,
            **self._rows(record, cards),
            "team": team,
            "team_rows": self._team_rows(team, {person.pk for person in made.get("people", ())}),
            "tree": tree_of(record, self.actor),
            "rail": steps,
            "d": {step.key: step for step in steps},
            "cards": cards,
            "forms": made,
            "may": {
                "edit": self.may_edit(record),
                "judge": record.closed_at is None and self.actor.can("capa.judge", record),
            },
            "verdict_ready": bool(record.implemented_at and cards),
        }

    def evidence_from(self, record: Record) -> Sequence[int]:
        """Its own and that of the nonconformity it came from."""
        return _sources(cast(Capa, record))

    def may_edit(self, record: Capa) -> bool:
        """Whether anything can be written here by this person."""
        return record.closed_at is None and self.actor.can("capa.edit", record)

    def _rows(self, record: Capa, cards: Sequence[queries.EffectCard]) -> dict[str, Any]:
        documents = {row.kind: row for row in record.document_rows()}
        actions = list(record.actions.select_related("cause", "owner", "done_by"))
        return {
            "containments": record.containment_rows(),
            "found": _found(record),
            "causes": record.cause_rows(),
            "actions": [one for one in actions if one.revision == record.plan_revision],
            "old_actions": [one for one in actions if one.revision < record.plan_revision],
            "criteria": [card.criterion for card in cards],
            "documents": [(kind, text, documents.get(kind)) for kind, text in DOCUMENTS.items()],
            "places": record.read_across.select_related("answered_by", "asked_by"),
            "questions": _questions(record),
        }

    def _team_rows(self, team: Sequence[TeamMember], here: Container[int]) -> list[dict[str, Any]]:
        """The rows of the team's form: who is in it and two empty ones; as they were typed when that was refused."""
        seen = [f"{row.person_id}:{row.function}" for row in team]
        people, functions = [str(row.person_id) for row in team], [row.function for row in team]
        if self.refused and self.refused.key == "team":
            seen, people, functions = (self.refused.typed.getlist(name) for name in ("seen", "person", "function"))
        gone = {row.person_id: row.person.name for row in team if row.person_id not in here}  # they may stay in it
        people = [*people, *[""] * (len(seen) + 2 - len(people))]
        return [
            {"person": (key := whole_number(person)), "function": text, "seen": was, "name": gone.get(key or 0)}
            for person, text, was in zip_longest(people, functions, seen, fillvalue="")
        ]

    def _forms(self, record: Capa) -> dict[str, Any]:
        site = record.site_id
        made: dict[str, Any] = {
            name: forms.SectionForm(section=name, site_id=site, row=record, prefix=name) for name in WRITTEN
        }
        made |= {
            "problem": forms.ProblemForm(row=record, prefix="problem"),
            "containment": forms.ContainmentForm(site_id=site, prefix="containment"),
            "cause": forms.CauseForm(site_id=site, evidence=evidence_of(record), prefix="cause"),
            "action": forms.ActionForm(site_id=site, capa=record, prefix="action"),
            "criterion": forms.CriterionForm(site_id=site, prefix="criterion", initial=_usual(record)),
            "place": forms.AskForm(site_id=site, prefix="place"),
            "people": forms.people_choices(site),
        }
        made |= getattr(self, "overrides", {})
        made["seen"] = {name: seal(forms.present(record, names)) for name, names in services.FIELDS.items()}
        made["seen"]["problem"] = seal(forms.ProblemForm.stored(record))
        return made


def tree_of(record: Capa, actor: Actor) -> dict[str, Any]:
    """What the tree shows and what may be done on it."""
    prefetch_related_objects([record], CAUSES)
    branches = queries.cause_tree(record)
    settled = refusal("causes", record.state)
    return {
        "record": record,
        "branches": branches,
        "fishbone": queries.drawn(record, branches),
        "kinds": CauseKind.choices,
        "categories": Category.choices,
        "charts": evidence_of(record).defer("data"),
        "may_grow": record.closed_at is None and settled is None and actor.can("capa.analyse", record),
    }


def evidence_of(record: Capa) -> Any:
    """Frozen charts of the CAPA and of the nonconformity it came from."""
    return FrozenEvidence.objects.filter(record_id__in=_sources(record))


def _sources(record: Capa) -> list[int]:
    return [pk for pk in (record.pk, record.source_ncr_id) if pk]


def _usual(record: Capa) -> dict[str, Any]:
    """What a new criterion starts with."""
    return {
        "characteristic": record.characteristic_id,
        "direction": "lower",
        "baseline_from": record.opened_at - timedelta(days=90),
        "baseline_to": record.opened_at,
        "window_days": 90,
        "minimum_exposure": 300,
    }


def _found(record: Capa) -> dict[str, int]:
    rows = record.containment_rows()
    return {
        "checked": sum(row.quantity_checked or 0 for row in rows),
        "found": sum(row.quantity_found or 0 for row in rows),
        "places": len({row.place for row in rows}),
    }


def _questions(record: Capa) -> list[tuple[str, str]]:
    return [(text.capitalize(), record.problem[key]) for key, text in QUESTIONS.items() if record.problem.get(key)]


class Report(CapaPage):
    """The 8D report on A4, without navigation; printed or saved as PDF by the browser."""

    template_name = "capa/report.html"

    def context(self, **kwargs: Any) -> dict[str, Any]:
        """All rows, no forms; every revision of the plan."""
        context = super().context(**kwargs)
        record = context["record"]
        return {
            **context,
            "all_criteria": Criterion.objects.filter(capa=record).order_by("revision", "id"),
            "revisions": range(1, record.plan_revision + 1),
        }


class NewCapa(Opening):
    """Open an empty CAPA: what, how severe, corrective or preventive."""

    policy = "capa.open"
    nav, title = "capa", "Open a CAPA"
    form_class = forms.CapaForm
    lead = "A CAPA from a nonconformity is opened on its page; then most of D0 to D2 is filled in."
    send, back = "Open", "capa:capas"

    def open(self, site: Site, data: dict[str, Any]) -> Capa:
        return services.open_capa(site=site, by=self.actor, **data)


class CopyCapa(Duplicating):
    """One more like it."""

    policy = "capa.open"
    nav, title = "capa", "Duplicate"
    model = Capa
    form_class = forms.CapaCopyForm
    lead = "With the answers of D2 that are no date and no number. Team, causes, plan and verdicts are not copied."
