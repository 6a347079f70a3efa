"""Writes of master data: each checks the right, the names and the figures, in one act."""

from __future__ import annotations

from governance.services.equipment import add_equipment, edit_equipment
from governance.services.gages import (
    add_calibration,
    add_gage,
    edit_gage,
    set_gage_status,
    tend_gages,
    withdraw_calibration,
)
from governance.services.importing import Imported, import_characteristics
from governance.services.joint import Together, edit_together, judge_together
from governance.services.measurement import (
    add_characteristic,
    add_parameter,
    edit_characteristic,
    edit_parameter,
    is_measured,
    know_measured,
)
from governance.services.parts import (
    add_part,
    add_process,
    edit_part,
    edit_process,
    run_process_at,
    set_number_rule,
)
from governance.services.unmapped import Heard, Mapping, ignore_topic, map_topic, note_unmapped

__all__ = [
    "Heard",
    "Imported",
    "Mapping",
    "Together",
    "add_calibration",
    "add_characteristic",
    "add_equipment",
    "add_gage",
    "add_parameter",
    "add_part",
    "add_process",
    "edit_characteristic",
    "edit_equipment",
    "edit_gage",
    "edit_parameter",
    "edit_part",
    "edit_process",
    "edit_together",
    "ignore_topic",
    "import_characteristics",
    "is_measured",
    "judge_together",
    "know_measured",
    "map_topic",
    "note_unmapped",
    "run_process_at",
    "set_gage_status",
    "set_number_rule",
    "tend_gages",
    "withdraw_calibration",
]
