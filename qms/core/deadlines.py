"""Deadlines: warn before, remind on and escalate after the due date, each exactly once; extend with a reason."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from qms.core.actor import system
from qms.core.clock import due_after
from qms.core.flow import Within
from qms.core.models import Record, Site, Task, User
from qms.core.notify import holders, tell_all
from qms.core.records import url_of
from qms.core.trail import acting, reading

logger = logging.getLogger(__name__)

CLOCK = system("clock")
HALF, MOST, DUE = 1, 2, 3
LATE = {4: 3, 5: 7, 6: 14}  # level: working days after the due date
BATCH = 2000

# calendar days are a lower bound of working days, so nothing is missed and little is looked at in vain
_WORTH = """
case when %(now)s >= {due} then
    case {level} when 3 then %(now)s >= {due} + interval '3 days' when 4 then %(now)s >= {due} + interval '7 days'
                 when 5 then %(now)s >= {due} + interval '14 days' else {level} < 3 end
  else {level} < case when %(now)s >= {start} + ({due} - {start}) * 0.8 then 2
                      when %(now)s >= {start} + ({due} - {start}) * 0.5 then 1 else 0 end end"""
_RUNNING = f"""
select 'task', t.id, t.warned from core_task t where t.done_at is null and t.due is not null
  and {_WORTH.format(due="t.due", start="t.created_at", level="t.warned")}
union all
select 'record', r.id, coalesce(m.level, 0) from core_record r
  left join core_clockmark m on m.record_id = r.id and m.due = r.due
where r.closed_at is null and r.due is not null
  and {_WORTH.format(due="r.due", start="r.state_since", level="coalesce(m.level, 0)")}
limit {BATCH}
"""
_MARK_TASK = (
    "update core_task set warned = %s where id = %s and done_at is null and due = %s and warned < %s returning id"
)
_MARK_RECORD = """
insert into core_clockmark as m (level, record_id, due)
select %s, id, due from core_record where id = %s and closed_at is null and due = %s
on conflict (record_id) do update set due = excluded.due, level = excluded.level
where m.due <> excluded.due or m.level < %s returning record_id
"""


@dataclass(frozen=True)
class Clock:
    """A clock that runs, of a task or of a record in its state, and how far it has warned."""

    mark: str
    what: str
    pk: int
    title: str
    url: str
    record: int | None
    site: Site
    owner: User | None
    role: str
    start: datetime
    due: datetime
    level: int


def tick(now: datetime | None = None) -> int:
    """Bring every running clock to this moment; returns how many notices were given.

    Half and four fifths of the time, and the due date, go to who has to do it. Three working days late goes to the
    quality managers of the site, seven to those of every site too, fourteen to the owners.
    """
    now, given = now or timezone.now(), 0
    for clock in list(_running(now)):
        try:
            given += _advance(clock, now)
        except Exception:
            logger.exception("The clock of %s %d could not go on", clock.what, clock.pk)
    return given


def level_of(clock: Clock, now: datetime) -> int:
    """How far a clock has run at a moment: 0 not half, 1 half, 2 four fifths, 3 due, 4 to 6 ever later."""
    if now < clock.due:
        share = (now - clock.start) / (clock.due - clock.start)
        return MOST if share >= 0.8 else HALF if share >= 0.5 else 0
    passed = (level for level, days in LATE.items() if now >= due_after(clock.site, clock.due, Within(workdays=days)))
    return max(passed, default=DUE)


def to_say(before: int, reached: int) -> list[int]:
    """What to say between two levels: of the reminders only the newest, and every escalation."""
    return [level for level in range(before + 1, reached + 1) if level > DUE or level == min(reached, DUE)]


def _advance(clock: Clock, now: datetime) -> int:
    reached = level_of(clock, now)
    if reached <= clock.level:
        return 0
    with acting(CLOCK, source="clock"), connection.cursor() as cursor:
        cursor.execute(clock.mark, [reached, clock.pk, clock.due, reached])
        if cursor.fetchone() is None:  # done, moved, or another scheduler was faster
            return 0
        return sum(_say(clock, level) for level in to_say(clock.level, reached))


def _say(clock: Clock, level: int) -> int:
    key = f"{clock.what}:{clock.pk}:{clock.due.isoformat()}:{level}"
    people = _who(clock, level)
    return tell_all(people, "late" if level >= DUE else "due", _text(clock, level), clock.url, clock.record, key=key)


def _text(clock: Clock, level: int) -> str:
    if level in LATE:
        owner = clock.owner.name if clock.owner else "nobody"
        return f"{LATE[level]} working days late: {clock.title} (owner: {owner})"
    at = clock.due.astimezone(ZoneInfo(clock.site.timezone))
    due = f"{at:%a} {at.day} {at:%b %Y %H:%M}"
    said = {HALF: "Half of the time is used", MOST: "80 % of the time is used", DUE: "Due now"}[level]
    return f"{said}, due {due}: {clock.title}"


def _who(clock: Clock, level: int) -> set[User]:
    """Whom a level is for; whoever has to do it always hears of it."""
    site = clock.site.pk
    doers = {clock.owner} if clock.owner and clock.owner.is_active else set(holders(site, clock.role or "manager"))
    if level == 4:
        return doers | (set(holders(site, "manager", everywhere=False)) or set(holders(site, "manager")))
    roles = {5: ("manager",), 6: ("manager", "owner")}.get(level)
    return doers | set(holders(site, *roles)) if roles else doers


def _running(now: datetime) -> Iterator[Clock]:
    """The clocks that may have something to say at a moment."""
    with reading(CLOCK):
        with connection.cursor() as cursor:
            cursor.execute(_RUNNING, {"now": now})
            levels = {(what, pk): level for what, pk, level in cursor.fetchall()}
        tasks = Task.objects.filter(pk__in=[pk for what, pk in levels if what == "task"])
        for task in tasks.select_related("site", "owner"):
            yield Clock(
                _MARK_TASK, "task", task.pk, task.title, task.url, task.record_id, task.site, task.owner, task.role,
                task.created_at, task.due or now, levels["task", task.pk],
            )  # fmt: skip
        records = Record.objects.filter(pk__in=[pk for what, pk in levels if what == "record"])
        for record in records.select_related("site", "owner"):
            yield Clock(
                _MARK_RECORD, "record", record.pk, str(record), url_of(record), record.pk, record.site,
                record.owner, "", record.state_since, record.due or now, levels["record", record.pk],
            )  # fmt: skip
