"""Reads of the floor, always scoped to the actor."""

from __future__ import annotations

from iot.queries.access import broker_grants, first_message, topics_of
from iot.queries.capability import CapabilityCard, capability_of, histogram_of
from iot.queries.charts import (
    chart_asked,
    chart_data,
    chart_json,
    learning_of,
    newest_point,
    rules_of,
)
from iot.queries.doubts import doubt_of
from iot.queries.fitting import Fit, fit_of
from iot.queries.gaps import gaps_of, gaps_on, gaps_visible_to
from iot.queries.joint import Variable, gaps_visible, variables_at, variables_json
from iot.queries.lists import (
    annotations_visible_to,
    corrections_visible_to,
    devices_visible_to,
    exclusions_visible_to,
    has_readings,
    ingest_accounts,
    ingest_health,
    limits_visible_to,
    open_signals_by_characteristic,
    present_points,
    quarantine_visible_to,
    readings_of,
    readings_visible_to,
    refused_below,
    runs_visible_to,
    signals_visible_to,
)
from iot.queries.moved import Before, Moved, what_moved
from iot.queries.nodes import is_cut_off, metrics_of, nodes_visible_to
from iot.queries.overview import Band, Cell, Overview, plant_overview
from iot.queries.pricing import price_of_chart, rules_json, run_length
from iot.queries.profiles import Trial, profiles_visible_to, try_out, waiting_for
from iot.queries.readings import ReadingsChart, readings_chart, readings_json
from iot.queries.retention import (
    NextRun,
    next_run,
    next_run_json,
    retention_classes,
    retention_of_parameters,
    retention_runs,
)
from iot.queries.series import points_between, signals_between, values_between
from iot.queries.shift import Shift, shift_of
from iot.queries.sources import accounts_of, sources_visible_to
from iot.queries.spans import SPANS, span_asked
from iot.queries.stages import StageRow, compare_stages
from iot.queries.standing import Standing
from iot.queries.strata import BY, Split, Stratum, stratify
from iot.queries.telling import place_of, value_of

__all__ = [
    "BY",
    "SPANS",
    "Band",
    "Before",
    "CapabilityCard",
    "Cell",
    "Fit",
    "Moved",
    "NextRun",
    "Overview",
    "ReadingsChart",
    "Shift",
    "Split",
    "StageRow",
    "Standing",
    "Stratum",
    "Trial",
    "Variable",
    "accounts_of",
    "annotations_visible_to",
    "broker_grants",
    "capability_of",
    "chart_asked",
    "chart_data",
    "chart_json",
    "compare_stages",
    "corrections_visible_to",
    "devices_visible_to",
    "doubt_of",
    "exclusions_visible_to",
    "first_message",
    "fit_of",
    "gaps_of",
    "gaps_on",
    "gaps_visible",
    "gaps_visible_to",
    "has_readings",
    "histogram_of",
    "ingest_accounts",
    "ingest_health",
    "is_cut_off",
    "learning_of",
    "limits_visible_to",
    "metrics_of",
    "newest_point",
    "next_run",
    "next_run_json",
    "nodes_visible_to",
    "open_signals_by_characteristic",
    "place_of",
    "plant_overview",
    "points_between",
    "present_points",
    "price_of_chart",
    "profiles_visible_to",
    "quarantine_visible_to",
    "readings_chart",
    "readings_json",
    "readings_of",
    "readings_visible_to",
    "refused_below",
    "retention_classes",
    "retention_of_parameters",
    "retention_runs",
    "rules_json",
    "rules_of",
    "run_length",
    "runs_visible_to",
    "shift_of",
    "signals_between",
    "signals_visible_to",
    "sources_visible_to",
    "span_asked",
    "stratify",
    "topics_of",
    "try_out",
    "value_of",
    "values_between",
    "variables_at",
    "variables_json",
    "waiting_for",
    "what_moved",
]
