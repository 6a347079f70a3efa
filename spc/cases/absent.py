"""Every figure that is absent says why: the reason of what it rests on stands under its own name too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spc.cases.plain import Result

_BASES = ("sigma", "center", "ucl", "sigma_z", "kappa", "violations")
_UNKNOWN = "The data give no value for it: there are too few of them, or they do not vary."


def explained(result: Result) -> Result:
    """The same result, its reasons completed: they name every figure that is None by its path ("anova.ndc").

    In: a result as plain JSON values; a part with reasons of its own is completed by them. Out: the result: an absent
    figure has its own reason, else that of the part it belongs to, else that of what limits rest on.
    Source: definition (absent is null with a reason).
    """
    inner = {name: explained(value) for name, value in result.items() if _told(value)}
    whole = {**result, **inner}
    if inner and not _told(whole):
        return whole
    own = whole.get("reasons") or {}
    beneath = {f"{name}.{path}": why for name, part in inner.items() for path, why in part["reasons"].items()}
    why = {path: _why(path, own, beneath) for path in _absent(whole) if path not in own}
    return {**whole, "reasons": {**own, **why}} if why else whole


def _told(value: Any) -> bool:
    """Whether this is a part with reasons of its own."""
    return isinstance(value, dict) and isinstance(value.get("reasons"), dict)


def _absent(part: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Paths of absent figures."""
    for name, value in part.items():
        if value is None:
            yield path + name
        elif isinstance(value, dict) and name != "reasons":
            yield from _absent(value, f"{path}{name}.")


def _why(path: str, own: Mapping[str, str], beneath: Mapping[str, str]) -> str:
    steps = path.split(".")
    wider = [".".join(steps[:end]) for end in range(len(steps) - 1, 0, -1)]
    places = [(own, name) for name in wider] + [(beneath, path)] + [(own, name) for name in (steps[-1], *_BASES)]
    return next((known[name] for known, name in places if name in known), next(iter(own.values()), _UNKNOWN))
