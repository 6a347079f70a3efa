"""Who works in the tests of the seal, and how all of it is sealed."""

from __future__ import annotations

from qms.core.actor import system
from qms.core.seal.sealer import Sealer

US = system("tests")


def seal_all(sealer: Sealer) -> int:
    """Seal until nothing is left, and put the checkpoints outside; returns how many rows."""
    rows = 0
    while sealed := sealer.seal():
        rows += sealed
    while sealer.shelve():
        pass
    return rows
