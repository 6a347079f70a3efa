"""Write multivariate characteristics: which characteristics are judged as one vector, and how their readings meet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from governance.events import JudgedTogether
from governance.models import MULTIVARIATE, Characteristic, Chart, Equipment, Parameter, ValueKind
from governance.queries.designs import design_of
from governance.services.measurement import add_characteristic, add_parameter, edit_characteristic
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.events import publish
from qms.core.trail import acting
from spc.values import BadInput


@dataclass(frozen=True)
class Together:
    """What is judged together: the members in order, how their readings meet, and the design of the chart.

    pair: `exact` (serial number, else the same time) or `window` (serial number, else within `wait` seconds); alpha is
    of T squared, weight and arl of MEWMA; None takes what is usual.
    """

    members: Sequence[Characteristic]
    chart: str = Chart.T2.value
    pair: str = "exact"
    wait: float = 60.0
    alpha: float | None = None
    weight: float | None = None
    arl: float | None = None

    def design(self) -> dict[str, Any]:
        """The same as the design of a characteristic."""
        chosen = {"alpha": self.alpha} if self.chart == Chart.T2 else {"weight": self.weight, "arl": self.arl}
        given = {name: value for name, value in chosen.items() if value is not None}
        return {"members": [row.pk for row in self.members], "pair": self.pair, "wait": self.wait, **given}


def judge_together(
    together: Together, *, code: str, name: str, by: Actor, stale_after: int | None = None
) -> Characteristic:
    """Add a multivariate characteristic at the station of its first member, with a parameter no device speaks on.

    Raises Denied, or Invalid by field: members of two places or that are no measured values, a design that cannot be.
    """
    check_together(together)
    first = together.members[0]
    by.require("characteristic.edit", first.site_id)
    with acting(by):
        path = path_of(first.station, code)
        if Parameter.objects.filter(path=path).exists():
            raise Invalid({"code": [f"The parameter {path} exists already: choose another code."]})
        parameter = _parameter(first, path, name, by)
        shared = first.process if len({row.process_id for row in together.members}) == 1 else None
        more = {} if stale_after is None else {"stale_after": stale_after}
        row = add_characteristic(
            parameter=parameter, code=code, name=name, by=by, chart=together.chart, design=together.design(),
            process=shared, decimals=2, sequence=max(one.sequence for one in together.members), **more,
        )  # fmt: skip
        publish(JudgedTogether(characteristic=row.pk, site=row.site_id), key=f"characteristic:{row.pk}")
        return row


def _parameter(first: Characteristic, path: str, name: str, by: Actor) -> Parameter:
    """The parameter no device speaks on; what is wrong with its path is wrong with the code."""
    try:
        return add_parameter(site=first.site, path=path, station=first.station, name=name, kind=ValueKind.JOINT, by=by)
    except Invalid as problem:
        raise Invalid(
            {"code" if field == "path" else field: said for field, said in problem.errors.items()}
        ) from problem


def edit_together(
    characteristic: Characteristic, together: Together, *, by: Actor, reason: str = "", **fields: Any
) -> Characteristic:
    """Change what is judged together; other members or another design make the limits in force unfit."""
    if characteristic.chart not in MULTIVARIATE:
        raise Invalid({"chart": ["This characteristic stands alone."]})
    check_together(together)
    if {row.site_id for row in together.members} != {characteristic.site_id}:
        raise Invalid({"members": ["The members belong to another site."]})
    return edit_characteristic(
        characteristic, by=by, reason=reason, chart=together.chart, design=together.design(), **fields
    )


def check_together(together: Together) -> None:
    """Raises Invalid for members that cannot form a vector and for designs that cannot be."""
    if together.chart not in MULTIVARIATE:
        raise Invalid({"chart": ["T² or MEWMA judge several characteristics together."]})
    rows = together.members
    if single := [row.code for row in rows if row.parameter.kind != ValueKind.FLOAT]:
        raise Invalid({"members": [f"Only measured values are judged together, not {', '.join(single)}."]})
    if unused := [row.code for row in rows if not row.active]:
        raise Invalid({"members": [f"Not in use: {', '.join(unused)}."]})
    stations, processes = {row.station_id for row in rows}, {row.process_id for row in rows}
    if len({row.site_id for row in rows}) > 1 or (len(stations) > 1 and (len(processes) > 1 or processes == {None})):
        raise Invalid({"members": ["Members belong to one station or to one process."]})
    try:
        design_of(together.chart, together.design())
    except BadInput as problem:
        raise Invalid({"members" if "characteristics" in str(problem) else "design": [str(problem)]}) from problem


def path_of(station: Equipment, code: str) -> str:
    """The path of its parameter: that of the station, and the code."""
    levels, at = list[str](), station
    while at is not None:
        levels.insert(0, at.code)
        at = at.parent  # type: ignore[assignment]  # None above an area
    last = re.sub(r"[^a-z0-9_.\-]+", "_", code.strip().lower()).strip("_")
    return "/".join([station.site.code, *levels, last]).lower()
