"""Results as plain JSON: lists and numbers, absent values as null, never NaN or infinity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from spc.values import BadInput, Floats

Case: TypeAlias = Mapping[str, Any]
Result: TypeAlias = dict[str, Any]


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    """The value as JSON types; NaN and infinity become None."""
    if type(value) is float:  # most of what there is: first, for the sake of long series
        return value if math.isfinite(value) else None
    if value is None or type(value) in (int, str, bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        gaps = value.dtype.kind == "f" and not np.isfinite(value).all()
        if gaps:
            value = value.astype(object)
            value[~np.isfinite(value.astype(np.float64))] = None
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return list(value) if _is_plain(value) else [plain(entry) for entry in value]
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return plain(value.item())
    if is_dataclass(value) and not isinstance(value, type):
        return fields(value)
    return value


def _is_plain(values: Sequence[Any]) -> bool:
    """Whether a row holds nothing but JSON values: long ones are told at once."""
    kinds = set(map(type, values))
    if kinds == {list}:
        return _is_plain(list(chain.from_iterable(values)))
    if float in kinds and kinds <= {float, type(None)}:
        return all(map(math.isfinite, [value for value in values if value is not None]))
    return kinds <= {int, str, bool, type(None)}


def fields(value: Any) -> Result:
    """A frozen result, field by field, as JSON types; results within become objects too."""
    return {name: plain(entry) for name, entry in vars(value).items()}


def level(values: Floats | None) -> Any:
    """One number when a line is level over all points where it exists, else a list with None for gaps."""
    if values is None or not len(values):
        return None
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    return float(known[0]) if (known == known[0]).all() else plain(values)


def section(case: Case, name: str) -> Mapping[str, Any]:
    """The input or options of a case. Raises BadInput when it is something else than an object."""
    value = case.get(name) or {}
    if not isinstance(value, Mapping):
        raise BadInput(f"{name} must be an object with named fields.")
    return value


def needed(data: Mapping[str, Any], name: str) -> Any:
    """A field that must be there. Raises BadInput."""
    if data.get(name) is None:
        raise BadInput(f"input needs {name!r}.")
    return data[name]


def figure(data: Mapping[str, Any], name: str, default: float | None = None) -> float | None:
    """A number of the options, or the default. Raises BadInput for text."""
    value = data.get(name, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(f"option {name} is {value!r}, not a number.")
    return float(value)


def given(data: Mapping[str, Any], name: str, default: float) -> float:
    """A number of the options, or the default where it is not given; 0 is a number. Raises BadInput for text."""
    value = figure(data, name, default)
    return default if value is None else value


def whole(data: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number of the options, or the default. Raises BadInput for text and for fractions."""
    value = given(data, name, default)
    if value != int(value):
        raise BadInput(f"option {name} is {value:g}, not a whole number.")
    return int(value)


def numbers_of(data: Mapping[str, Any], name: str) -> tuple[int, ...]:
    """Point numbers of the options, empty when not given. Raises BadInput for anything but whole numbers."""
    value = data.get(name) or ()
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(type(v) is int for v in value):
        raise BadInput(f"option {name} must be a list of point numbers.")
    return tuple(value)
