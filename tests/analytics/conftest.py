"""Data people bring, and an analysis of them."""

from __future__ import annotations

import pytest

from analytics import services, tables
from analytics.examples import EXAMPLES


@pytest.fixture
def shafts():
    """28 shaft diameters, the last ones drifting."""
    return tables.read_text(EXAMPLES["grinding"].text)


@pytest.fixture
def analysis(shafts, site, engineer):
    """A saved chart of the shafts."""
    answer = services.analyse(shafts, study="readings")
    return services.open_analysis(title="Shafts", site=site, table=shafts, answer=answer, by=engineer)


@pytest.fixture
def draft(shafts, site, engineer):
    """The same, not yet locked."""
    answer = services.analyse(shafts, study="readings")
    return services.open_analysis(title="Shafts", site=site, table=shafts, answer=answer, by=engineer, save=False)
