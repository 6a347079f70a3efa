"""How the processes of the demo plant ran in former months, and what changed them for the better."""

from __future__ import annotations

from dataclasses import dataclass, replace

from iot.plant.plant import Spec
from iot.plant.process import Behaviour

MONTHS_18 = 548.0


@dataclass(frozen=True)
class Era:
    """A stretch of time: days before now it began, how the process differed from today, why limits were set anew.

    shift: level in sigma of single values; spread and rate: factors on sigma and on the rate of counts. `capa` names
    the corrective action that ended the era before, where there was one.
    """

    since: float
    shift: float = 0.0
    spread: float = 1.0
    rate: float = 1.0
    reason: str = "First limits from 30 days of production"
    capa: str = ""

    def behaviour(self, spec: Spec) -> Behaviour:
        """The behaviour of a characteristic in this era."""
        now = spec.behaviour
        if now.counts:
            return replace(now, mean=now.mean * self.rate)
        return replace(now, mean=now.mean + self.shift * now.sigma, sigma=now.sigma * self.spread)


def _first(shift: float = 0.0, spread: float = 1.0, rate: float = 1.0) -> Era:
    return Era(MONTHS_18, shift, spread, rate)


ERAS: dict[str, tuple[Era, ...]] = {
    "C101": (_first(0.3, 1.25), Era(310, 0.1, 1.0, reason="New grinding spindle, run-off approved"),
             Era(96, reason="Yearly review of limits")),
    "C102": (_first(0.2, 1.2), Era(310, reason="New grinding spindle, run-off approved")),
    "C103": (_first(0.9, 1.3), Era(236, reason="Centres reground after the CAPA", capa="roundness")),
    "C104": (_first(0.5), Era(402, 0.2, reason="Grooving insert of grade K20"),
             Era(140, reason="Yearly review of limits")),
    "C105": (_first(0.9, 1.3), Era(331, 0.5, reason="Insert life cut to 600 pieces", capa="groove"),
             Era(44, reason="Tool offset by gauge feedback", capa="feedback")),
    "C106": (_first(0.7), Era(286, reason="Length stop hardened and cleaned by air", capa="length")),
    "C107": (_first(0.0, 1.2), Era(200, reason="Automatic doser installed")),
    "C108": (_first(0.8, 1.15), Era(250, reason="Spindle overhauled")),
    "C201": (_first(-0.5, 1.15), Era(377, -0.35, 1.1, reason="Ram guide replaced"),
             Era(173, -0.3, reason="Force window in the press program", capa="bearing"),
             Era(60, -0.1, reason="Yearly review of limits"), Era(3.35, reason="Load cell recalibrated")),
    "C202": (_first(0.4), Era(377, reason="Ram guide replaced")),
    "C203": (_first(-0.8, 1.2), Era(264, reason="Torque check at every battery change", capa="torque")),
    "C204": (_first(0.3), Era(120, reason="New screw supplier approved"),
             Era(40, reason="Bit change every 5,000 screws")),
    "C205": (_first(0.6), Era(158, reason="Adapter seals changed by cycle count", capa="adapter")),
    "C206": (_first(0.5, 1.25), Era(214, reason="Clamp of the play gauge renewed", capa="play")),
    "C207": (Era(0.4, reason="New characteristic"),),
    "C208": (_first(rate=2.2), Era(330, rate=4.7, reason="Second source of bearings released"),
             Era(94, reason="Air gauge at incoming inspection", capa="leak")),
    "C301": (_first(0.6, 1.15), Era(190, reason="Stencil washed every 40 boards", capa="stencil")),
    "C302": (_first(0.3), Era(190, reason="Stencil washed every 40 boards")),
    "C303": (_first(0.4), Era(270, 0.75, reason="Profile 4 released"),
             Era(128, reason="Zone heaters under watch", capa="profile")),
    "C304": (_first(0.5), Era(270, reason="Profile 4 released")),
    "C305": (_first(-0.9, 1.2), Era(112, reason="Viscosity checked by shift", capa="coating")),
    "C306": (_first(-0.7, 1.2), Era(228, reason="Crimp tool life counted", capa="crimp")),
    "C307": (_first(0.5), Era(300, reason="Test adapters of type B")),
    "C308": (_first(rate=2.4), Era(146, reason="Floor life of paste by scanner", capa="paste")),
}  # fmt: skip
