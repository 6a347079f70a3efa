"""The simulated plant: processes, their incidents and the MQTT device that speaks for them."""

from __future__ import annotations
