"""Reads of master data, always scoped to the actor."""

from __future__ import annotations

from governance.queries.designs import design_of, run_length_of
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

__all__ = [
    "Behind",
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
    "know_doubts",
    "know_studies",
    "number_rules_visible_to",
    "parameters_visible_to",
    "parts_visible_to",
    "processes_visible_to",
    "proposal_for",
    "refusal_of_name",
    "rule_verdicts",
    "run_length_of",
    "stations_of",
    "unmapped_visible_to",
    "valid_until",
    "warnings_of",
    "within",
]
