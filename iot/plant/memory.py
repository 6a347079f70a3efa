"""What the simulated plant remembers between runs: its boot number and messages the broker had not taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from iot.plant.wire import Message


@dataclass(frozen=True)
class Memory:
    """The file the plant remembers in."""

    path: Path

    def boot(self) -> tuple[int, list[Message]]:
        """The number of this start, one more than the last, and the messages left over; noted before it returns.

        A file that cannot be read counts as a first start from the clock, so that numbers still rise.
        """
        last, unsent = self._read()
        self._write(last + 1, [])
        return last + 1, unsent

    def keep(self, boot: int, unsent: list[Message]) -> None:
        """Note the messages the broker had not taken when this start ended."""
        self._write(boot, unsent)

    def _read(self) -> tuple[int, list[Message]]:
        if not self.path.exists():
            return 0, []
        try:
            noted = json.loads(self.path.read_text())
            return int(noted["boot"]), [Message(topic, payload.encode()) for topic, payload in noted["unsent"]]
        except (ValueError, KeyError, TypeError, AttributeError):
            return int(self.path.stat().st_mtime), []

    def _write(self, boot: int, unsent: list[Message]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        noted = {"boot": boot, "unsent": [(message.topic, message.payload.decode()) for message in unsent]}
        draft.write_text(json.dumps(noted))
        draft.replace(self.path)
