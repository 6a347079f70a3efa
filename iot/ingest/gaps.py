"""Sequence numbers of devices that count what they send: gaps noted, filled, and asked for again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q

from iot.access import COMMANDS
from iot.ingest.intake import Counted
from iot.ingest.nodes import Command
from iot.models import Device, ReadingGap, SequenceMark

SETTLE = timedelta(seconds=2)  # what only overtook something on its way is no gap
AGAIN = timedelta(minutes=5)  # between two requests for the same readings
MOST_ASKS = 6  # after that the device does not have them any more; a request may be lost on a broken line
MOST_RANGES = 50  # in one request
_FIRST = 0x5E_0001  # the advisory lock of first readings
_FILL = """
update iot_readinggap g set missing = greatest(0, g.last_seq - g.first_seq + 1 - c.n),
  filled_at = case when c.n > g.last_seq - g.first_seq then %s end
from (select g.id, count(distinct r.seq) n from iot_readinggap g cross join lateral
        iot_stored(g.parameter_id::integer, g.since, g.until + interval '1 microsecond') r
      where r.seq between g.first_seq and g.last_seq and g.id = any(%s) group by g.id) c where c.id = g.id
"""


def note_gaps(counted: Sequence[Counted], now: datetime) -> set[int]:
    """Follow the numbers of a batch per parameter; what is missing is kept as a gap, what came after all fills it.

    Readings that were refused count too: they arrived. After a restart of the device its numbers begin anew.
    Returns the parameters of which more or less is missing than before.
    """
    by_parameter: dict[int, list[Counted]] = defaultdict(list)
    for one in counted:
        by_parameter[one.parameter].append(one)
    marks = _hold_marks(by_parameter.keys())
    gaps, behind, moved = [], list[Counted](), []
    for parameter, ones in sorted(by_parameter.items()):
        mark, found, late = _follow(marks.get(parameter), sorted(set(ones), key=lambda one: (one.t, one.seq)), now)
        gaps += found
        behind += late
        moved.append(mark)
    SequenceMark.objects.bulk_create(
        moved,
        update_conflicts=True,
        unique_fields=["parameter"],
        update_fields=["boot", "seq", "t", "first_seq", "first_t"],
    )
    ReadingGap.objects.bulk_create(gaps, ignore_conflicts=True)
    filled = _fill(behind, now) if behind else set()
    return {gap.parameter_id for gap in gaps} | filled


def _hold_marks(parameters: Collection[int]) -> dict[int, SequenceMark]:
    """How far the parameters were counted; held until the batch ends, so that workers count on from each other."""
    wanted = SequenceMark.objects.select_for_update().filter(pk__in=parameters).order_by("pk")
    marks = {row.parameter_id: row for row in wanted}
    if len(marks) < len(parameters):
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_FIRST])  # nobody else makes the same mark meanwhile
        marks = {row.parameter_id: row for row in wanted.all()}
    return marks


def _follow(
    mark: SequenceMark | None, ones: Iterable[Counted], now: datetime
) -> tuple[SequenceMark, list[ReadingGap], list[Counted]]:
    """The new mark of a parameter, the gaps found on the way, and what came out of its order."""
    gaps, behind = [], []
    for one in ones:
        if mark is None or (one.boot[:80] != mark.boot and one.t > mark.t):
            mark = SequenceMark(
                parameter_id=one.parameter, boot=one.boot[:80], seq=one.seq, t=one.t, first_seq=one.seq, first_t=one.t
            )
        elif one.boot[:80] != mark.boot or one.seq <= mark.seq:
            behind.append(one)
        else:
            if one.seq > mark.seq + 1:
                gaps.append(_gap(one, (mark.seq, mark.t), (one.seq, one.t), now))
            mark.seq, mark.t = one.seq, one.t
    if mark is None:
        raise ValueError("There is nothing to follow.")
    return mark, gaps + _gaps_before(mark, behind, now), behind


def _gaps_before(mark: SequenceMark, behind: Iterable[Counted], now: datetime) -> list[ReadingGap]:
    """Gaps before what was heard first: a broker that died hands on in another order, the count began earlier."""
    gaps = []
    before = [one for one in behind if one.boot[:80] == mark.boot and one.seq < mark.first_seq]
    for one in sorted(before, key=lambda one: one.seq, reverse=True):
        if one.seq < mark.first_seq - 1:
            gaps.append(_gap(one, (one.seq, one.t), (mark.first_seq, mark.first_t), now))
        mark.first_seq, mark.first_t = one.seq, one.t
    return gaps


def _gap(of: Counted, last: tuple[int, datetime], following: tuple[int, datetime], now: datetime) -> ReadingGap:
    """What is missing between the numbers and times of two readings."""
    missing = min(following[0] - last[0] - 1, 2_147_483_647)
    return ReadingGap(
        parameter_id=of.parameter, device_id=of.device, boot=of.boot[:80], first_seq=last[0] + 1,
        last_seq=following[0] - 1, missing=missing, since=min(last[1], following[1]), until=max(last[1], following[1]),
        seen_at=now,
    )  # fmt: skip


def _fill(behind: Sequence[Counted], now: datetime) -> set[int]:
    """Count anew what is missing in the gaps that these readings fall into; the parameters of those."""
    open_ones = ReadingGap.objects.filter(
        parameter__in={one.parameter for one in behind}, kind=ReadingGap.Kind.LOST, filled_at=None
    )
    touched = {
        gap.pk: gap.parameter_id
        for gap in open_ones
        if any(
            one.parameter == gap.parameter_id
            and one.boot == gap.boot
            and gap.first_seq is not None
            and gap.last_seq is not None
            and gap.first_seq <= one.seq <= gap.last_seq
            for one in behind
        )
    }
    if touched:
        with connection.cursor() as cursor:
            cursor.execute(_FILL, [now, list(touched)])
    return set(touched.values())


def ask_again(devices: Iterable[int | None], now: datetime) -> list[Command]:
    """Requests to these devices for what they counted and never delivered; each at most every five minutes."""
    wanted = {device for device in devices if device is not None}
    open_ones = ReadingGap.objects.filter(device__in=wanted, kind=ReadingGap.Kind.LOST, filled_at=None)
    due = open_ones.filter(
        Q(asked_at=None) | Q(asked_at__lt=now - AGAIN), seen_at__lte=now - SETTLE, asks__lt=MOST_ASKS
    )
    by_device: dict[int, list[ReadingGap]] = defaultdict(list)
    for gap in due.select_related("parameter").order_by("asks", "since")[: MOST_RANGES * 20]:
        if gap.device_id is not None and len(by_device[gap.device_id]) < MOST_RANGES:
            by_device[gap.device_id].append(gap)
    if not by_device:
        return []
    asked = [gap.pk for gaps in by_device.values() for gap in gaps]
    ReadingGap.objects.filter(pk__in=asked).update(asked_at=now, asks=F("asks") + 1)
    found = Device.objects.filter(pk__in=by_device, state=Device.State.ACTIVE)
    return [_request(device, by_device[device.pk]) for device in found]


def _request(device: Device, gaps: Sequence[ReadingGap]) -> Command:
    ranges: list[Mapping[str, object]] = [
        {
            "path": gap.parameter.path, "boot": gap.boot, "first": gap.first_seq, "last": gap.last_seq,
            "since": gap.since.isoformat(), "until": gap.until.isoformat(),
        }
        for gap in gaps
    ]  # fmt: skip
    return Command(f"{COMMANDS}{device.user_name}/replay", json.dumps({"ranges": ranges}).encode(), qos=1)
