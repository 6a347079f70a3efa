"""What went wrong on the demo plant's floor over the months: by process, with cause and remedy."""

from __future__ import annotations

from iot.plant.incidents import Kind

Trouble = tuple[Kind, float, int, str, str]  # kind, size in sigma of the plotted statistic, points, cause, remedy

GRINDING: tuple[Trouble, ...] = (
    ("drift", 4.4, 16, "Grinding wheel loaded", "Wheel dressed"),
    ("shift", 3.3, 6, "Insert changed without a new offset", "Offset set, first piece measured"),
    ("spike", 4.8, 1, "Chip on the gauge anvil", "Gauge wiped and zeroed"),
    ("shift", -3.0, 8, "Cold machine after the weekend", "Warm-up run of 20 minutes"),
    ("spike", -4.9, 1, "Piece clamped askew", "Jaws cleaned"),
    ("spread", 2.5, 5, "Worn clamping jaws", "Jaws replaced"),
)
COOLANT: tuple[Trouble, ...] = (
    ("spike", 6.4, 1, "Concentrate dosed twice", "Diluted, doser checked"),
    ("spike", -6.2, 1, "Water topped up without concentrate", "Concentrate added"),
)
SPINDLE: tuple[Trouble, ...] = (
    ("spike", 5.4, 1, "Tool out of balance", "Tool balanced"),
    ("drift", 4.8, 14, "Spindle bearing running dry", "Bearing greased"),
)
PRESSING: tuple[Trouble, ...] = (
    ("shift", -3.2, 7, "Bearing lot with small outer diameter", "Lot changed back, incoming check informed"),
    ("shift", 3.1, 6, "Load cell offset", "Load cell zeroed"),
    ("spike", 4.9, 1, "Load cell zero drift", "Load cell zeroed"),
    ("shift", 2.8, 9, "Press ram out of true", "Ram aligned"),
    ("spread", 2.6, 5, "Seats not degreased", "Washer bath renewed"),
)
SCREWING: tuple[Trouble, ...] = (
    ("shift", 2.9, 8, "Screwdriver offset after battery change", "Screwdriver calibrated"),
    ("spike", -5.0, 1, "Bit worn", "Bit replaced"),
    ("shift", -3.0, 6, "Screw lot with other coating", "Lot blocked, friction checked"),
)
LEAK: tuple[Trouble, ...] = (
    ("spike", 5.8, 1, "Nicked seal ring", "Seal ring replaced"),
    ("shift", 3.2, 6, "Test adapter leaking", "Adapter seal replaced"),
    ("spike", 5.2, 1, "Supply pressure dropped during the test", "Regulator replaced"),
)
REJECTS: tuple[Trouble, ...] = (
    ("shift", 5.5, 2, "Bearing seat scored by the press ram", "Ram polished"),
    ("spike", 6.5, 1, "Seal rings of a wrong batch", "Batch blocked"),
)
PRINTING: tuple[Trouble, ...] = (
    ("drift", -4.6, 14, "Stencil apertures clogged", "Stencil washed"),
    ("shift", 3.1, 6, "Squeegee pressure set too low", "Pressure set by the sheet"),
    ("spike", -5.0, 1, "Board not supported", "Support pins set"),
)
REFLOW: tuple[Trouble, ...] = (
    ("shift", 3.4, 6, "Wrong profile loaded after changeover", "Profile 4 loaded"),
    ("drift", 4.6, 16, "Heating zone losing power", "Heater replaced"),
    ("spike", -5.1, 1, "Gap in the board stream", "None needed, single board"),
)
COATING: tuple[Trouble, ...] = (
    ("shift", -3.1, 6, "Lacquer too thin", "Viscosity set"),
    ("spike", 5.0, 1, "Nozzle dripping", "Nozzle cleaned"),
)
TESTING: tuple[Trouble, ...] = (
    ("spike", 5.4, 1, "Loose contact at the test adapter", "Adapter pins cleaned"),
    ("shift", 3.2, 7, "Regulator batch at the upper tolerance", "Batch noted, no action on product"),
    ("spike", -5.2, 1, "Unit tested before warm-up", "Dwell time restored"),
)
JOINING: tuple[Trouble, ...] = (
    ("shift", -3.2, 6, "Play gauge clamp loose", "Clamp tightened"),
    ("spike", 5.0, 1, "Burr under the gauge", "Gauge wiped"),
    ("spread", 2.5, 5, "Crimp tool worn", "Crimp tool replaced"),
)
SOLDER: tuple[Trouble, ...] = (
    ("shift", 5.0, 2, "Solder paste past its floor life", "Fresh paste loaded"),
    ("spike", 6.0, 1, "Board warped by a wrong carrier", "Carrier blocked"),
)

BY_CODE: dict[str, tuple[Trouble, ...]] = {
    **dict.fromkeys(("C101", "C102", "C103", "C104", "C105", "C106"), GRINDING),
    "C107": COOLANT,
    "C108": SPINDLE,
    **dict.fromkeys(("C201", "C202"), PRESSING),
    **dict.fromkeys(("C203", "C204"), SCREWING),
    "C205": LEAK,
    "C206": JOINING,
    "C207": LEAK,
    "C208": REJECTS,
    **dict.fromkeys(("C301", "C302"), PRINTING),
    **dict.fromkeys(("C303", "C304"), REFLOW),
    "C305": COATING,
    "C306": JOINING,
    "C307": TESTING,
    "C308": SOLDER,
}
