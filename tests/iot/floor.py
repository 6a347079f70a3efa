"""Makes a station of three characteristics with locked limits; also a program run with DJANGO_SETTINGS_MODULE set."""

from __future__ import annotations

import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402 - models need the settings

from governance.services import add_characteristic, add_equipment, add_parameter  # noqa: E402
from iot.models import ControlLimits  # noqa: E402
from iot.services import add_device  # noqa: E402
from qms.core.actor import system  # noqa: E402
from qms.core.models import Site  # noqa: E402
from qms.core.records import open_record  # noqa: E402
from qms.core.trail import acting  # noqa: E402

BY = system("tests")


def make(site_code: str, area_code: str, *devices: str) -> None:
    """The codes of a site, made when it is not there, of a new area, and of devices of it."""
    with acting(BY):
        site = Site.objects.filter(code=site_code).first() or Site.objects.create(code=site_code, name="Norrvik")
        area = add_equipment(site=site, level="area", code=area_code, by=BY)
        line = add_equipment(site=site, level="line", code="L2", parent=area, by=BY)
        station = add_equipment(site=site, level="station", code="S30", parent=line, by=BY)
        for number in range(3):
            path = f"{site_code}/{area_code}/l2/s30/force_{number}".lower()
            parameter = add_parameter(site=site, path=path, station=station, unit="kN", by=BY)
            row = add_characteristic(
                parameter=parameter, code=f"{area_code}{number}", name=f"Force {number}", by=BY, rules=["nelson_1"]
            )
            limits = open_record(
                ControlLimits, title="Limits", site=site, by=BY, characteristic=row, revision=1, chart="i-mr",
                sigma_estimator="given", center=8.6, ucl=8.9, lcl=8.3, sigma=0.1, n_points=30, reason="test",
                effective_from=timezone.now() - timedelta(days=1),
            )  # fmt: skip
            limits.state = "in_force"
            limits.save()
        for code in devices:
            add_device(site=site, code=code, name=code, topic_prefix=f"{site_code}/{area_code}/l2".lower(), by=BY)


if __name__ == "__main__":
    make(*sys.argv[1:])
