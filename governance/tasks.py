"""Repeated work of master data: ask for calibrations before they are due."""

from __future__ import annotations

from governance.services import tend_gages
from qms.core.actor import system
from qms.core.clock import every


@every(3600)
def ask_for_calibrations() -> int:
    """Ask for what is due soon or overdue; returns how many calibrations were asked for."""
    return tend_gages(by=system("calibration"))
