"""Another chart or subgroup size begins anew: no point, estimate or figure mixes two kinds of points."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from governance.services import edit_characteristic
from iot import queries, services
from iot.models import ChartState, Reading, ReadingFlag, Subgroup
from qms.core.errors import Refused
from qms.core.trail import reading

pytestmark = pytest.mark.django_db
DEPTH = {"topic": "NV1/ASM/L2/S30/depth", "unit": "mm"}


def values(n, level=12.0, seed=4):
    return [round(float(x), 4) for x in np.random.default_rng(seed).normal(level, 0.1, n)]


def points(row):
    return list(Subgroup.objects.filter(characteristic=row).order_by("n").values_list("n", "size", "limits_id"))


def test_values_waiting_for_their_subgroup_are_not_taken_into_the_new_chart(means, measure, engineer):
    measure(values(5), **DEPTH)  # one subgroup of three, and two values that wait
    edit_characteristic(means, chart="i-mr", subgroup_size=1, by=engineer)
    measure([12.5, 12.6], at=10, **DEPTH)
    assert points(means) == [(1, 3, None), (2, 1, None), (3, 1, None)]
    assert list(Subgroup.objects.order_by("n").values_list("spread", flat=True))[1:] == [None, pytest.approx(0.1)]


def test_learning_starts_anew_with_another_size(means, measure, engineer):
    measure(values(90), **DEPTH)
    assert queries.learning_of(means) == (25, 25)
    means = edit_characteristic(means, subgroup_size=5, by=engineer)
    assert queries.learning_of(means) == (0, 25)
    measure(values(10), at=200, **DEPTH)
    assert queries.learning_of(means) == (2, 25)


def test_limits_are_estimated_from_the_points_of_the_present_chart_alone(means, measure, engineer):
    measure(values(90), **DEPTH)
    means = edit_characteristic(means, chart="i-mr", subgroup_size=1, by=engineer)
    with pytest.raises(Refused, match="no point in this span"):
        services.propose_limits(means, reason="First limits", by=engineer)
    measure(values(40, level=20.0), at=200, **DEPTH)
    limits = services.propose_limits(means, reason="First limits", by=engineer)
    assert limits.n_points == 40
    assert limits.center == pytest.approx(20.0, abs=0.1)


def test_a_late_reading_changes_no_point_of_the_chart_before(means, measure, engineer):
    measure(values(30), **DEPTH)
    before = points(means)
    edit_characteristic(means, chart="i-mr", subgroup_size=1, by=engineer)
    measure([12.0, 12.1, 12.2], at=100, **DEPTH)
    measure([9.0], at=-5, **DEPTH)
    assert points(means)[:10] == before
    late = Reading.objects.get(value=9.0)
    assert late.flags & ReadingFlag.HISTORICAL
    measure([12.4], at=99, **DEPTH)
    assert [size for _, size, _ in points(means)] == [3] * 10 + [1] * 4


def test_released_limits_judge_only_points_of_their_chart_again(means, measure, engineer, start):
    measure(values(30), **DEPTH)
    means = edit_characteristic(means, chart="i-mr", subgroup_size=1, by=engineer)
    measure(values(30), at=100, **DEPTH)
    services.judge_since(means.pk, start - timedelta(days=1), by=engineer)
    assert [size for _, size, _ in points(means)] == [3] * 10 + [1] * 30
    state = ChartState.objects.get(pk=means.pk)
    assert (state.begun, state.last_point) == (11, 40)


def test_capability_rests_on_the_points_of_the_present_chart(means, measure, engineer):
    means = edit_characteristic(means, lsl=11.0, usl=13.0, by=engineer)
    measure(values(90), **DEPTH)
    means = edit_characteristic(means, chart="i-mr", subgroup_size=1, by=engineer)
    measure(values(30, level=12.4), at=200, **DEPTH)
    with reading(engineer):
        card = queries.capability_of(means, actor=engineer)
    assert card.n == 30
    assert card.result.mean == pytest.approx(12.4, abs=0.1)
