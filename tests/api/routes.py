"""Every door of the URL configuration, with the method, the action and the declared right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from qms.core.rest.permissions import action_for

OTHERS = ("django.", "drf_spectacular.", "whitenoise.")
VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Door:
    """One address and method."""

    path: str
    method: str
    view: Any
    action: str
    wanted: str | None

    def at(self, pk: int) -> str:
        """The address with an id in it."""
        return self.path.replace("<pk>", str(pk))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors(prefix: str = "") -> list[Door]:
    """All doors below a prefix."""
    return [door for door in _doors_of_all() if door.path.startswith(prefix)]


@cache
def _doors_of_all() -> tuple[Door, ...]:
    return tuple(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list[Any], path: str) -> Iterator[Door]:
    for pattern in patterns:
        here = path + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield from _doors(here, pattern.callback)


def _plain(pattern: str) -> str:
    pattern = re.sub(r"\(\?P<\w+>\[0-9\]\+\)", "<pk>", pattern)  # rows below a row are asked for by the same id
    return pattern.replace("^", "").removesuffix("$").replace("\\Z", "")


def _doors(path: str, callback: Any) -> Iterator[Door]:
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if actions := getattr(callback, "actions", None):
        for method, action in actions.items():
            if method != "head":  # the framework adds it to every read
                yield Door(path, method.upper(), view, action, action_for(view, action))
    elif view is not None:
        for verb in VERBS:
            if hasattr(view, verb):
                yield Door(path, verb.upper(), view, verb.upper(), _of_page(view, verb.upper()))
    elif not callback.__module__.startswith(OTHERS):
        yield Door(path, "GET", callback, "GET", getattr(callback, "policy", None))


def _of_page(view: Any, method: str) -> str | None:
    policy = getattr(view, "policy", None)
    return policy.get(method) if isinstance(policy, Mapping) else policy
