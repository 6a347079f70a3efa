"""Makes the stations of the ingest bench: charts in force with eight rules; a program with DJANGO_SETTINGS_MODULE set.

Its arguments: the code of a new area, the kind of chart, the readings of a point, how many stations, parameters each.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402 - models need the settings

from governance.models import Characteristic, Equipment, Parameter  # noqa: E402
from governance.services import add_characteristic, add_equipment, add_parameter  # noqa: E402
from iot.models import ControlLimits  # noqa: E402
from qms.core.actor import system  # noqa: E402
from qms.core.models import Site  # noqa: E402
from qms.core.records import open_record  # noqa: E402
from qms.core.trail import acting  # noqa: E402
from spc.rules import NELSON  # noqa: E402

BY = system("bench")
CENTER, SIGMA = 100.0, 1.0


def make(area_code: str, chart: str, size: int, stations: int, each: int) -> None:
    """An area with its stations, each with its parameters, charts and limits."""
    with acting(BY):
        site = Site.objects.filter(code="NV1").first() or Site.objects.create(code="NV1", name="Norrvik")
        area = add_equipment(site=site, level="area", code=area_code, by=BY)
        line = add_equipment(site=site, level="line", code="L1", parent=area, by=BY)
        for number in range(stations):
            station = add_equipment(site=site, level="station", code=f"S{number:02}", parent=line, by=BY)
            for at in range(each):
                _chart(_parameter(station, f"p{at:02}", area_code), chart, size)


def _parameter(station: Equipment, name: str, area: str) -> Parameter:
    path = f"nv1/{area}/l1/{station.code}/{name}".lower()
    return add_parameter(site=station.site, path=path, station=station, unit="kN", by=BY)


def _chart(parameter: Parameter, chart: str, size: int) -> None:
    row: Characteristic = add_characteristic(
        parameter=parameter,
        code=f"C{parameter.pk}",
        name=parameter.path,
        by=BY,
        chart=chart,
        subgroup_size=size,
        rules=list(NELSON),
    )
    limits = open_record(
        ControlLimits, title="Limits", site=row.site, by=BY, characteristic=row, revision=1, chart=chart, size=size,
        sigma_estimator="given", center=CENTER, ucl=CENTER + 3 * SIGMA, lcl=CENTER - 3 * SIGMA, sigma=SIGMA,
        sigma_within=SIGMA, spread_center=2 * SIGMA, spread_ucl=5 * SIGMA, n_points=30, reason="bench",
        effective_from=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    limits.state = "in_force"
    limits.save()


if __name__ == "__main__":
    make(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
