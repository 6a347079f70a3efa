"""Evidence: data frozen as they stood when they were used, with a digest that proves it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from qms.core.actor import Actor
from qms.core.errors import Invalid
from qms.core.models import FrozenEvidence, Record
from qms.core.signing import digest_of
from qms.core.trail import acting

EXACT = 1e16  # from here on a float prints with an exponent, which the database gives back as a whole number


def freeze(
    record: Record, *, kind: str, title: str, data: Mapping[str, Any], by: Actor, svg: str = "", source_url: str = ""
) -> FrozenEvidence:
    """Keep data (and their drawing) with a record for good. Raises Denied, or Invalid for values JSON cannot hold."""
    by.require("evidence.freeze", record)
    plain = _plain(data)
    with acting(by):
        return FrozenEvidence.objects.create(
            record_id=record.pk,
            kind=kind,
            title=title[:200],
            data=plain,
            svg=svg,
            source_url=source_url[:300],
            digest=_digest(kind, title[:200], plain, svg, source_url[:300]),
            frozen_by=by.name,
        )


def intact(evidence: FrozenEvidence) -> bool:
    """Whether what is stored is still what was frozen."""
    stored = _digest(evidence.kind, evidence.title, evidence.data, evidence.svg, evidence.source_url)
    return stored == evidence.digest


def canonical(data: Any) -> str:
    """The one JSON text of some data: sorted keys, no spaces, letters as they are."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _digest(kind: str, title: str, data: Any, svg: str, source_url: str) -> str:
    return digest_of(canonical({"kind": kind, "title": title, "data": data, "svg": svg, "source_url": source_url}))


def _plain(data: Mapping[str, Any]) -> Any:
    """Data as the database will give them back, so that the digest can be checked later."""
    try:
        text = json.dumps(data, cls=DjangoJSONEncoder, allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise Invalid(
            {"data": [f"This cannot be frozen: {problem}. Leave missing values out or use null."]}
        ) from problem
    if "\\u0000" in text:
        raise Invalid({"data": ["This cannot be frozen: a text holds a zero byte. Remove it."]})
    return json.loads(text, parse_float=_number)


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) >= EXACT else value + 0.0  # no negative zero there either
