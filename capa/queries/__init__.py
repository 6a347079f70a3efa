"""Everything that reads in this room; always within what the actor may see."""

from __future__ import annotations

from capa.queries.effect import EffectCard, StageChart, effect_cards, stage_charts
from capa.queries.lists import Bar, capas_of, corrective_totals, nonconformities_of, pareto_of
from capa.queries.similar import similar_to

__all__ = [
    "Bar",
    "EffectCard",
    "StageChart",
    "capas_of",
    "corrective_totals",
    "effect_cards",
    "nonconformities_of",
    "pareto_of",
    "similar_to",
    "stage_charts",
]
