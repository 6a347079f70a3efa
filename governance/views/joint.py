"""Dialogs that make and change multivariate characteristics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from governance import forms, queries, services
from governance.models import Characteristic
from qms.web.forms import Styled
from qms.web.pages import FormDialog, found_or_404

_DESIGN = ("chart", "pair", "wait", "alpha", "weight", "arl")


def _together(data: dict[str, Any]) -> services.Together:
    return services.Together(data.pop("members"), **{name: data.pop(name) for name in _DESIGN})


class TogetherNew(FormDialog):
    """Judge several characteristics as one vector; asked on one of them, its neighbours are offered."""

    policy = "characteristic.edit"
    nav = "master-data"
    heading = "Judge several together"
    lead = "One limit for all of them sees values that are each usual but do not belong together."
    button = "Judge together"

    def find(self, **kwargs: Any) -> Characteristic | None:
        if "pk" not in kwargs:
            return None
        row: Characteristic = found_or_404(queries.characteristics_visible_to(self.actor), kwargs["pk"], "row")
        return row

    def initial(self) -> Mapping[str, Any]:
        return {"members": [self.about.pk]} if self.about else {}

    def form(self, data: Any = None) -> Styled:
        near = self.about
        offered = queries.may_be_together(
            self.actor, station=near.station_id if near else None, process=near.process_id if near else None
        )
        return forms.JointForm(data, initial=self.initial(), offered=offered)

    def act(self, data: dict[str, Any]) -> str:
        together = _together(data)
        return services.judge_together(together, **data, by=self.actor).get_absolute_url()


class TogetherEdit(FormDialog):
    """A multivariate characteristic."""

    policy: ClassVar = {"GET": "characteristic.view", "POST": "characteristic.edit"}
    nav = "master-data"
    heading = "Judged together"
    lead = "Another chart or other members make the limits unfit: the chart then learns again."
    edits = True

    def find(self, **kwargs: Any) -> Characteristic:
        row: Characteristic = found_or_404(queries.together_visible_to(self.actor), kwargs["pk"], "row")
        return row

    def initial(self) -> Mapping[str, Any]:
        row, pairing = self.about, queries.pairing_of(self.about.design)
        given = {"pair": pairing.pair, "wait": pairing.wait, **row.design}
        return {**given, **{name: getattr(row, name) for name in ("code", "name", "chart", "stale_after", "active")}}

    def form(self, data: Any = None) -> Styled:
        offered = queries.may_be_together(
            self.actor, station=self.about.station_id, process=self.about.process_id
        ) | queries.may_be_together(self.actor).filter(pk__in=self.about.design.get("members", ()))
        return forms.JointEditForm(data, initial=self.initial(), row=self.about, offered=offered)

    def act(self, data: dict[str, Any]) -> str:
        together = _together(data)
        return services.edit_together(self.about, together, by=self.actor, **data).get_absolute_url()
