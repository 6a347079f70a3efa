"""What a process has loaded stays out of its garbage collections."""

from __future__ import annotations

import gc

OFTEN, SELDOM, RARELY = 20_000, 20, 100


def keep_what_is_loaded() -> None:
    """Call it when everything is imported: no collection looks at it any more, and the young are looked at less often.

    A collection of everything that was ever imported takes longer than a request or a test does.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN, SELDOM, RARELY)
