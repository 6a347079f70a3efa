"""Writes of the floor: limits, decisions about signals, evidence, devices, quarantine, partitions."""

from __future__ import annotations

from iot.services.annotations import annotate, exclude_points, lift_exclusion, remove_annotation
from iot.services.broker_access import write_broker_access
from iot.services.corrections import decide_correction
from iot.services.devices import add_device, edit_device, issue_credential, revoke_credential
from iot.services.evidence import freeze_chart
from iot.services.limits import judge_since, propose_limits, supersede_older, withdraw_limits
from iot.services.profiles import add_profile, edit_profile, replay_for
from iot.services.quarantine import discard, replay
from iot.services.readings import make_partitions, take_readings
from iot.services.retention import add_retention_class, drop_expired, edit_retention_class, set_retention
from iot.services.runs import begin_run, remove_run
from iot.services.signals import acknowledge_signal, convert_signal

__all__ = [
    "acknowledge_signal",
    "add_device",
    "add_profile",
    "add_retention_class",
    "annotate",
    "begin_run",
    "convert_signal",
    "decide_correction",
    "discard",
    "drop_expired",
    "edit_device",
    "edit_profile",
    "edit_retention_class",
    "exclude_points",
    "freeze_chart",
    "issue_credential",
    "judge_since",
    "lift_exclusion",
    "make_partitions",
    "propose_limits",
    "remove_annotation",
    "remove_run",
    "replay",
    "replay_for",
    "revoke_credential",
    "set_retention",
    "supersede_older",
    "take_readings",
    "withdraw_limits",
    "write_broker_access",
]
