"""Everything that reads in this room; always within what the actor may see."""

from __future__ import annotations

from capa.queries.actions import actions_of
from capa.queries.catalogue import (
    defect_code_at,
    defect_codes_visible_to,
    escalation_rules_visible_to,
    sites_with_limits,
)
from capa.queries.causes import Branch, Node, cause_tree, drawn
from capa.queries.disciplines import Discipline, disciplines
from capa.queries.effect import EffectCard, effect_cards
from capa.queries.lists import (
    Bar,
    capas_of,
    corrective_totals,
    currency_at,
    currency_of,
    nonconformities_of,
    pareto_of,
    spent_on,
    weights_of,
)
from capa.queries.similar import Similar, similar_to
from capa.queries.stages import stage_chart

__all__ = [
    "Bar",
    "Branch",
    "Discipline",
    "EffectCard",
    "Node",
    "Similar",
    "actions_of",
    "capas_of",
    "cause_tree",
    "corrective_totals",
    "currency_at",
    "currency_of",
    "defect_code_at",
    "defect_codes_visible_to",
    "disciplines",
    "drawn",
    "effect_cards",
    "escalation_rules_visible_to",
    "nonconformities_of",
    "pareto_of",
    "similar_to",
    "sites_with_limits",
    "spent_on",
    "stage_chart",
    "weights_of",
]
