"""Reads of master data, always scoped to the actor."""

from __future__ import annotations

from governance.queries.designs import NAMES as DESIGN_NAMES
from governance.queries.designs import Design, design_of, kept_design, run_length_of
from governance.queries.gages import (
    Behind,
    Doubt,
    StudyBehind,
    behind_characteristic,
    behind_gage,
    calibrations_of,
    gages_visible_to,
    know_doubts,
    know_studies,
    valid_until,
    warnings_of,
)
from governance.queries.lists import (
    characteristics_visible_to,
    equipment_tree,
    equipment_visible_to,
    number_rules_visible_to,
    parameters_visible_to,
    parts_visible_to,
    processes_visible_to,
    stations_of,
    unmapped_visible_to,
    within,
)
from governance.queries.naming import refusal_of_name, rule_verdicts
from governance.queries.proposals import Ground, Proposal, ground, proposal_for
from governance.queries.rulesets import MOST_OWN, OWN_BIT, own_as_data, price_of, read_own, rule_set, written_own

__all__ = [
    "DESIGN_NAMES",
    "MOST_OWN",
    "OWN_BIT",
    "Behind",
    "Design",
    "Doubt",
    "Ground",
    "Proposal",
    "StudyBehind",
    "behind_characteristic",
    "behind_gage",
    "calibrations_of",
    "characteristics_visible_to",
    "design_of",
    "equipment_tree",
    "equipment_visible_to",
    "gages_visible_to",
    "ground",
    "kept_design",
    "know_doubts",
    "know_studies",
    "number_rules_visible_to",
    "own_as_data",
    "parameters_visible_to",
    "parts_visible_to",
    "price_of",
    "processes_visible_to",
    "proposal_for",
    "read_own",
    "refusal_of_name",
    "rule_set",
    "rule_verdicts",
    "run_length_of",
    "stations_of",
    "unmapped_visible_to",
    "valid_until",
    "warnings_of",
    "within",
    "written_own",
]
