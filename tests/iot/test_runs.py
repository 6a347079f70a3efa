"""Short runs: parts with nominals on one chart, entered by people or by API, late ones judged again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.services import edit_characteristic
from iot import queries
from iot.models import ProductionRun, Signal, Subgroup
from iot.services import begin_run, propose_limits, remove_run
from qms.core.errors import Invalid, Refused
from qms.core.trail import acting, reading
from spc.charts.shortrun import short_run
from tests.iot.conftest import TESTS

pytestmark = pytest.mark.django_db
FIRST = [8.6, 8.7, 8.5, 8.6, 8.65, 8.55, 8.6, 8.7, 8.5, 8.62] * 2
SECOND = [5.1, 5.0, 4.9, 5.05, 4.95, 5.0, 5.1, 4.9, 5.02, 5.7]


@pytest.fixture
def short(characteristic, start):
    """Press-in force on a chart of deviations: part A from the start, part B after twenty values."""

    def make(chart: str = "short-run", sigma: tuple[float | None, float | None] = (None, None)):
        row = edit_characteristic(characteristic, chart=chart, by=TESTS)
        begin_run(row, part="A", nominal=8.6, sigma=sigma[0], begins_at=start, by=TESTS)
        begin_run(row, part="B", nominal=5.0, sigma=sigma[1], begins_at=start + timedelta(seconds=20), by=TESTS)
        return row

    return make


def in_force(row, since, **more):
    with acting(TESTS):
        limits = propose_limits(row, reason="First limits", by=TESTS, effective_from=since, **more)
        limits.state = "in_force"
        limits.save()
    return limits


def rejudged(row, start) -> list[Subgroup]:
    """The points after a part was entered once more, which judges everything since."""
    begin_run(row, part="A", nominal=8.6, sigma=0.1, begins_at=start - timedelta(seconds=1), by=TESTS)
    return list(Subgroup.objects.filter(characteristic=row).order_by("n"))


def test_deviations_are_judged_as_the_batch_judges_them(short, measure, start):
    row = short()
    measure([*FIRST, *SECOND])
    limits = in_force(row, start)
    points = rejudged(row, start)
    batch = short_run([*FIRST, *SECOND], nominal=[8.6] * 20 + [5.0] * 10)
    assert [p.up for p in points] == pytest.approx(batch.values.tolist())
    assert (limits.center, limits.sigma) == pytest.approx((batch.center, batch.sigma))
    assert [p.n for p in points if p.mask & 1] == list(batch.violations) == [30]
    assert limits.design == {"targets": {"A": [8.6, None], "B": [5.0, None]}}


def test_standardised_values_are_judged_in_sigmas_of_the_part(short, measure, start):
    row = short("short-run-z", (0.1, 0.2))
    measure([*FIRST, *SECOND])
    limits = in_force(row, start)
    points = rejudged(row, start)
    batch = short_run([*FIRST, *SECOND], nominal=[8.6] * 20 + [5.0] * 10, sigma=[0.1] * 20 + [0.2] * 10)
    assert [p.up for p in points] == pytest.approx(batch.values.tolist())
    assert (limits.center, limits.ucl, limits.lcl) == (0, 3, -3)
    assert [p.n for p in points if p.mask & 1] == list(batch.violations)


def test_the_signal_says_what_was_measured_and_the_nominal(short, measure, start):
    row = short("short-run-z", (0.1, 0.2))
    measure([*FIRST, *SECOND])
    in_force(row, start)
    rejudged(row, start)
    signal = Signal.objects.order_by("-first_point").first()
    assert (signal.value, signal.center) == pytest.approx((5.7, 5.0))
    assert signal.distance == pytest.approx(3.5)
    assert signal.words == "1 deviation beyond 3σ, high side"


def test_what_is_measured_without_a_part_is_not_drawn(characteristic, measure):
    row = edit_characteristic(characteristic, chart="short-run", by=TESTS)
    measure(FIRST)
    assert {point.up for point in Subgroup.objects.all()} == {None}
    with acting(TESTS), pytest.raises(Invalid, match="enter the runs first"):
        propose_limits(row, reason="First limits", by=TESTS)


def test_a_part_entered_late_judges_what_was_measured_since(characteristic, measure, start):
    row = edit_characteristic(characteristic, chart="short-run", by=TESTS)
    measure(FIRST)
    begin_run(row, part="A", nominal=8.6, begins_at=start + timedelta(seconds=10), by=TESTS)
    points = list(Subgroup.objects.order_by("n"))
    assert [p.up is None for p in points] == [True] * 10 + [False] * 10


def test_a_part_taken_out_lets_the_one_before_count(short, measure, start):
    row = short()
    measure([*FIRST, *SECOND])
    remove_run(ProductionRun.objects.get(part="B"), reason="wrong order", by=TESTS)
    newest = Subgroup.objects.filter(characteristic=row).order_by("-n").first()
    assert newest.up == pytest.approx(5.7 - 8.6)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"part": " "}, "Name the part"),
        ({"sigma": None}, "needs the standard deviation"),
        ({"sigma": -1.0}, "lies above 0"),
        ({"nominal": float("inf")}, "must be a number"),
        ({"begins_at": timezone.now() + timedelta(days=1)}, "not entered ahead"),
    ],
)
def test_a_run_that_cannot_be_is_refused(characteristic, given, words):
    row = edit_characteristic(characteristic, chart="short-run-z", by=TESTS)
    with pytest.raises(Invalid, match=words):
        begin_run(row, **{"part": "A", "nominal": 8.6, "sigma": 0.1, "by": TESTS, **given})


def test_two_parts_cannot_begin_at_once(short, start):
    row = short()
    with pytest.raises(Invalid, match="Another part begins"):
        begin_run(row, part="C", nominal=1.0, begins_at=start, by=TESTS)


def test_only_a_chart_of_short_runs_knows_parts(characteristic):
    with pytest.raises(Refused, match="knows parts"):
        begin_run(characteristic, part="A", nominal=8.6, by=TESTS)


def test_a_part_is_entered_and_taken_out_in_the_browser(characteristic, measure, engineer, browser_of):
    row = edit_characteristic(characteristic, chart="short-run", by=TESTS)
    measure(FIRST)
    browser = browser_of(engineer)
    browser.post(reverse("iot:run-begin", args=[row.pk]), {"part": "A-100", "nominal": "8.6"})
    assert "A-100" in browser.get(row.get_absolute_url()).content.decode()
    run = ProductionRun.objects.get()
    browser.post(reverse("iot:run-remove", args=[run.pk]), {"reason": "typing error"})
    assert not ProductionRun.objects.exists()


def test_a_part_is_entered_by_api(characteristic, browser_of, engineer):
    row = edit_characteristic(characteristic, chart="short-run", by=TESTS)
    client, data = browser_of(engineer), {"characteristic": row.pk, "part": "A", "nominal": 8.6}
    answer = client.post("/api/v1/production-runs/", data, content_type="application/json")
    assert (answer.status_code, answer.json()["part"]) == (201, "A")
    listed = client.get("/api/v1/production-runs/", {"characteristic": row.pk}).json()
    assert [one["nominal"] for one in listed["results"]] == [8.6]


def test_the_page_says_which_part_is_made(short, engineer):
    row = short()
    with reading(engineer):
        assert queries.fit_of(row, actor=engineer).found == "2 parts so far, now B."
