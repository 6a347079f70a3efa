"""JSON as it comes in: what could not be kept, or means two things, is refused before any endpoint sees it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from qms.core.storable import storable

DEEPEST = 32  # levels of lists and objects in one another
_DEEP = f"The lists and objects lie deeper in one another than {DEEPEST} levels. Send them flatter."


class StorableJson(JSONParser):
    """JSON in UTF-8 with plain texts, finite numbers, each name once, and no endless nesting."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value sent; raises ParseError with the reason."""
        try:
            sent = json.loads(
                stream.read().decode("utf-8-sig"),
                parse_float=_finite, parse_constant=_finite, object_pairs_hook=_each_once,
            )  # fmt: skip
        except RecursionError:
            raise ParseError(_DEEP) from None
        except UnicodeDecodeError as problem:
            raise ParseError(f"Byte {problem.start} is no UTF-8 text. Send JSON in UTF-8.") from None
        except ValueError as problem:
            raise ParseError(f"This is no JSON that can be taken: {problem}") from None
        _check(sent)
        return sent


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number.")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice[:40]}” stands twice in one object. Send it once.")
    return found


def _check(sent: Any) -> None:
    """Every text storable, no level too deep; without recursion."""
    left: list[tuple[Any, int]] = [(sent, 0)]
    while left:
        value, depth = left.pop()
        if isinstance(value, str):
            if not storable(value):
                raise ParseError("A text holds a sign that is no text (such as NUL). Send it without.")
        elif isinstance(value, dict | list):
            if depth == DEEPEST:
                raise ParseError(_DEEP)
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            left += [(one, depth + 1) for one in inner]
