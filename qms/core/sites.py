"""Sites: plants with their calendar and their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db import connection

from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import Holiday, Site
from qms.core.records import save_clean
from qms.core.storable import hidden_sign
from qms.core.trail import acting

SITE_NUMBERS: Final = "{kind}-{site}-{year}-{n:04d}"
_ONE_AT_A_TIME: Final = "select pg_advisory_xact_lock(hashtext('sites'))"


def create_site(*, code: str, name: str, by: Actor, **fields: Any) -> Site:
    """Make a site; from the second on its numbers carry its code, so that no two sites give the same number."""
    by.require("site.edit")
    with acting(by):
        _one_at_a_time()
        if Site.objects.exists():
            fields.setdefault("number_pattern", SITE_NUMBERS)
        site = Site(code=code.strip().upper(), name=name.strip(), **fields)
        _own_numbers(site)
        _readable("shifts", [str(shift.get("name", "")) for shift in site.shifts])
        save_clean(site)
    return site


def change_site(site: Site, *, by: Actor, holidays: Iterable[tuple[date, str]] | None = None, **fields: Any) -> Site:
    """Change a site's name, zone, calendar, shifts or number pattern; `holidays` replace those there are."""
    by.require("site.edit", site.pk)
    with acting(by):
        _one_at_a_time()
        fresh = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        if fields.get("number_pattern", fresh.number_pattern) != fresh.number_pattern:
            fresh.number_pattern = fields["number_pattern"]
            _own_numbers(fresh)
        for field, value in fields.items():
            setattr(fresh, field, value)
        _readable("shifts", [str(shift.get("name", "")) for shift in fresh.shifts])
        save_clean(fresh)
        if holidays is not None:
            set_holidays(fresh, holidays, by=by)
    return fresh


def set_holidays(site: Site, days: Iterable[tuple[date, str]], *, by: Actor) -> None:
    """Replace the holidays of a site by these (day, name); clocks started later skip them."""
    by.require("site.edit", site.pk)
    wanted = dict(days)
    _readable("holidays", wanted.values())
    with acting(by):
        for row in site.holidays.all():
            if wanted.get(row.day) != row.name:
                row.delete()
        kept = set(site.holidays.values_list("day", flat=True))
        Holiday.objects.bulk_create(
            Holiday(site=site, day=day, name=name) for day, name in wanted.items() if day not in kept
        )


def _readable(field: str, names: Iterable[str]) -> None:
    """Refuse the name of a shift or holiday that would not read as it is written."""
    if found := [f"“{name}”: {said}" for name in names if (said := hidden_sign(name))]:
        raise Invalid({field: found})


def _own_numbers(site: Site) -> None:
    """Only where there is one site may its numbers leave it out: they must not meet those another site has given."""
    if "{site" not in site.number_pattern and Site.objects.exclude(pk=site.pk).exists():
        raise Invalid({"number_pattern": ["Another site could give the same numbers. Put {site} into the pattern."]})


def _one_at_a_time() -> None:
    """Two sites made at once must not both take themselves for the only one."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
