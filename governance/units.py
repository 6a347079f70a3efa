"""Units: what a unit's text means, and how a value gets from one unit into another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import pint

# Unit text comes from the floor, and the library evaluates it as an expression: only products and quotients
# of names with one-digit powers may reach it.
_POWER = r"(?:(?:\^|\*\*)?-?[1-4]|[²³])?"
_TERM = rf"(?:1|[A-Za-zµμΩÅ°%]+{_POWER})"
_TEXT = re.compile(rf"{_TERM}(?:\s*[·*/ ]\s*{_TERM})*\Z")
_LONGEST = 24

# Spellings of the shop floor that the library reads as something else or not at all.
_SPELLINGS = {
    "Nm": "N*m",
    "°": "degree",
    "rpm": "revolution/minute",
    "1": "",
    "pcs": "count",
    "pc": "count",
    "dpu": "count",
}


@dataclass(frozen=True)
class Conversion:
    """value in the canonical unit = factor * value + offset; `refusal` says why there is none."""

    factor: float = 1.0
    offset: float = 0.0
    reason: str = ""
    refusal: str = ""


class BadUnit(ValueError):
    """A unit text that names no unit; the message says what to do."""


@cache
def _registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)


def _parse(text: str) -> pint.Unit:
    plain = _SPELLINGS.get(text, text).replace("·", "*").replace("^", "**").replace("μ", "µ")
    if plain and (len(plain) > _LONGEST or not _TEXT.match(plain)):
        raise BadUnit(f"{text[:_LONGEST]!r} is not a unit. Write it like mm, kN, °C, m/s or g/cm³.")
    try:
        return _registry().parse_units(plain)
    except Exception as problem:  # the library raises a dozen kinds, its tokenizer's among them
        raise BadUnit(f"{text!r} is not a known unit. Write it like mm, kN, °C, m/s or g/cm³.") from problem


# what a library or a controller calls a unit, and how it is written for people
_WRITTEN = {
    "degC": "°C",
    "degF": "°F",
    "deg": "°",
    "degree": "°",
    "um": "µm",
    "μm": "µm",
    "Nm": "N·m",
    "N*m": "N·m",
    "Ohm": "Ω",
}


def written(text: str) -> str:
    """A unit's text as people write it; texts nobody writes differently stay as they are."""
    return _WRITTEN.get(text.strip(), text.strip())


@lru_cache(maxsize=2048)
def refusal_of(text: str) -> str:
    """Why a text is not a unit; empty when it is one."""
    try:
        _parse(text.strip())
    except BadUnit as problem:
        return str(problem)
    return ""


@lru_cache(maxsize=4096)
def conversion(heard: str, canonical: str) -> Conversion:
    """How values in the unit heard become values in the canonical one; never raises, see `refusal`."""
    heard, canonical = heard.strip(), canonical.strip()
    if heard == canonical:
        return Conversion()
    try:
        source, target = _parse(heard), _parse(canonical)
    except BadUnit as problem:
        return Conversion(reason="unit.unknown", refusal=str(problem))
    if source == target:
        return Conversion()
    if not source.is_compatible_with(target):
        return Conversion(
            reason="unit.incompatible",
            refusal=f"{heard or 'no unit'} cannot be converted to {canonical or 'a plain number'}.",
        )
    quantity = _registry().Quantity
    zero, one = (float(quantity(x, source).to(target).magnitude) for x in (0.0, 1.0))
    # an offset leaves rounding noise in the difference: 1.8 comes back as 1.7999999999999972
    return (
        Conversion(factor=float(f"{one - zero:.12g}"), offset=float(f"{zero:.12g}")) if zero else Conversion(factor=one)
    )
