"""The master data of the demo plant, made by the services from the same definitions the simulator runs on."""

from __future__ import annotations

from governance import services
from governance.models import Characteristic, Equipment, Part, Process
from iot import services as floor
from iot.plant.norrvik import PLANT
from iot.plant.plant import Line, Spec
from qms.core.actor import Actor
from qms.core.models import Site
from qms.core.trail import acting

AREAS = {"machining": "Machining", "assembly": "Assembly", "electronics": "Electronics"}


def build(site: Site, *, by: Actor) -> dict[str, Characteristic]:
    """Areas, lines, stations, parts, processes, parameters and characteristics; the characteristics by code."""
    found: dict[str, Characteristic] = {}
    with acting(by):
        _naming(site, by)
        processes = _processes(site, by)
        for number, line in enumerate(PLANT.lines):
            part = services.add_part(
                site=site, number=line.part.number, revision=line.part.revision, name=line.part.name, by=by
            )
            stations = _stations(site, line, number, by)
            for spec in (spec for spec in PLANT.specs if spec.line == line.code):
                process = processes[PLANT.station(spec).process]
                found[spec.code] = _characteristic(site, spec, stations[spec.station], part, process, by)
    return found


def connect(site: Site, *, by: Actor) -> list[dict[str, str]]:
    """A device for every station, with a secret of its own: what the live plant signs in to the broker with."""
    logins = []
    for line in PLANT.lines:
        for station in line.stations:
            topic, code = PLANT.station_topic(line.code, station.code), f"{site.code}-{line.code}-{station.code}"
            row = floor.add_device(site=site, code=code, name=station.name, topic_prefix=topic.partition("/")[2], by=by)
            logins.append({"topic": topic, "user": row.user_name, "secret": floor.issue_credential(row, by=by)})
    return logins


def _naming(site: Site, by: Actor) -> None:
    services.set_number_rule(
        site=site, target="part", pattern=r"[A-Z]{2}-\d{4}-\d{2}", by=by,
        explanation="Two letters, four digits and two digits, such as PH-2290-11.",
        accepted=["PH-2290-11", "VS-4410-03"], refused=["PH2290", "ph-2290-11"],
    )  # fmt: skip
    services.set_number_rule(
        site=site, target="parameter", pattern=r"[a-z][a-z0-9_]{2,39}", by=by,
        explanation="Lower case letters, digits and underscores, such as press_force.",
        accepted=["press_force", "spool_d1"], refused=["PressForce", "1st", "f"],
    )  # fmt: skip


def _processes(site: Site, by: Actor) -> dict[str, Process]:
    names = dict.fromkeys(PLANT.station(spec).process for spec in PLANT.specs)  # a process is where it is measured
    return {
        name: services.add_process(site=site, code=f"P{number:02d}", name=name, by=by)
        for number, name in enumerate(names, start=1)
    }


def _stations(site: Site, line: Line, number: int, by: Actor) -> dict[str, Equipment]:
    area = services.add_equipment(
        site=site, level="area", code=line.area, name=AREAS[line.area], by=by, sequence=number + 1
    )
    row = services.add_equipment(
        site=site,
        level="line",
        code=line.code,
        name=line.name.partition(" ")[2],
        parent=area,
        by=by,
        sequence=number + 1,
    )
    return {
        station.code: services.add_equipment(
            site=site, level="station", code=station.code, name=station.name, parent=row, by=by, sequence=place
        )
        for place, station in enumerate(line.stations, start=1)
    }


def _characteristic(
    site: Site, spec: Spec, station: Equipment, part: Part, process: Process, by: Actor
) -> Characteristic:
    lower, target, upper = spec.limits
    parameter = services.add_parameter(
        site=site, path=PLANT.path(spec), station=station, name=spec.name, unit=spec.unit, by=by,
        kind="count" if spec.behaviour.counts else "float",
    )  # fmt: skip
    return services.add_characteristic(
        parameter=parameter, code=spec.code, name=spec.name, by=by, part=part, process=process, chart=spec.chart,
        subgroup_size=spec.size, lsl=lower, target=target, usl=upper, decimals=spec.decimals,
        rules=list(spec.rules), stale_after=spec.stale_after, critical=spec.critical, sequence=int(spec.code[1:]),
    )  # fmt: skip
