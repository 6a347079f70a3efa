"""Write the equipment tree."""

from __future__ import annotations

from typing import Any

from governance.models import Equipment, Level
from governance.services.saving import assign, store
from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Site
from qms.core.trail import acting

_PARENTS: dict[Level, set[str | None]] = {
    Level.AREA: {None},
    Level.LINE: {None, Level.AREA},
    Level.STATION: {Level.LINE, Level.AREA},
}


def add_equipment(
    *, site: Site, level: str, code: str, by: Actor, name: str = "", parent: Equipment | None = None, sequence: int = 0
) -> Equipment:
    """Add an area, a line or a station. Raises Denied, or Invalid when it cannot stand below that parent."""
    by.require("equipment.edit", site.pk)
    row = Equipment(
        site=site, parent=parent, level=level, code=code.strip(), name=name.strip() or code.strip(), sequence=sequence
    )
    _check_parent(row)
    with acting(by):
        return store(row)


def edit_equipment(equipment: Equipment, *, by: Actor, **fields: Any) -> Equipment:
    """Change code, name, parent, order or whether it is in use."""
    by.require("equipment.edit", equipment.site_id)
    with acting(by):
        row = Equipment.objects.select_for_update().get(pk=equipment.pk)
        assign(row, fields, allowed=("code", "name", "parent", "sequence", "active"))
        _check_parent(row)
        return store(row)


def station_of(site: Site, path: str, *, by: Actor) -> Equipment:
    """The station of a path site/area/line/station/parameter; what does not exist yet of the three is made.

    Raises Invalid when the path has other levels.
    """
    levels = path.split("/")
    if len(levels) != 5 or levels[0] != site.code.lower() or not all(levels):
        raise Invalid({"topic": [f"A topic reads {site.code.lower()}/area/line/station/parameter."]})
    area = _found_or_made(site, Level.AREA, levels[1], None, by)
    line = _found_or_made(site, Level.LINE, levels[2], area, by)
    return _found_or_made(site, Level.STATION, levels[3], line, by)


def _found_or_made(site: Site, level: Level, code: str, parent: Equipment | None, by: Actor) -> Equipment:
    found = Equipment.objects.filter(site=site, parent=parent, level=level, code__iexact=code).first()
    return found or add_equipment(site=site, level=level, code=code.upper(), parent=parent, by=by)


def _check_parent(row: Equipment) -> None:
    above = row.parent.level if row.parent else None
    if row.level not in Level.values:
        raise Invalid({"level": [f"Choose one of {', '.join(Level.values)}."]})
    if above not in _PARENTS[Level(row.level)]:
        raise Invalid({"parent": [f"A {row.level} cannot stand below {above or 'the site itself'}."]})
    if row.parent and row.parent.site_id != row.site_id:
        raise Invalid({"parent": ["The parent belongs to another site."]})
