"""Reads of master data, always scoped to the actor."""

from __future__ import annotations

from governance.queries.designs import NAMES as DESIGN_NAMES
from governance.queries.designs import Design, design_of, kept_design, run_length_of
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
)
from governance.queries.naming import refusal_of_name, rule_verdicts
from governance.queries.proposals import Ground, Proposal, ground, proposal_for
from governance.queries.rulesets import MOST_OWN, OWN_BIT, own_as_data, price_of, read_own, rule_set, written_own

__all__ = [
    "DESIGN_NAMES",
    "MOST_OWN",
    "OWN_BIT",
    "Design",
    "Ground",
    "Proposal",
    "characteristics_visible_to",
    "design_of",
    "equipment_tree",
    "equipment_visible_to",
    "ground",
    "kept_design",
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
    "written_own",
]
