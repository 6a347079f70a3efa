"""What random walks check at every turn: typed refusals with a reason, a trail row a change, signatures that hold."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.db import connection

from qms.core.errors import Denied, Invalid, Refused
from qms.core.models import Record
from qms.core.signing import digest_of, manifest

WALKS = int(os.environ.get("QMS_WALKS", "100"))  # percent of the many random walks that are walked
REFUSALS = (Refused, Denied, Invalid)


def standing(record: Record) -> tuple[int, int]:
    """How many rows the trail has of a record, and its version."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from core_trail where record = r.id), version from core_record r where id = %s",
            [record.pk],
        )
        rows, version = cursor.fetchone()
        return int(rows), int(version)


def attempt(record: Record, act: Callable[[], object]) -> bool:
    """Try a deed: refused, it says why and nothing is written; done, a changed record left its rows in the trail."""
    rows, version = standing(record)
    said = ""
    try:
        act()
    except REFUSALS as refusal:
        said = str(refusal).strip() or "no reason given"
    now = standing(record)
    if said:
        assert said != "no reason given"
        assert now == (rows, version)
    elif now[1] != version:
        assert now[0] > rows
    return not said


def signatures_hold(record: Record) -> None:
    """Whatever was signed and has changed since carries no valid signature."""
    for signature in record.signatures.filter(void=None):
        assert signature.digest == digest_of(manifest(record, signature.section)), signature.meaning
