"""Shared settings of the statistics tests: no database, modest example counts."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("spc", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("spc")
