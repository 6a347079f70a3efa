"""Everything that reads in this room; always within what the actor may see."""

from __future__ import annotations

from capa.queries.disciplines import Discipline, disciplines
from capa.queries.effect import EffectCard, effect_cards
from capa.queries.lists import Bar, capas_of, corrective_totals, nonconformities_of, pareto_of, weights_of
from capa.queries.similar import Similar, similar_to
from capa.queries.stages import stage_chart

__all__ = [
    "Bar",
    "Discipline",
    "EffectCard",
    "Similar",
    "capas_of",
    "corrective_totals",
    "disciplines",
    "effect_cards",
    "nonconformities_of",
    "pareto_of",
    "similar_to",
    "stage_chart",
    "weights_of",
]
