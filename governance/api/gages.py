"""The API of gages and their calibrations; every write calls one service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance import queries, services
from governance.api.plant import one_of
from governance.filters import GageFilter
from governance.models import Gage
from governance.serializers import (
    BehindOut,
    CalibrationIn,
    CalibrationOut,
    GageChange,
    GageIn,
    GageOut,
    GageStatusIn,
    TakeBackIn,
)
from governance.views.gages import calibration_or_404, certificate_of
from qms.core.errors import Invalid
from qms.core.rest.views import ListViewSet

_ROW = r"calibrations/(?P<calibration>[0-9]+)"


class GageViewSet(ListViewSet[Gage]):
    """Gages with their calibrations and what they measure."""

    policy: ClassVar[Any] = {
        **dict.fromkeys(("list", "retrieve", "calibrations", "certificate", "measures"), "gage.view"),
        **dict.fromkeys(("create", "partial_update", "status"), "gage.edit"),
        **dict.fromkeys(("calibrate", "withdraw"), "gage.calibrate"),
    }
    gives: ClassVar[Any] = {
        "default": GageOut, "calibrations": CalibrationOut, "calibrate": CalibrationOut, "withdraw": CalibrationOut,
        "measures": BehindOut,
    }  # fmt: skip
    takes: ClassVar[Any] = {
        "create": GageIn, "partial_update": GageChange, "status": GageStatusIn, "calibrate": CalibrationIn,
        "withdraw": TakeBackIn,
    }  # fmt: skip
    lists: ClassVar[tuple[str, ...]] = ("list", "calibrations", "measures")
    creates: ClassVar[tuple[str, ...]] = ("create", "calibrate")
    tagged = True
    filterset_class = GageFilter
    queryset = Gage.objects.none()
    ordering = "id"
    orderings = ("code", "next_due")

    def visible(self) -> QuerySet[Gage]:
        """Those of the actor's sites."""
        return queries.gages_visible_to(self.actor)

    def open(self, data: dict[str, Any]) -> Gage:
        """Add one."""
        data.pop("reason", "")
        return self._shown(services.add_gage(**self._named(data), by=self.actor))

    def change(self, thing: Gage, data: dict[str, Any]) -> Gage:
        """Change one."""
        return self._shown(services.edit_gage(thing, by=self.actor, **self._named(data)))

    def _shown(self, gage: Gage) -> Gage:
        with self.reading():
            return self.visible().get(pk=gage.pk)

    def _named(self, data: dict[str, Any]) -> dict[str, Any]:
        """The station and the characteristics a client named by id, as rows."""
        with self.reading():
            if data.get("station") is not None:
                data["station"] = one_of(queries.equipment_visible_to(self.actor), data["station"], "station")
            if "characteristics" in data:
                rows = queries.characteristics_visible_to(self.actor).in_bulk(data["characteristics"])
                if missing := set(data["characteristics"]) - rows.keys():
                    words = f"There is no characteristic {min(missing)} that you may see."
                    raise Invalid({"characteristics": [words]})
                data["characteristics"] = list(rows.values())
        return data

    def found(self) -> Gage:
        """The gage of the address."""
        with self.reading():
            return self.get_object()

    @extend_schema(summary="Block a gage, retire it, or let it be used again")
    @action(detail=True, methods=["post"])
    def status(self, request: Request, pk: str) -> Response:
        """With the reason; a gage that failed comes back by a good calibration only."""
        return self.answer_tagged(self._shown(services.set_gage_status(self.found(), by=self.actor, **self.taken())))

    @extend_schema(summary="What a gage measures, and how far it can be trusted")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def measures(self, request: Request, pk: str) -> Response:
        """Each characteristic with the study behind it, the readings in doubt, and the warnings."""
        return self.answer_list(queries.behind_gage(self.get_object(), actor=self.actor))

    @extend_schema(summary="The calibrations of a gage")
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def calibrations(self, request: Request, pk: str) -> Response:
        """Newest first; those taken back carry their reason."""
        return self.answer_list(queries.calibrations_of(self.get_object()))

    @extend_schema(summary="Enter a calibration")
    @calibrations.mapping.post
    def calibrate(self, request: Request, pk: str) -> Response:
        """The due date follows; a failed one blocks the gage."""
        return self.answer(services.add_calibration(self.found(), by=self.actor, **self.taken()), status=201)

    @extend_schema(summary="Take a calibration back")
    @action(detail=True, methods=["post"], url_path=f"{_ROW}/withdraw")
    def withdraw(self, request: Request, pk: str, calibration: str) -> Response:
        """With the reason; it counts no more."""
        with self.reading():
            row = calibration_or_404(int(pk), int(calibration), self.actor)
        return self.answer(services.withdraw_calibration(row, by=self.actor, **self.taken()))

    @extend_schema(summary="The certificate", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path=f"{_ROW}/certificate", pagination_class=None, filterset_class=None)
    def certificate(self, request: Request, pk: str, calibration: str) -> FileResponse:
        """The file as it was given; 404 where only its number was entered."""
        return certificate_of(calibration_or_404(int(pk), int(calibration), self.actor))
