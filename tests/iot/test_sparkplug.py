"""Sparkplug B: births, aliases, sequence, deaths, and what becomes of the values."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from governance.models import UnmappedTopic
from governance.services import add_characteristic, add_equipment, add_parameter, map_topic
from governance.services.unmapped import Mapping
from iot.models import EdgeNode, NodeBirth, Quarantine, Reading, ReadingFlag, ReadingGap, Signal, Subgroup
from iot.queries import is_cut_off, metrics_of
from iot.services import replay
from iot.sparkplug.wire import REBIRTH, Metric, Payload, decode, encode
from qms.core.trail import acting
from tests.iot.conftest import TESTS

pytestmark = pytest.mark.django_db
ROOT = Path(os.environ.get("QMS_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")
SESSION = ROOT / "integration" / "sparkplug" / "session.json"
FLOAT, DOUBLE, FLAG, TEXT = 9, 10, 11, 12
Said = tuple[str, bytes]
PLACE = "spBv1.0/NV1/{}/ASM/L2"


def ms(t: datetime) -> int:
    return int(t.timestamp() * 1000)


def said(
    kind: str, seq: int | None, metrics: Sequence[Metric], t: datetime, bd: int | None = None
) -> tuple[str, bytes]:
    """A message of the node ASM, or with D of its device L2."""
    topic = PLACE.format(kind) if kind.startswith("D") else PLACE.format(kind).removesuffix("/L2")
    extra = [Metric("bdSeq", None, ms(t), 8, float(bd))] if bd is not None else []
    return topic, encode(Payload(ms(t), seq, (*extra, *metrics)))


def force(value: float | None, t: datetime, *, name: str = "", **more: Any) -> Metric:
    return Metric(name, 7, ms(t), DOUBLE, value, null=value is None, **more)


def births(t: datetime, bd: int = 1, unit: str = "kN") -> list[Said]:
    """Node and device; the force of station S30 has the alias 7."""
    born = force(8.6, t, name="S30/press_force", unit=unit)
    return [said("NBIRTH", 0, [], t, bd), said("DBIRTH", 1, [born], t)]


def test_a_value_by_alias_is_stored_under_the_name_of_the_birth(characteristic, hear, start):
    hear(*births(start), said("DDATA", 2, [force(8.7, start + timedelta(seconds=1))], start))
    assert list(Reading.objects.order_by("t").values_list("value", flat=True)) == [8.6, 8.7]
    assert Subgroup.objects.count() == 2


def test_the_unit_of_the_birth_is_converted(characteristic, hear, start):
    hear(*births(start, unit="N"), said("DDATA", 2, [force(8700.0, start + timedelta(seconds=1))], start))
    assert Reading.objects.order_by("t").last().value == pytest.approx(8.7)


def test_a_birth_is_remembered_by_the_next_worker(characteristic, hear, start):
    hear(*births(start))
    done = hear(said("DDATA", 2, [force(8.7, start + timedelta(seconds=1))], start))
    assert (done.outcomes["stored"], done.commands) == (1, [])


def test_data_before_a_birth_is_kept_and_the_node_asked(characteristic, hear, start):
    done = hear(said("DDATA", 2, [force(8.7, start)], start))
    assert not Reading.objects.exists()
    assert Quarantine.objects.get().reason == "sparkplug.unborn"
    [command] = done.commands
    assert command.topic == "spBv1.0/NV1/NCMD/ASM"
    [metric] = decode(command.payload).metrics
    assert (metric.name, metric.value, metric.datatype) == (REBIRTH, True, FLAG)


def test_what_was_kept_is_stored_when_it_is_replayed_after_the_birth(characteristic, hear, start):
    hear(said("DDATA", 2, [force(8.7, start - timedelta(seconds=1))], start))
    hear(*births(start))
    outcomes = replay(Quarantine.objects.all(), by=TESTS)
    assert outcomes["stored"] == 1
    assert EdgeNode.objects.get().seq == 1


def test_an_unknown_alias_costs_itself_and_asks(characteristic, hear, start):
    later = start + timedelta(seconds=1)
    done = hear(*births(start), said("DDATA", 2, [Metric("", 99, ms(later), DOUBLE, 1.0), force(8.7, later)], later))
    assert done.outcomes == {"stored": 2, "sparkplug.alias": 1}
    assert Quarantine.objects.get().position == "$.metrics[0]"
    assert len(done.commands) == 1


def test_a_gap_in_the_sequence_asks_once_and_makes_aliases_doubtful(characteristic, hear, start):
    values = [said("DDATA", seq, [force(8.7, start + timedelta(seconds=seq))], start) for seq in (2, 5, 6)]
    done = hear(*births(start), *values)
    assert len(done.commands) == 1
    assert [row.flags & ReadingFlag.POOR for row in Reading.objects.order_by("t")] == [0, 0, 4, 4]
    assert EdgeNode.objects.get().errors == 1


def test_a_birth_ends_the_doubt(characteristic, hear, start):
    hear(*births(start), said("DDATA", 5, [force(8.7, start)], start))
    later = start + timedelta(seconds=9)
    hear(*births(later, bd=2), said("DDATA", 2, [force(8.8, later + timedelta(seconds=1))], later))
    assert not Reading.objects.order_by("t").last().flags & ReadingFlag.POOR


def test_the_sequence_runs_over_from_255_to_0(characteristic, hear, start):
    hear(*births(start))
    EdgeNode.objects.update(seq=254)
    done = hear(*(said("DDATA", seq, [force(8.7, start + timedelta(seconds=9 + seq))], start) for seq in (255, 0, 1)))
    assert (done.commands, EdgeNode.objects.get().errors) == ([], 0)


def test_a_second_copy_of_a_message_is_no_error(characteristic, hear, start):
    value = said("DDATA", 2, [force(8.7, start + timedelta(seconds=1))], start)
    done = hear(*births(start), value, value)
    assert (done.commands, done.outcomes["duplicate"]) == ([], 1)


def test_a_node_that_never_answers_is_not_asked_again_at_once(characteristic, hear, start):
    asked = [hear(said("DDATA", 2, [force(8.7, start)], start)).commands for _ in range(3)]
    assert [len(commands) for commands in asked] == [1, 0, 0]


def test_the_death_of_an_older_session_changes_nothing(characteristic, hear, start):
    hear(*births(start, bd=3), said("NDEATH", None, [], start, bd=2))
    assert EdgeNode.objects.get().state == EdgeNode.State.ONLINE
    hear(said("NDEATH", None, [], start, bd=3))
    assert EdgeNode.objects.get().state == EdgeNode.State.OFFLINE
    assert set(NodeBirth.objects.values_list("state", flat=True)) == {"offline"}


def test_a_device_that_died_must_be_born_again(characteristic, hear, start):
    done = hear(*births(start), said("DDEATH", 2, [], start), said("DDATA", 3, [force(8.7, start)], start))
    assert done.outcomes["sparkplug.unborn"] == 1


def test_a_null_is_a_gap_and_not_a_zero(characteristic, hear, start):
    later = start + timedelta(seconds=1)
    hear(*births(start), said("DDATA", 2, [force(None, later)], later))
    assert list(Reading.objects.values_list("value", flat=True)) == [8.6]
    assert ReadingGap.objects.get().since == later


def test_a_historical_value_has_its_own_time_and_raises_nothing(characteristic, limits_for, hear, start):
    limits_for(characteristic, since=start - timedelta(days=1))
    hear(*births(start), said("DDATA", 2, [force(99.0, start - timedelta(minutes=9), historical=True)], start))
    assert Reading.objects.order_by("t").first().flags & ReadingFlag.HISTORICAL
    assert not Signal.objects.exists()


def test_an_unmapped_metric_is_replayed_once_it_has_a_path(site, hear, start):
    odd = Metric("Oil Temp (C)", 3, ms(start), DOUBLE, 61.5)
    hear(said("NBIRTH", 0, [odd], start, bd=1))
    topic = UnmappedTopic.objects.get()
    assert topic.topic == "NV1/ASM/Oil Temp (C)"
    made = map_topic(topic, by=TESTS, mapping=Mapping(path="nv1/asm/l1/press/oil_temp", unit="°C"))
    assert replay(Quarantine.objects.all(), by=TESTS) == {"stored": 1}
    hear(said("NDATA", 1, [Metric("", 3, ms(start) + 1000, DOUBLE, 62.0)], start))
    assert list(made.parameter and Reading.objects.order_by("t").values_list("value", flat=True)) == [61.5, 62.0]


def test_bytes_that_are_no_payload_are_kept(characteristic, hear):
    done = hear((PLACE.format("DDATA"), b"\xff\xff\xff"), ("spBv1.0/NV1/XDATA/ASM", b""), ("spBv1.0/x", b""))
    assert done.outcomes == {"sparkplug.payload": 1, "sparkplug.topic": 2}


def test_what_host_applications_say_is_no_reading(characteristic, hear):
    done = hear(("spBv1.0/STATE/other", b"{}"), ("spBv1.0/NV1/NCMD/ASM", b"\xff"), ("spBv1.0/NV1/DCMD/ASM/L2", b""))
    assert done.outcomes == {}


@pytest.fixture
def bore(make_site):
    """The plant of the reference session, its bore diameter on a chart."""
    plant = make_site("Plant1")
    with acting(TESTS):
        parent = None
        for level, code in (("area", "Line4"), ("line", "CMM-2"), ("station", "Bore")):
            parent = add_equipment(site=plant, level=level, code=code, parent=parent, by=TESTS)
        parameter = add_parameter(
            site=plant, path="plant1/line4/cmm-2/bore/diameter", station=parent, unit="mm", by=TESTS
        )
        return add_characteristic(parameter=parameter, code="B1", name="Bore", by=TESTS)


@pytest.mark.skipif(not SESSION.exists(), reason="no folder of reference cases beside the checkout (QMS_CASES)")
@pytest.mark.parametrize("together", [True, False])
def test_the_reference_session_ends_as_expected(bore, hear, together):
    session = json.loads(SESSION.read_text())
    messages = [(one["topic"], base64.b64decode(one["payload_b64"])) for one in session["messages"]]
    wanted, batches = session["expected"], [messages] if together else [[one] for one in messages]
    commands, stale_after = [], None
    for at, batch in enumerate(batches):
        commands += hear(*batch).commands
        offline = NodeBirth.objects.filter(state="offline").count()
        stale_after = at if offline and stale_after is None else stale_after
    rows = Reading.objects.filter(parameter=bore.parameter)
    certain = [row for row in rows.order_by("t") if not row.flags & ReadingFlag.POOR]
    expected = {datetime.fromtimestamp(one["t_ms"] / 1000, UTC): one for one in wanted["samples"]}
    assert {row.t: row.value for row in certain} == {t: one["v"] for t, one in expected.items()}
    assert all(bool(row.flags & ReadingFlag.HISTORICAL) == bool(expected[row.t].get("historical")) for row in certain)
    assert {row.lot for row in certain if not row.flags & ReadingFlag.HISTORICAL} == {wanted["batch"]}
    assert [ms(gap.since) for gap in ReadingGap.objects.all()] == wanted["null_gaps_t_ms"]
    assert len(commands) >= wanted["rebirth_requests_at_least"]
    assert together or stale_after == wanted["stale_after_message"]
    assert set(NodeBirth.objects.values_list("state", flat=True)) == {"offline"}


def test_the_page_of_a_node_shows_what_was_born(characteristic, hear, start, browser_of, engineer, stranger):
    hear(*births(start))
    page = EdgeNode.objects.get().get_absolute_url()
    text = browser_of(engineer).get(page).content.decode()
    assert "S30/press_force" in text
    assert "Online" in text
    assert browser_of(stranger).get(page).status_code == 404
    assert browser_of(engineer).get("/process/nodes/").status_code == 200


def test_a_chart_fed_by_a_dead_node_has_no_data(characteristic, hear, browser_of, engineer):
    now = timezone.now() - timedelta(seconds=2)
    hear(*births(now))
    page = browser_of(engineer).get(characteristic.get_absolute_url()).content.decode()
    assert "No data" not in page
    hear(said("NDEATH", None, [], now, bd=1))
    assert is_cut_off(characteristic.parameter_id)


def test_nodes_and_gaps_are_read_by_api(characteristic, hear, start, browser_of, engineer, stranger):
    hear(*births(start), said("DDATA", 2, [force(None, start + timedelta(seconds=1))], start))
    [node] = browser_of(engineer).get("/api/v1/edge-nodes/").json()["results"]
    [gap] = browser_of(engineer).get("/api/v1/gaps/?kind=empty").json()["results"]
    assert (node["name"], node["state"], node["devices"], gap["path"]) == (
        "ASM", "online", 1, "nv1/asm/l2/s30/press_force",
    )  # fmt: skip
    assert browser_of(stranger).get("/api/v1/edge-nodes/").json()["results"] == []


def test_a_metric_leads_to_the_parameter_it_stands_for(characteristic, hear, start):
    hear(*births(start))
    [metric] = metrics_of(EdgeNode.objects.get())
    assert (metric.name, metric.parameter) == ("S30/press_force", characteristic.parameter)
