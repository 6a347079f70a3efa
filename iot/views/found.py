"""Find what an address names, in the scope of who asks."""

from __future__ import annotations

from governance.models import Characteristic
from governance.queries import characteristics_visible_to
from iot.models import Signal
from iot.queries import signals_visible_to
from qms.core.actor import Actor
from qms.web.pages import found_or_404


def characteristic_or_404(pk: int, actor: Actor) -> Characteristic:
    """The characteristic, if the actor may see it."""
    return found_or_404(characteristics_visible_to(actor), pk, "characteristic")


def signal_or_404(pk: int, actor: Actor) -> Signal:
    """The signal, if the actor may see it."""
    return found_or_404(signals_visible_to(actor), pk, "signal")
