"""The account of each device, kept in the transaction of its readings: received = stored + duplicates + ... + dead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from iot.ingest.catalogue import Catalogue
from iot.ingest.intake import Heard

_COUNT = """
insert into iot_sourcecount as c (device_id, day, received, stored, duplicate, correction, dead, lag_ms)
select d, %s, r, s, u, k, e, l
from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::float8[])
  x(d, r, s, u, k, e, l) order by d
on conflict (device_id, day) do update set received = c.received + excluded.received,
  stored = c.stored + excluded.stored, duplicate = c.duplicate + excluded.duplicate,
  correction = c.correction + excluded.correction, dead = c.dead + excluded.dead,
  lag_ms = coalesce(excluded.lag_ms, c.lag_ms)
"""
_Parameters = Sequence[int] | NDArray[np.integer]


class _Owners(dict[int, int]):
    """Which device the readings of a parameter come from: the one with the longest prefix of its path."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        for path, known in catalogue.parameters.items():
            if device := catalogue.device(path):
                self[known.id] = device[0]


def _owners_of(catalogue: Catalogue) -> _Owners:
    """Made once for a catalogue."""
    found: _Owners | None = catalogue.__dict__.get("_owners")
    if found is None:
        found = catalogue.__dict__["_owners"] = _Owners(catalogue)
    return found


def note_sources(
    heard: Mapping[int, Heard], catalogue: Catalogue, *, stored: _Parameters, duplicate: _Parameters,
    correction: _Parameters, refused: _Parameters, now: datetime,
) -> None:  # fmt: skip
    """Add a batch to the accounts of the devices heard in it.

    In: what came in by device, and the parameter id of each reading by what became of it. What a device sent and what
    became of it are counted apart, so that a difference shows.
    """
    if not heard:
        return
    owners = _owners_of(catalogue)
    became = [_by_device(rows, owners) for rows in (stored, duplicate, correction, refused)]
    devices = sorted(heard)
    columns = [[one[device] for device in devices] for one in became]
    dead = [heard[device].errors + late for device, late in zip(devices, columns[3], strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            [now.date(), devices, [heard[device].readings for device in devices], *columns[:3], dead,
             [heard[device].delay for device in devices]],
        )  # fmt: skip


def _by_device(parameters: _Parameters, owners: Mapping[int, int]) -> Counter[int]:
    found = Counter[int]()
    if len(parameters):
        ids, counts = np.unique(np.asarray(parameters, dtype=np.int64), return_counts=True)
        for parameter, count in zip(ids.tolist(), counts.tolist(), strict=True):
            if device := owners.get(parameter):
                found[device] += count
    return found
