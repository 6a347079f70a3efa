"""Small sets of data to try the workbench with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A set of data with the study it suits."""

    label: str
    study: str
    text: str


_GRINDING = """Shaft diameter [mm]
20.012
20.008
20.010
20.007
20.011
20.009
20.013
20.010
20.008
20.012
20.009
20.011
20.010
20.007
20.012
20.010
20.009
20.011
20.014
20.015
20.016
20.014
20.017
20.016
20.018
20.017
20.031
20.019"""
_SOLDER = """Defect;Count
Bridge;61
Void;24
Insufficient solder;48
Tombstone;9
Lifted lead;5
Solder ball;13
Misaligned;7
Cold joint;4"""
_LOTS = """Lot;Force [kN]
KB-90031;8.62
KB-90031;8.71
KB-90031;8.58
KB-90031;8.66
KB-90031;8.60
KB-90031;8.64
KB-90054;8.59
KB-90054;8.63
KB-90054;8.68
KB-90054;8.55
KB-90054;8.61
KB-90054;8.57
KB-90117;8.44
KB-90117;8.51
KB-90117;8.39
KB-90117;8.47
KB-90117;8.49
KB-90117;8.42"""
_GAUGE = "Part;Appraiser;Reading [mm]\n" + "\n".join(
    f"{part};{person};{value}"
    for person, rows in {
        "Ann": ("2.48 2.51", "1.96 1.93", "3.21 3.24", "2.80 2.77", "2.12 2.15", "2.66 2.66"),
        "Ben": ("2.46 2.44", "1.90 1.94", "3.18 3.20", "2.76 2.78", "2.10 2.07", "2.61 2.64"),
        "Cho": ("2.52 2.49", "1.98 1.96", "3.26 3.22", "2.81 2.84", "2.17 2.14", "2.69 2.67"),
    }.items()
    for part, row in enumerate(rows, start=1)
    for value in row.split()
)
EXAMPLES: Mapping[str, Example] = {
    "grinding": Example("Grinding line: shaft diameters", "readings", _GRINDING),
    "lots": Example("Incoming lots: press-in force", "anova", _LOTS),
    "solder": Example("Solder defects", "pareto", _SOLDER),
    "gauge": Example("Gauge study: 6 parts, 3 appraisers", "gauge", _GAUGE),
}
