"""Dialogs that correct one row of a record: an action, a containment, a criterion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model
from django.http import Http404

from capa import forms, services
from capa.models import Action, Capa, Containment, Criterion, Nonconformity
from qms.core.records import locked, visible
from qms.core.trail import reading
from qms.web.forms import Styled
from qms.web.pages import FormDialog


class _Row(FormDialog):
    """A row of a record the person may see; its own service refuses what is settled."""

    edits = True
    row_model: ClassVar[type[Model]]
    parent: ClassVar[str] = "capa"
    anchor: ClassVar[str] = ""
    record: Any

    def find(self, **kwargs: Any) -> Any:
        row = self.row_model._default_manager.filter(pk=kwargs["pk"]).first()
        pk = getattr(row, f"{self.parent}_id", 0)
        kinds = (Nonconformity, Capa) if self.parent == "record" else (Capa,)
        found = (visible(kind, self.actor).select_related("site").filter(pk=pk).first() for kind in kinds)
        self.record = next((record for record in found if record is not None), None)
        if self.record is None:
            raise Http404("There is no such row that you may see.")
        return row

    def hold(self) -> None:
        """The record is the lock of its rows."""
        locked(type(self.record), self.record.pk)

    def change(self, data: dict[str, Any]) -> None:
        """Call the service."""
        raise TypeError(f"{type(self).__name__} does not say what it changes.")

    def act(self, data: dict[str, Any]) -> str:
        self.change(data)
        return f"{self.record.get_absolute_url()}#{self.anchor}"


class ChangeAction(_Row):
    """An action of a plan that is not released."""

    policy = "capa.edit"
    row_model, anchor = Action, "plan"
    heading = "Change the action"

    def form(self, data: Any = None) -> Styled:
        return forms.ActionForm(data, site_id=self.record.site_id, capa=self.record, row=self.about)

    def change(self, data: dict[str, Any]) -> None:
        services.change_action(self.about, by=self.actor, **data)


class MoveAction(_Row):
    """An action of a released plan goes to another person or day."""

    policy = "capa.implement"
    row_model, anchor = Action, "implementation"
    heading = "Another person or day"
    lead = "What was agreed in the plan stays on record, and how often it moved is counted."
    button = "Move"

    def initial(self) -> Mapping[str, Any]:
        return {"owner": self.about.owner_id, "due": self.about.due}

    def form(self, data: Any = None) -> Styled:
        return forms.MoveForm(data, initial=self.initial(), site_id=self.record.site_id)

    def change(self, data: dict[str, Any]) -> None:
        services.move_action(self.about, by=self.actor, **data)


class ChangeContainment(_Row):
    """A place that was searched: its figures and what was done."""

    policy = "record.view"  # each kind of record asks for its own right
    row_model, parent, anchor = Containment, "record", "containment"
    heading = "Correct this place"
    lead = "What was verified before counts no more."

    def form(self, data: Any = None) -> Styled:
        return forms.ContainmentForm(data, site_id=self.record.site_id, row=self.about)

    def change(self, data: dict[str, Any]) -> None:
        services.change_containment(self.about, by=self.actor, **data)


class ChangeCriterion(_Row):
    """How the effect of a plan that is not released is judged."""

    policy = "capa.edit"
    row_model, anchor = Criterion, "plan"
    heading = "Change the criterion"

    def form(self, data: Any = None) -> Styled:
        return forms.CriterionForm(data, site_id=self.record.site_id, row=self.about)

    def change(self, data: dict[str, Any]) -> None:
        with reading(self.actor):
            capa = Capa.objects.get(pk=self.record.pk)
        services.fix_criterion(capa, criterion=self.about, by=self.actor, **data)
