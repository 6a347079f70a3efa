"""What the floor tells the rooms above it."""

from __future__ import annotations

from dataclasses import dataclass

from qms.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SignalRaised(DomainEvent):
    """A rule of a control chart was broken; further violations of the same event raise nothing new."""

    signal: int
    characteristic: int
    site: int
    rule: str
    words: str
    value: float
    at: str


@dataclass(frozen=True, kw_only=True)
class SignalDecided(DomainEvent):
    """A person gave the cause of a signal, excluded its points or opened a record for it."""

    signal: int
    characteristic: int
    site: int
    state: str


@dataclass(frozen=True, kw_only=True)
class ChartLearned(DomainEvent):
    """A chart without limits has enough points to estimate them from."""

    characteristic: int
    site: int


@dataclass(frozen=True, kw_only=True)
class DeviceAccessChanged(DomainEvent):
    """Who may sign in to the broker, or what a device may publish there, is no longer what it was."""

    device: int
    site: int
