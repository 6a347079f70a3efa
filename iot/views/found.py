"""Find what an address names, in the scope of who asks."""

from __future__ import annotations

from django.http import Http404

from governance.models import Characteristic
from governance.queries import characteristics_visible_to
from iot.models import Signal
from iot.queries import signals_visible_to
from qms.core.actor import Actor


def characteristic_or_404(pk: int, actor: Actor) -> Characteristic:
    """The characteristic, if the actor may see it."""
    row = characteristics_visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such characteristic that you may see.")
    return row


def signal_or_404(pk: int, actor: Actor) -> Signal:
    """The signal, if the actor may see it."""
    row = signals_visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such signal that you may see.")
    return row
