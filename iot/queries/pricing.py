"""What a set of rules costs: how often it calls a process out of control that is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from governance.models import Characteristic
from governance.queries import design_of, run_length_of
from iot.charting.plan import REMEMBERED, mark_of
from iot.queries.charts import rules_of
from spc.rules import Rule
from spc.run_length import in_control


def run_length(rules: Sequence[str | Rule]) -> float:
    """Points between two false alarms of an in-control process; each set is computed once."""
    return in_control(["nelson_1" if rule is REMEMBERED else rule for rule in rules]).points


def price_of_chart(characteristic: Characteristic, rules: Sequence[Rule]) -> float:
    """Points between two false alarms of a chart: by its design where it has a memory, else by its rules."""
    design = design_of(characteristic.chart, characteristic.design)
    known = run_length_of(design) if design else None
    return run_length(rules) if known is None else known


def rules_json(characteristic: Characteristic) -> dict[str, Any]:
    """What judges a characteristic and what it costs; null where no false alarm is to be expected."""
    rules = rules_of(characteristic)
    price = price_of_chart(characteristic, rules)
    found = [{"name": one.name, "mark": mark_of(one), "words": one.words, "means": one.means} for one in rules]
    return {"rules": found, "in_control_run_length": price if math.isfinite(price) else None}
