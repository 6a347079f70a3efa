"""Take back what was entered wrongly into the lane under a chart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from iot.models import Annotation, ProductionRun
from qms.core.actor import Actor
from qms.core.errors import Refused, because
from qms.core.trail import acting


@contextmanager
def removing(row: Annotation | ProductionRun, what: str, *, reason: str, by: Actor) -> Iterator[None]:
    """The row goes, and what follows from that is done in the same act; the row and the reason stay in the trail.

    Raises Denied, Invalid without a reason, Refused when it is gone already.
    """
    by.require("signal.annotate", row.characteristic.site_id)
    reason = because(reason, f"Say why this {what} is taken out.")
    with acting(by, reason=reason):
        gone, _ = type(row)._default_manager.filter(pk=row.pk).delete()
        if not gone:
            raise Refused(f"This {what} is gone already.")
        yield
