"""The demo plant Norrvik, Plant 1: three lines, 24 characteristics and one chart of two of them together."""

from __future__ import annotations

from iot.plant.plant import Joint, Line, Part, Plant, Spec, Station
from iot.plant.process import Behaviour, LotEffect, Season, ToolWear

SPOOL = Part("VS-4410-03", "C", "Valve spool 12 mm")
HOUSING = Part("PH-2290-11", "F", "Pump housing assembly")
CONTROL = Part("CU-7731-02", "B", "Control unit")

# fmt: off
LINES = (
    Line("L1", "machining", "L1 Machining", SPOOL, (
        Station("S10", "Turning centre", "Turning"),
        Station("S20", "Post-process gauge", "Grinding", batches=True),
        Station("S30", "Surface check", "Grinding"),
        Station("S40", "Coolant plant", "Grinding"),
    )),
    Line("L2", "assembly", "L2 Assembly", HOUSING, (
        Station("S30", "Press 2", "Press fit"),
        Station("S35", "Adhesive cell", "Bonding"),
        Station("S40", "Leak test", "Leak test"),
        Station("S50", "Screw station", "Screwing"),
        Station("S60", "Play gauge", "Final check"),
    )),
    Line("L3", "electronics", "L3 Electronics", CONTROL, (
        Station("S10", "Paste inspection", "Paste printing"),
        Station("S30", "Reflow oven", "Reflow"),
        Station("S50", "Coating cell", "Coating"),
        Station("S60", "Function test", "Function test"),
        Station("S70", "Pull test", "Final check"),
    )),
)

TREND = ("nelson_1", "nelson_2", "nelson_3", "nelson_5")
ALONE = ("nelson_1",)

L1 = (
    Spec("C101", "Spool Ø D1", "S20", "spool_d1", "mm", 4, "xbar-r", (11.985, 11.991, 11.997),
         Behaviour(11.9911, 0.00125, 5, effects=(ToolWear(0.3, 90), LotEffect(0.08))), 8, critical="critical"),
    Spec("C102", "Spool Ø D2", "S20", "spool_d2", "mm", 4, "xbar-r", (11.985, 11.991, 11.997),
         Behaviour(11.9912, 0.00140, 5, effects=(ToolWear(0.25, 90), LotEffect(0.08))), 8),
    Spec("C103", "Roundness D1", "S20", "roundness_d1", "µm", 2, "xbar-r", (None, 1.1, 2.5),
         Behaviour(1.12, 0.31, 5, skew=0.25, floor=0.05), 8),
    Spec("C104", "Surface Ra groove", "S30", "surface_ra", "µm", 3, "i-mr", (None, 0.24, 0.4),
         Behaviour(0.246, 0.036, skew=0.12, floor=0.05, effects=(LotEffect(0.1),)), 10),
    Spec("C105", "Groove width W3", "S20", "groove_w3", "mm", 3, "xbar-r", (2.48, 2.5, 2.52),
         Behaviour(2.5005, 0.0058, 5, effects=(ToolWear(0.3, 60),)), 8, rules=TREND),
    Spec("C106", "Total length", "S20", "length", "mm", 3, "xbar-r", (84.95, 85.0, 85.05),
         Behaviour(85.001, 0.0118, 5, effects=(LotEffect(0.1),)), 8),
    Spec("C107", "Coolant strength", "S40", "coolant", "%", 2, "i-mr", (6.0, 8.0, 10.0),
         Behaviour(7.95, 0.45, phi=0.2, effects=(Season(0.3, 300),)), 6, rules=ALONE),
    Spec("C108", "Spindle vibration", "S40", "vibration", "mm/s", 2, "i-mr", (None, 1.42, 2.8),
         Behaviour(1.42, 0.2, skew=0.1, floor=0.2), 4, stale_after=60),
)
L2 = (
    Spec("C201", "Press-in force", "S30", "press_force", "kN", 3, "xbar-r", (7.8, 8.6, 9.4),
         Behaviour(8.612, 0.187, 5, effects=(LotEffect(0.1),)), 6, critical="critical"),
    Spec("C202", "Press-in depth", "S30", "press_depth", "mm", 3, "xbar-r", (11.9, 12.0, 12.1),
         Behaviour(12.002, 0.0225, 5), 6, wire_unit="in"),
    Spec("C203", "Screw torque S1", "S50", "torque_s1", "N·m", 2, "xbar-r", (8.5, 9.5, 10.5),
         Behaviour(9.51, 0.22, 5), 9),
    Spec("C204", "Screw angle S1", "S50", "angle_s1", "°", 1, "xbar-r", (60.0, 75.0, 90.0),
         Behaviour(74.6, 3.6, 5, effects=(LotEffect(0.1),)), 9),
    Spec("C205", "Leak rate at 2 bar", "S40", "leak_rate", "mL/min", 2, "i-mr", (None, 1.85, 4.0),
         Behaviour(1.84, 0.42, skew=0.2, floor=0.1), 8, critical="major"),
    Spec("C206", "Axial play", "S60", "axial_play", "mm", 3, "xbar-r", (0.02, 0.05, 0.08),
         Behaviour(0.0502, 0.0075, 5), 10),
    Spec("C207", "Adhesive mass", "S35", "adhesive", "mg", 1, "i-mr", (42.0, 48.0, 54.0),
         Behaviour(48.2, 1.25), 45, stale_after=300),
    Spec("C208", "Leak rejects", "S40", "leak_rejects", "1", 4, "p", (None, None, None),
         Behaviour(0.0041, 0.0, 420, counts="binomial"), 12, rules=ALONE),
)
L3 = (
    Spec("C301", "Paste height", "S10", "paste_height", "µm", 1, "xbar-s", (110.0, 130.0, 150.0),
         Behaviour(129.2, 4.8, 8, effects=(ToolWear(-0.25, 70),)), 8, rules=TREND),
    Spec("C302", "Paste volume", "S10", "paste_volume", "%", 1, "xbar-s", (75.0, 100.0, 125.0),
         Behaviour(99.6, 6.2, 8), 8),
    Spec("C303", "Reflow peak", "S30", "reflow_peak", "°C", 1, "i-mr", (235.0, 242.0, 249.0),
         Behaviour(242.0, 1.35, effects=(Season(0.12, 240),)), 6, wire_unit="degF"),
    Spec("C304", "Time above liquidus", "S30", "liquidus_time", "s", 1, "i-mr", (50.0, 65.0, 80.0),
         Behaviour(65.3, 2.8), 6),
    Spec("C305", "Coating thickness", "S50", "coating", "µm", 1, "xbar-r", (30.0, 50.0, 70.0),
         Behaviour(49.4, 4.9, 5, effects=(LotEffect(0.1),)), 10, stale_after=300),
    Spec("C306", "Connector pull force", "S70", "pull_force", "N", 1, "xbar-r", (38.0, 52.0, None),
         Behaviour(52.1, 2.8, 5), 10),
    Spec("C307", "Supply current", "S60", "supply_current", "mA", 1, "i-mr", (180.0, 205.0, 230.0),
         Behaviour(205.6, 5.2), 5),
    Spec("C308", "Solder defects", "S30", "solder_defects", "1", 3, "u", (None, None, None),
         Behaviour(0.021, 0.0, 60, counts="poisson"), 12, rules=ALONE),
)
# fmt: on

TOGETHER = (Joint("C309", "Reflow profile", ("C303", "C304")),)

PLANT = Plant("norrvik", "nv1", "Norrvik, Plant 1", "Europe/Stockholm", LINES, L1 + L2 + L3, TOGETHER)
