"""Worked numbers of the formulas page: published or hand-checkable inputs, answered by the code itself."""

from __future__ import annotations

from spc.worked.basics import BASICS, Worked
from spc.worked.charts import CHARTS
from spc.worked.studies import STUDIES

__all__ = ["WORKED", "Worked"]
WORKED: dict[str, Worked] = {**BASICS, **CHARTS, **STUDIES}
