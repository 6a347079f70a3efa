"""The shell in a real browser: accessible, strict, usable by keyboard, at three widths in both themes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qms.core import inbox
from qms.core.models import Task
from tests.browser.conftest import AXE

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ("my-work", "search", "settings/profile", "settings/people", "settings/sites", "settings/notifications", "jobs")


def violations(page) -> list[str]:
    """What axe-core finds on the page as it stands."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)["violations"]
    return [f"{v['id']}: {node['target']} {node['html'][:120]}" for v in found for node in v["nodes"]]


@pytest.fixture
def task(engineer, site) -> Task:
    due = timezone.now() + timedelta(minutes=28)
    return inbox.ask(
        key="t", title="Review the change", kind="task", site=site, owner=engineer.id, due=due, by=engineer
    )


# without any data; test_every_page walks all widths in both themes with the data of a plant
@pytest.mark.parametrize(("width", "dark"), [(1440, False), (900, True), (390, False)])
def test_empty_pages_are_accessible_at_every_width(open_page, manager, task, width, dark) -> None:
    for name in (*PAGES, "settings/look"):
        page = open_page(manager, f"/{name}/", width=width, dark=dark)
        page.wait_for_load_state("networkidle")
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.wrong == [], name


def test_the_door_is_accessible(open_page, engineer) -> None:
    page = open_page(None, "/sign-in/")
    assert violations(page) == []
    assert page.wrong == []


def test_the_palette_opens_by_key_finds_a_page_and_goes_there(open_page, manager) -> None:
    page = open_page(manager, "/my-work/")
    page.keyboard.press("Control+k")
    page.keyboard.type("peo")
    page.locator("#palette-list [role=option]", has_text="People and roles").wait_for()
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/people/")


def test_a_task_is_peeked_at_and_closed_by_keyboard(open_page, engineer, task) -> None:
    page = open_page(engineer, "/my-work/")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    page.locator("#peek h2", has_text="Review the change").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert "is-open" not in (page.locator("#peek").get_attribute("class") or "")


def test_a_task_is_finished_from_the_side_panel(open_page, engineer, task) -> None:
    page = open_page(engineer, "/my-work/")
    page.click("[data-row]")
    page.click("#peek button:has-text('Done')")
    page.get_by_text("Nothing waits for you").wait_for()


def test_single_keys_rest_while_somebody_types(open_page, manager) -> None:
    page = open_page(manager, "/search/")
    page.fill("main [name=q]", "")
    page.locator("main [name=q]").type("gm?")
    assert page.url.endswith("/search/")
    assert not page.locator("#keys").evaluate("dialog => dialog.open")


def test_the_chart_is_walked_by_keyboard_and_shown_as_a_table(open_page, manager) -> None:
    page = open_page(manager, "/settings/look/")
    chart = page.locator("#live")
    chart.locator("svg").first.wait_for()
    chart.focus()
    page.keyboard.press("End")
    assert "Rule 5" in chart.locator(".cc-tip").inner_text()
    page.click("[data-for=live] [data-view=table]")
    assert chart.locator("table tbody tr").count() == 80
    assert page.wrong == []


def test_a_live_message_adds_a_point_to_the_chart(open_page, manager) -> None:
    page = open_page(manager, "/settings/look/")
    page.locator("#live svg").first.wait_for()
    point = {
        "n": 81,
        "id": 81,
        "t": "2026-11-21T12:00:00Z",
        "value": 8.2,
        "spread": 0.5,
        "rules": [1],
        "excluded": False,
    }
    page.evaluate(
        "p => document.body.dispatchEvent(new CustomEvent('live:look:1', { detail: { points: [p] } }))", point
    )
    page.locator("#live").focus()
    page.keyboard.press("End")
    assert "point 81" in page.locator("#live .cc-tip").inner_text()
