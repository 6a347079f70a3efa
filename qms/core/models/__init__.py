"""The kernel's tables."""

from __future__ import annotations

from qms.core.models.around import Attachment, Blob, Comment, FrozenEvidence, Link, Notice, SavedView, Task, Watch
from qms.core.models.deadlines import ClockMark, Extension
from qms.core.models.people import Holiday, Membership, Site, Token, User
from qms.core.models.queue import Delivery, Event, Heartbeat, IdempotencyKey, Job, JobPart
from qms.core.models.record import FlowState, Record, SearchEntry, Series
from qms.core.models.seal import Checkpoint, TrailLeaf, TrailNode
from qms.core.models.signing import Signature, SignatureVoid, SigningAttempt
from qms.core.models.trail import Trail

__all__ = [
    "Attachment",
    "Blob",
    "Checkpoint",
    "ClockMark",
    "Comment",
    "Delivery",
    "Event",
    "Extension",
    "FlowState",
    "FrozenEvidence",
    "Heartbeat",
    "Holiday",
    "IdempotencyKey",
    "Job",
    "JobPart",
    "Link",
    "Membership",
    "Notice",
    "Record",
    "SavedView",
    "SearchEntry",
    "Series",
    "Signature",
    "SignatureVoid",
    "SigningAttempt",
    "Site",
    "Task",
    "Token",
    "Trail",
    "TrailLeaf",
    "TrailNode",
    "User",
    "Watch",
]
