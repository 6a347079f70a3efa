"""What a view asks of the policy: every action of every view names its row, a missing name means no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission

from qms.core.actor import ANONYMOUS, Actor

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

OPEN_DOORS = ("public", "signed-in")


def declared(view: type, name: str, action: str) -> Any:
    """What a view class or its nearest base says about an action in the table `name`; None when nobody does.

    A table is a mapping by action (`list`, `create`, `advance`, ... or a method in capitals) or one value for all.
    """
    for base in view.__mro__:
        table = base.__dict__.get(name)
        if isinstance(table, Mapping):
            if action in table:
                return table[action]
        elif table is not None:
            return table
    return None


def action_for(view: type, action: str) -> str | None:
    """The policy action a view's action needs; `{noun}` stands for the noun of its model."""
    wanted: str | None = declared(view, "policy", action)
    return wanted.format(noun=view.model.NOUN) if wanted and "{noun}" in wanted else wanted  # type: ignore[attr-defined]  # record views alone use the placeholder


class PolicyPermission(BasePermission):
    """Lets a request in when the actor may take the declared action somewhere; services check the very place."""

    message = "Your roles do not include this. An administrator of the site can grant it under Settings, People."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the declared action is allowed at any site."""
        name: str | None = getattr(view, "action", request.method)
        actor: Actor = getattr(request, "actor", ANONYMOUS)
        if name is None:  # the address does not take this method: 405, which only those signed in may learn
            return actor is not ANONYMOUS
        wanted = action_for(type(view), name)
        if wanted == "public":
            return True
        if wanted is None or actor is ANONYMOUS:
            return False
        if wanted == "signed-in" or actor.can(wanted):
            return True
        self.message = (
            f"This needs the right “{wanted}”. An administrator of the site can grant it under Settings, People."
        )
        return False
