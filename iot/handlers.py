"""What the floor does about events: tasks for signals, limits that follow each other, topics that became known."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from governance.events import JudgedTogether, TopicMapped
from governance.models import Characteristic
from iot import queries
from iot.charting.plan import watch_only
from iot.events import ChartLearned, DeviceAccessChanged, SignalDecided, SignalRaised
from iot.models import ControlLimits, Quarantine, Signal, SignalState
from iot.multivariate.judge import judge_noted
from iot.multivariate.rows import note_past
from iot.services import judge_since, replay, supersede_older, write_broker_access
from qms.core.actor import Actor, system
from qms.core.events import StepTaken, handles
from qms.core.inbox import ask, done

UNNAMED = ("topic.unmapped", "topic.site", "topic.levels")  # why a topic that nobody had named was refused
_ANSWER = timedelta(hours=1)


@handles(SignalRaised)
def ask_for_cause(event: SignalRaised, by: Actor) -> None:
    """Ask the engineers of the site for the cause of a new signal, unless somebody was faster."""
    signal = Signal.objects.select_related("characteristic__parameter", "limits").get(pk=event.signal)
    if signal.state != SignalState.OPEN:
        return
    row = signal.characteristic
    ask(
        key=f"signal:{signal.pk}",
        kind="signal",
        title=f"{row.code} {row.name}: {signal.words}"[:200],
        detail=f"{queries.value_of(signal)}, {queries.place_of(signal)}",
        site=signal.site_id,
        role="engineer",
        due=signal.first_at + _ANSWER,
        url=signal.get_absolute_url(),
        priority=2 if watch_only(signal.rules) else 1,
        by=by,
    )


@handles(SignalDecided)
def close_question(event: SignalDecided, by: Actor) -> None:
    """The question of a signal is answered by any decision about it."""
    done(f"signal:{event.signal}", by)


@handles(StepTaken)
def follow_release(event: StepTaken, by: Actor) -> None:
    """Released limits take the place of older ones, and judge again what was measured since they hold."""
    if event.kind != ControlLimits.KIND or event.step != "release":
        return
    limits = ControlLimits.objects.get(pk=event.record)
    supersede_older(limits, by=system("limits"))
    if limits.effective_from:
        judge_since(limits.characteristic_id, limits.effective_from, by=by)


@handles(JudgedTogether)
def look_back(event: JudgedTogether, by: Actor) -> None:
    """What was measured before several characteristics were judged together is put together too: it is learned from."""
    note_past(event.characteristic)
    judge_noted([event.characteristic], now=timezone.now(), by=by)


@handles(TopicMapped)
def replay_mapped(event: TopicMapped, _by: Actor) -> None:
    """What a topic said before it was known goes through the door again."""
    station, _, _ = event.topic.rpartition("/")
    heard = Quarantine.objects.filter(topic__in=[event.topic, station], reason__in=UNNAMED)
    replay(heard, by=system("replay"))


@handles(ChartLearned)
def ask_for_limits(event: ChartLearned, by: Actor) -> None:
    """Ask for limits once a chart has learned enough."""
    row = Characteristic.objects.get(pk=event.characteristic)
    ask(
        key=f"learned:{row.pk}",
        title=f"{row.code} {row.name} has learned enough: propose limits"[:200],
        site=row.site_id,
        role="engineer",
        due=timezone.now() + timedelta(days=1),
        url=row.get_absolute_url(),
        by=by,
    )


@handles(DeviceAccessChanged)
def open_broker(_event: DeviceAccessChanged, by: Actor) -> None:
    """The broker learns who may sign in; a repeat writes nothing new."""
    write_broker_access(by=by)
