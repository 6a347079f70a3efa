"""Shared settings of the statistics tests: no database, modest example counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("spc", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("spc")


@pytest.fixture(autouse=True)
def same_chance(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same random numbers for a test, whichever ran before it."""
    if hasattr(request.module, "RNG"):
        monkeypatch.setattr(request.module, "RNG", np.random.default_rng(40))
