"""A new draft from what describes another record; nothing of what was decided, dated, counted or signed there."""

from __future__ import annotations

from typing import Any

from capa.models import Capa, Deviation, Nonconformity
from capa.services.deviating import open_deviation
from capa.services.opening import open_capa, open_nonconformity
from qms.core.actor import Actor
from qms.core.links import link
from qms.core.trail import acting

Copied = Nonconformity | Capa | Deviation
DESCRIBES: dict[type[Copied], tuple[str, ...]] = {
    Nonconformity: (
        "title", "description", "severity", "found", "customer_found", "part", "station", "process", "characteristic",
        "defect_code", "requirement", "actual",
    ),
    Capa: ("title", "severity", "nature", "symptom", "characteristic"),
    Deviation: (
        "title", "part", "process", "characteristic", "requirement", "instead", "justification", "risk",
        "customer_required",
    ),
}  # fmt: skip
OF_ITS_OWN = ("when", "how_many", "extent")  # questions about the problem that the new one answers itself


def open_copy(source: Copied, *, by: Actor, **fields: Any) -> Copied:
    """Open a record of the same kind at the same site with the descriptive fields of another, linked to it.

    `fields` stand before what is copied. Raises Denied, Invalid or Refused.
    """
    by.require(f"{source.NOUN}.view", source)
    with acting(by):
        values = {name: getattr(source, name) for name in DESCRIBES[type(source)]} | fields
        made = _open(source, values, by)
        link(made, source, "copied from", by=by)
    return made


def _open(source: Copied, values: dict[str, Any], by: Actor) -> Copied:
    if isinstance(source, Nonconformity):
        return open_nonconformity(site=source.site, by=by, **values)
    if isinstance(source, Deviation):
        return open_deviation(site=source.site, by=by, **values)
    problem = {key: text for key, text in source.problem.items() if key not in OF_ITS_OWN}
    comparison = [row for row in source.comparison if row.get("aspect") not in OF_ITS_OWN]
    return open_capa(site=source.site, by=by, **{"problem": problem, "comparison": comparison, **values})
