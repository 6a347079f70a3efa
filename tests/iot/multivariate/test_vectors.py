"""Several characteristics judged as one vector: readings meet, gaps stay gaps, signals name what drives them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.events import JudgedTogether
from governance.models import Characteristic
from governance.services import Together, add_characteristic, add_parameter, edit_together, judge_together
from iot.handlers import look_back
from iot.models import ChartState, Signal, Subgroup, VectorGap, VectorNote, VectorPoint
from iot.services import acknowledge_signal, judge_since
from qms.core.errors import Invalid
from qms.core.trail import acting
from spc.charts.multivariate import individuals, mewma
from tests.iot.conftest import TESTS, wire
from tests.iot.multivariate.conftest import ROWS, TOPICS, released

pytestmark = pytest.mark.django_db


def points(row: Characteristic) -> list[Subgroup]:
    return list(Subgroup.objects.filter(characteristic=row).order_by("n"))


def test_readings_of_one_time_make_a_vector(together, press) -> None:
    row = together()
    press(ROWS[:3])
    assert [p.values for p in points(row)] == ROWS[:3].tolist()
    assert not VectorNote.objects.exists()


def test_what_was_measured_before_is_put_together_too(together, press, members) -> None:
    press(ROWS[:5])
    row = together()
    look_back(JudgedTogether(characteristic=row.pk, site=row.site_id), TESTS)
    assert [p.values for p in points(row)] == ROWS[:5].tolist()


def test_readings_of_one_serial_number_make_a_vector_whatever_their_times(together, press) -> None:
    row = together()
    press(ROWS[:3], serials=True, only=(0,))
    press(ROWS[:3], at=20, only=(1, 2))  # of other pieces, without a number
    assert points(row) == []
    press(ROWS[:3], serials=True, only=(1, 2), apart=3.0)
    assert sorted(p.values for p in points(row)) == sorted(ROWS[:3].tolist())
    assert VectorPoint.objects.filter(serial="P1").count() == 1


def test_readings_within_the_wait_make_a_vector_where_that_is_chosen(together, press) -> None:
    row = together(pair="window", wait=0.9)
    press(ROWS[:4], apart=0.3)
    assert [p.values for p in points(row)] == ROWS[:4].tolist()


def test_times_alone_count_where_that_is_chosen(together, press, send, start) -> None:
    row = together(pair="time")
    send(*((TOPICS[j], wire(float(ROWS[0][j]), start, serial=f"LOT{j}-7")) for j in range(3)))
    assert [p.values for p in points(row)] == ROWS[:1].tolist()


def test_a_vector_without_all_its_values_is_kept_as_missing_with_the_reason(together, press) -> None:
    row = together(wait=5)
    press(ROWS[:1], only=(0, 2))
    press(ROWS[1:3], at=10)
    gap = VectorGap.objects.get()
    assert (gap.reason, gap.have) == ("Travel missing: nothing within 5 s", [row.design["members"][j] for j in (0, 2)])
    assert len(points(row)) == 2


def test_a_value_that_comes_late_fills_its_gap_and_moves_the_points_behind_it(together, press) -> None:
    row = together(wait=5)
    press(ROWS[:1], only=(0, 2))
    press(ROWS[1:3], at=10)
    press(ROWS[:1], only=(1,))
    assert [p.values for p in points(row)] == ROWS[:3].tolist()
    assert not VectorGap.objects.exists()


def test_t_squared_of_live_vectors_is_that_of_the_batch(together, press, start) -> None:
    row = together(alpha=0.05)
    press(ROWS[:40])
    released(row, start + timedelta(seconds=40))
    press(ROWS[40:50], at=40)
    press(ROWS[55:], at=55)
    press(ROWS[50:55], at=50)  # late
    batch = individuals(ROWS, alpha=0.05, phase1=(1, 40))
    judged = points(row)[40:]
    assert [p.mean for p in judged] == pytest.approx(batch.t2[40:])
    assert [p.n for p in judged if p.mask] == [n for n in batch.violations if n > 40]


def test_a_live_mewma_is_that_of_the_batch_also_after_late_readings(together, press, start) -> None:
    row = together("mewma", weight=0.2, arl=50.0)
    press(ROWS[:40])
    released(row, start + timedelta(seconds=40))
    press(ROWS[40:44], at=40)
    press(ROWS[47:], at=47)
    press(ROWS[44:47], at=44)  # late
    limits = row.limits.get()
    known = {"target": limits.design["mean"], "cov": limits.design["cov"]}
    batch = mewma(ROWS[40:], weight=0.2, limit=limits.ucl, **known)
    assert [p.mean for p in points(row)[40:]] == pytest.approx(batch.t2)
    assert [p.n - 40 for p in points(row)[40:] if p.mask] == list(batch.violations)


def test_a_signal_names_the_variables_that_drive_it_once(together, press, start) -> None:
    row = together()
    press(ROWS[:40])
    released(row, start + timedelta(seconds=40))
    press([[8.6, 20.0, 50.0], [8.6, 20.0, 58.0], [8.6, 20.0, 58.5]], at=40)
    signal = Signal.objects.get(characteristic=row)
    assert signal.words == "T² above its upper limit, driven by Torque (high)"
    assert (signal.points, signal.first_point) == (2, 42)
    assert signal.distance == pytest.approx(signal.value**0.5)


def test_values_that_are_each_usual_but_do_not_belong_together_are_a_signal(together, press, start) -> None:
    row = together()
    press(ROWS[:40])
    released(row, start + timedelta(seconds=40))
    press([[8.8, 19.1, 50.0]], at=40)
    assert "driven by Press-in force (high) and Travel (low)" in Signal.objects.get(characteristic=row).words


def test_signals_keep_their_decision_when_late_data_judges_again(together, press, start) -> None:
    row = together()
    press(ROWS[:40])
    released(row, start + timedelta(seconds=40))
    press([[8.6, 20.0, 58.0]], at=45)
    signal = Signal.objects.get(characteristic=row)
    acknowledge_signal(signal, cause="Tool", note="", by=TESTS)
    press(ROWS[40:45], at=40)
    signal.refresh_from_db()
    assert (signal.state, signal.first_point) == ("acknowledged", 46)


def test_limits_that_take_force_judge_the_vectors_since_again(together, press, start) -> None:
    row = together(alpha=0.05)
    press(ROWS)
    released(row, start + timedelta(seconds=30))
    judge_since(row.pk, start + timedelta(seconds=30), by=TESTS)
    assert {p.limits_id for p in points(row)[:30]} == {None}
    assert all(p.limits_id for p in points(row)[30:])


def test_other_members_begin_a_new_stage_and_need_new_limits(together, press, members, start) -> None:
    row = together()
    press(ROWS[:40])
    released(row, start + timedelta(seconds=40))
    row = edit_together(row, Together([members[0], members[2]]), reason="Travel is measured elsewhere", by=TESTS)
    press(ROWS[40:45], at=40)
    newest = points(row)[-1]
    assert (newest.values, newest.limits_id) == ([ROWS[44][0], ROWS[44][2]], None)
    assert ChartState.objects.get(pk=row.pk).begun == 41


def test_the_parameter_of_a_vector_takes_no_reading(together, send, start) -> None:
    row = together()
    done = send((row.parameter.path.upper(), wire(1.0, start, unit=None)))
    assert done.outcomes["stored"] == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"alpha": 0.9}, "design"),
        ({"wait": 4000}, "design"),
        ({"pair": "guess"}, "design"),
        ({"chart": "i-mr"}, "chart"),
    ],
)
def test_designs_that_cannot_be_are_refused(together, change, field) -> None:
    with pytest.raises(Invalid) as refused:
        together(**change)
    assert field in refused.value.errors


def test_one_variable_or_counts_are_no_vector(members, site, station) -> None:
    with pytest.raises(Invalid) as refused:
        judge_together(Together(members[:1]), code="M1", name="One", by=TESTS)
    assert "Two to 20" in str(refused.value.errors["members"])
    with acting(TESTS):
        parameter = add_parameter(site=site, path="nv1/asm/l2/s30/scrap", station=station, kind="count", by=TESTS)
        counted = add_characteristic(parameter=parameter, code="C230", name="Scrap", by=TESTS, chart="c")
    with pytest.raises(Invalid, match="Only measured values"):
        judge_together(Together([*members, counted]), code="M1", name="One", by=TESTS)
