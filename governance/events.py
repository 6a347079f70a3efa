"""What master data tells the rooms above it."""

from __future__ import annotations

from dataclasses import dataclass

from qms.core.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class TopicMapped(DomainEvent):
    """A topic that was only heard so far now belongs to a parameter."""

    topic: str
    parameter: int
    path: str
    site: int


@dataclass(frozen=True, kw_only=True)
class CharacteristicChanged(DomainEvent):
    """The chart, size, rules or limits of specification of a characteristic changed."""

    characteristic: int
    site: int
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class JudgedTogether(DomainEvent):
    """Several characteristics are judged as one vector from now on, or others than before."""

    characteristic: int
    site: int


@dataclass(frozen=True, kw_only=True)
class GageCalibrated(DomainEvent):
    """A gage was calibrated: passed, adjusted or failed."""

    gage: int
    code: str
    site: int
    result: str
