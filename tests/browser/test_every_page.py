"""Every page of the running demo plant: accessible at three widths in both themes, strict, silent to other hosts."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import AXE, listening
from tests.browser.platform import Plant
from tests.browser.walking import Walk

pytestmark = pytest.mark.browser
RULES: dict[str, dict[str, object]] = {
    "light": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},  # the theme changes colours alone
}
CHECK = "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'], elementRef: false })"
WIDTHS = (360, 768, 1440)
PAGES = (
    "my-work/", "search/?q=leak", "process/", "process/?wall=1", "process/characteristics/", "process/signals/",
    "process/limits/", "process/devices/", "process/quarantine/", "quality/nonconformities/",
    "quality/nonconformities/new/", "quality/capas/", "quality/capas/new/", "master-data/topics/", "master-data/parts/",
    "master-data/equipment/", "master-data/parameters/", "master-data/rules/",
    "master-data/processes/", "settings/profile/", "settings/notifications/", "settings/people/",
    "settings/people/new/", "settings/sites/", "settings/sites/new/", "settings/keys/", "settings/keys/new/", "jobs/",
    "analytics/workbench/", "analytics/analyses/", "process/corrections/",
    "process/nodes/", "process/profiles/", "process/profiles/new/", "process/profiles/try/", "master-data/gages/",
    "master-data/gages/new/", "master-data/import/", "analytics/gage-studies/", "analytics/gage-studies/new/",
    "trail/", "process/sources/", "master-data/characteristics/together/",
)  # fmt: skip
LISTS = {
    "characteristics": "process/characteristics/{}/readings/",
    "multivariate-characteristics": "process/characteristics/{}/",
    "control-limits": "process/limits/{}/",
    "devices": "process/devices/{}/",
    "people": "settings/people/{}/",
    "nonconformities": "quality/nonconformities/{}/",
    "capas": "quality/capas/{}/",
    "processes": "master-data/processes/{}/",
}


@pytest.fixture(scope="module")
def addresses(plant) -> list[str]:
    """The pages, and the newest of each kind of record."""
    token = plant.person("Astrid Holm")["token"]
    return [*PAGES, *(place.format(first_of(plant, kind, token)) for kind, place in LISTS.items())]


def first_of(plant: Plant, kind: str, token: str) -> int:
    """The key of a row that the API lists."""
    asked = urllib.request.Request(f"{plant.url}/api/v1/{kind}/", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:
        return int(json.load(answer)["results"][0]["id"])


@pytest.fixture(scope="module")
def owner(browser, plant) -> Iterator[dict[str, object]]:
    """The session of somebody who may see everything."""
    context = browser.new_context()
    Walk(context.new_page(), plant).sign_in("Astrid Holm")
    yield context.storage_state()
    context.close()


@pytest.fixture
def tab(browser, plant, owner) -> Iterator[Page]:
    """A page of the owner; the content policy is off only for the checker's own styles."""
    context = browser.new_context(storage_state=owner, base_url=plant.url, bypass_csp=True)
    context.add_init_script(path=AXE)
    yield listening(context.new_page(), plant.url)
    context.close()


def violations(page: Page, theme: str) -> list[str]:
    """What axe-core finds on the page as it stands."""
    found = page.evaluate(CHECK, RULES[theme])["violations"]
    return [f"{v['id']}: {node['target']} {node['html'][:160]}" for v in found for node in v["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_at_three_widths(tab, addresses, theme) -> None:
    tab.emulate_media(color_scheme=theme, reduced_motion="reduce")
    wrong = []
    for address in addresses:
        tab.goto(address, wait_until="load")
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{address} at {width}: {text}" for text in violations(tab, theme)]
            if tab.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{address} at {width}: wider than the screen")
    assert not wrong, "\n".join(wrong)
    assert tab.wrong == []


def test_no_page_breaks_the_content_policy_or_asks_another_host(browser, plant, owner, addresses) -> None:
    context = browser.new_context(storage_state=owner, base_url=plant.url)
    page = listening(context.new_page(), plant.url)
    for address in addresses:
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status == 200, address
        assert (
            "default-src 'self'" in answer.headers["content-security-policy"]
            or "default-src 'none'" in (answer.headers["content-security-policy"])
        )
        assert page.wrong == [], address
    context.close()
