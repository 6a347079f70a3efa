"""Limits, decisions, evidence, quarantine: what people do on the floor."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from governance.models import UnmappedTopic
from governance.services import edit_characteristic, map_topic
from iot import queries, services
from iot.copying import micros
from iot.credentials import proves
from iot.handlers import ask_for_cause, ask_for_limits, close_question, follow_release, replay_mapped
from iot.ingest.catalogue import load
from iot.ingest.store import store
from iot.models import ControlLimits, Correction, Quarantine, Reading, Signal, SignalDecision, SignalState, Subgroup
from iot.readings import Readings
from qms.core.errors import Denied, Invalid, Refused
from qms.core.events import revive
from qms.core.evidence import intact
from qms.core.models import Event, Task
from qms.core.stepping import advance
from qms.core.trail import acting, history, reading
from tests.conftest import PASSWORD
from tests.iot.conftest import TESTS, wire

pytestmark = pytest.mark.django_db
CALM = [8.6, 8.65, 8.55, 8.62, 8.58]


def handled(kind: str, handler) -> None:
    """Give every event of a kind to its handler, as the relay would."""
    for event in Event.objects.filter(type=kind).order_by("id"):
        handler(revive(event.type, event.data), TESTS)


@pytest.fixture
def out_of_control(characteristic, limits_for, measure, start):
    """A chart with limits and one open signal."""
    limits_for(characteristic, since=start - timedelta(days=1))
    measure([*CALM * 6, 9.3])
    return characteristic


def test_limits_come_from_the_points_and_judge_nothing_yet(characteristic, measure, engineer):
    measure(CALM * 6)
    limits = services.propose_limits(characteristic, reason="Phase I", by=engineer)
    assert (limits.state, limits.n_points, limits.center) == ("proposed", 30, pytest.approx(8.6))
    assert limits.sigma_estimator == "mean moving range"
    measure([9.9], at=40)
    assert not Signal.objects.exists()


def test_limits_from_few_points_are_not_released(characteristic, measure, engineer, manager):
    measure(CALM)
    limits = services.propose_limits(characteristic, reason="Too early", by=engineer)
    with pytest.raises(Refused, match="25 are needed"):
        advance(limits, "release", by=manager, password=PASSWORD)


def test_released_limits_judge_and_take_the_place_of_older_ones(
    characteristic, limits_for, measure, start, engineer, manager
):
    older = limits_for(characteristic, since=start - timedelta(days=1))
    measure(CALM * 6)
    newer = services.propose_limits(characteristic, reason="Recalibrated", by=engineer)
    newer = advance(newer, "release", by=manager, password=PASSWORD)
    handled("core.StepTaken", follow_release) if Event.objects.filter(type="core.StepTaken").exists() else None
    for event in Event.objects.filter(type__endswith="StepTaken"):
        follow_release(revive(event.type, event.data), TESTS)
    with reading(TESTS):
        assert ControlLimits.objects.get(pk=older.pk).state == "superseded"
        assert ControlLimits.objects.get(pk=newer.pk).effective_from is not None
        assert newer.signatures.get().meaning == "approved"


def test_excluded_points_leave_the_estimate_with_a_reason(characteristic, measure, engineer):
    measure([*CALM * 6, 12.0, *CALM])
    wild = Subgroup.objects.get(mean=12.0)
    services.exclude_points(characteristic, first=wild.t, last=wild.t, reason="Set-up piece", by=engineer)
    limits = services.propose_limits(characteristic, reason="Phase I", by=engineer)
    assert limits.n_points == 35
    assert limits.exclusions[0]["reason"] == "Set-up piece"


def test_excluding_needs_a_reason_and_points(characteristic, measure, engineer, start):
    measure(CALM)
    with pytest.raises(Invalid):
        services.exclude_points(characteristic, first=start, last=start, reason=" ", by=engineer)
    past = start - timedelta(days=2)
    with pytest.raises(Refused, match="no point in this span"):
        services.exclude_points(characteristic, first=past, last=past, reason="x", by=engineer)


def test_points_formed_anew_stay_excluded(characteristic, measure, engineer):
    measure(CALM)
    point = Subgroup.objects.get(n=3)
    services.exclude_points(characteristic, first=point.t, last=point.t, reason="Set-up piece", by=engineer)
    measure([8.4], at=-5)
    assert [p.state for p in Subgroup.objects.order_by("n")] == ["ok", "ok", "ok", "excluded", "ok", "ok"]


def test_a_lifted_exclusion_stays_on_record(characteristic, measure, engineer):
    measure(CALM)
    point = Subgroup.objects.get(n=3)
    row = services.exclude_points(characteristic, first=point.t, last=point.t, reason="Set-up piece", by=engineer)
    services.lift_exclusion(row, reason="It was a good piece", by=engineer)
    point.refresh_from_db()
    assert point.state == "ok"


def test_a_signal_asks_the_engineers_until_it_has_a_cause(out_of_control, engineer):
    handled("iot.SignalRaised", ask_for_cause)
    task = Task.objects.get(kind="signal")
    assert (task.role, task.priority, task.done_at) == ("engineer", 1, None)
    services.acknowledge_signal(Signal.objects.get(), cause="Material lot", by=engineer)
    handled("iot.SignalDecided", close_question)
    task.refresh_from_db()
    assert task.done_at is not None


def test_a_decision_is_a_row_of_the_trail(out_of_control, engineer):
    services.acknowledge_signal(Signal.objects.get(), cause="Material lot", note="KB-90117", by=engineer)
    decision = SignalDecision.objects.get()
    assert (decision.by_id, decision.cause, decision.state) == (engineer.id, "Material lot", SignalState.ACKNOWLEDGED)


def test_an_auditor_gives_no_cause(out_of_control, auditor):
    with pytest.raises(Denied):
        services.acknowledge_signal(Signal.objects.get(), cause="x", by=auditor)


def test_a_frozen_chart_proves_itself(out_of_control, engineer):
    with acting(TESTS):
        record = ControlLimits.objects.get()
    evidence = services.freeze_chart(out_of_control, record=record, by=engineer, signal=Signal.objects.get())
    assert intact(evidence)
    assert evidence.data["points"][-1]["value"] == 9.3
    assert evidence.svg.startswith("<svg")


def test_a_converted_signal_belongs_to_one_record(out_of_control, engineer, limits_for, start):
    with acting(TESTS):
        record = ControlLimits.objects.get()
    signal = services.convert_signal(Signal.objects.get(), record=record, by=engineer)
    assert (signal.state, signal.record_id) == (SignalState.CONVERTED, record.pk)
    assert any("signaldecision" in change.table for act in history(record) for change in act.changes)


def test_capability_is_greyed_while_a_signal_is_open(out_of_control, engineer):
    card = queries.capability_of(out_of_control, actor=engineer)
    assert card.result.cpk > 0
    assert "open signal" in card.greyed
    services.acknowledge_signal(Signal.objects.get(), cause="Material lot", by=engineer)
    assert queries.capability_of(out_of_control, actor=engineer).greyed == ""


def test_a_learning_chart_counts_its_points_and_then_asks_for_limits(characteristic, measure, engineer):
    measure(CALM)
    assert queries.learning_of(characteristic) == (5, 25)
    measure(CALM * 4, at=10)
    handled("iot.ChartLearned", ask_for_limits)
    assert "propose limits" in Task.objects.get().title


def test_a_new_chart_makes_the_limits_unfit(out_of_control, engineer, measure):
    edit_characteristic(out_of_control, chart="xbar-r", subgroup_size=5, by=engineer)
    out_of_control.refresh_from_db()
    assert queries.learning_of(out_of_control) is not None


def test_what_a_topic_said_before_is_replayed_once_it_is_mapped(site, station, send, start, engineer):
    payloads = [wire(20.0 + i / 10, start + timedelta(seconds=i), "°C") for i in range(4)]
    send(*(("NV1/ASM/L2/S30/temperature", payload) for payload in payloads))
    map_topic(UnmappedTopic.objects.get(), by=engineer)
    handled("governance.TopicMapped", replay_mapped)
    assert Reading.objects.count() == 4
    assert set(Quarantine.objects.values_list("state", flat=True)) == {"replayed"}


def test_an_accepted_correction_changes_the_reading_and_the_chart(characteristic, measure, engineer):
    measure([8.6, 8.7])
    measure([8.9])
    services.decide_correction(Correction.objects.get(), accept=True, reason="Gauge was zeroed late", by=engineer)
    assert Reading.objects.order_by("t").first().value == 8.9
    assert Subgroup.objects.get(n=1).mean == 8.9


def test_a_blocked_device_speaks_into_quarantine(characteristic, send, start, site, engineer):
    device = services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    send(("NV1/ASM/L2/S30/press_force", wire(8.6, start)))
    services.edit_device(device, state="blocked", by=engineer)
    done = send(("NV1/ASM/L2/S30/press_force", wire(8.7, start + timedelta(seconds=1))))
    assert done.outcomes == {"device.blocked": 1}
    device.refresh_from_db()
    assert (device.activity.readings, device.activity.errors) == (2, 1)
    assert device.activity.last_error == "The device of this topic is blocked."


def test_a_topic_in_mixed_letters_is_not_taken_below_a_device(characteristic, send, start, site, engineer):
    services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm/l2", by=engineer)
    done = send(("NV1/asm/L2/S30/press_force", wire(8.6, start)))
    assert done.outcomes == {"topic.case": 1}


def test_behind_a_leading_slash_the_site_is_the_one_the_broker_sees(site, elsewhere):
    with reading(TESTS):
        catalogue = load()
    assert catalogue.base(["", "nv1", "xx9", "l2", "s30", "f"]) == 1
    assert catalogue.base(["", "acme", "nv1", "asm", "l2", "s30", "f"]) == 2


def test_a_credential_is_kept_as_a_hash(site, engineer):
    device = services.add_device(site=site, code="gw-1", name="Gateway", topic_prefix="nv1/asm", by=engineer)
    secret = services.issue_credential(device, by=engineer)
    device.refresh_from_db()
    assert secret not in device.credential_hash
    assert proves(secret, device.credential_hash)
    assert not proves("wrong", device.credential_hash)


def test_partitions_are_made_without_the_right_to_define_tables(db):
    since = __import__("datetime").date(2031, 1, 5)
    assert services.make_partitions(since=since, until=since + timedelta(days=40)) == 2
    assert services.make_partitions(since=since, until=since + timedelta(days=40)) == 0


def test_the_price_of_rules_is_known_or_simulated():
    assert queries.run_length(("nelson_1",)) == pytest.approx(370.4, abs=0.1)
    assert 100 < queries.run_length(("nelson_1", "nelson_2", "nelson_3", "nelson_5")) < 140


def test_a_poisoned_row_costs_only_itself(characteristic, start):
    count = 9
    t = micros(start) + 1_000_000 * np.arange(count)
    lot = np.full(count, None, np.object_)
    lot[3] = "bad\x00"
    small, one = np.zeros(count, np.int32), np.full(count, characteristic.parameter_id, np.int32)
    rows = Readings(one, t, small, np.ones(count), t, small.astype(np.int16), small, t, lot)
    with acting(TESTS):
        done = store(rows, now=timezone.now())
    assert (len(done.inserted), list(done.refused)) == (8, [3])
    assert Reading.objects.count() == 8


def test_a_signal_whose_points_were_excluded_is_not_turned_into_a_record(out_of_control, limits_for, start, engineer):
    signal = Signal.objects.get()
    point = signal.subgroup
    services.exclude_points(out_of_control, first=point.t, last=point.t, reason="Set-up piece", by=engineer)
    record = limits_for(out_of_control, since=start)  # any record
    with pytest.raises(Refused, match="points excluded"):
        services.convert_signal(signal, record=record, by=engineer)
    assert Signal.objects.get().state == SignalState.EXCLUDED


def test_handing_a_signal_to_its_record_again_writes_no_second_decision(out_of_control, limits_for, start, engineer):
    signal, record = Signal.objects.get(), limits_for(out_of_control, since=start)
    for _ in range(2):
        services.convert_signal(signal, record=record, by=engineer)
    assert SignalDecision.objects.count() == 1


def test_an_exclusion_ends_now_at_the_latest(characteristic, measure, start, engineer):
    measure(CALM)
    ahead = timezone.now() + timedelta(hours=8)
    row = services.exclude_points(characteristic, first=start, last=ahead, reason="Trial", by=engineer)
    assert row.last_t <= timezone.now()


def test_another_correction_of_the_same_reading_names_the_value_that_holds_now(characteristic, measure, engineer):
    for value in (8.6, 8.9, 9.1):
        measure([value])
    first, second = Correction.objects.order_by("heard")
    services.decide_correction(first, accept=True, reason="Gauge was zeroed late", by=engineer)
    second.refresh_from_db()
    assert (second.stored, second.state) == (8.9, "open")
