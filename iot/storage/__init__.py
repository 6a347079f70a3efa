"""What becomes of readings with time: closed days are packed, old ones dropped when a policy says so."""

from __future__ import annotations
