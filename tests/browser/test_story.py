"""The live loop as a newcomer walks it on the real platform, its actions counted and timed."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.platform import Plant
from tests.browser.walking import Walk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("story")]
FEW = 12  # actions of a newcomer from the address to the nonconformity
SOON = 180.0  # seconds
LEARNT = {
    "summary": "Mixed lots stop the press; rejects fell from 1.9 to 0.4 %.",
    "lessons": "Measure what the supplier measures.",
    "cost_and_benefit": "14,000 once, 9,000 a month saved.",
    "recognition": "Thanks to the crew of L2.",
}
FRESH = 60_000  # ms in which the running line must show something new


def test_a_newcomer_turns_a_signal_into_a_nonconformity_and_opens_its_capa(walk, capsys) -> None:
    newcomer = walk()
    newcomer.sign_in("Mikael Lund")
    open_a_running_chart(newcomer)
    open_the_signal(newcomer)
    number = open_the_nonconformity(newcomer)
    report(capsys, newcomer, "address to nonconformity")
    assert len(newcomer.actions) <= FEW
    assert newcomer.seconds <= SOON
    contain(newcomer, "Mikael Lund")
    capa = open_the_capa(newcomer)
    report(capsys, newcomer, "address to CAPA")
    found_in_my_work(newcomer, capa)
    found_by_the_palette(newcomer, number)
    found_in_the_api(newcomer.plant, number, newcomer.plant.person("Mikael Lund")["token"])
    assert newcomer.page.wrong == []


def test_an_independent_verifier_confirms_the_computed_verdict_and_the_manager_closes(walk, capsys) -> None:
    verifier = walk()
    verifier.sign_in("Anna Kowalska")
    capa = open_the_verdict(verifier)
    verifier.click(verifier.page.get_by_role("button", name="Confirm verdict"))
    verifier.sign("Anna Kowalska")
    expect(verifier.page.locator("main")).to_contain_text("Verified effective")
    report(capsys, verifier, "address to confirmed verdict")
    manager = walk()
    manager.sign_in("Ingrid Solberg")
    close(manager, capa)
    report(capsys, manager, "address to closed CAPA")
    assert verifier.page.wrong + manager.page.wrong == []


def open_a_running_chart(who: Walk) -> None:
    """From the overview to a chart on which a new point appears without anybody doing anything."""
    expect(who.page.locator("main")).to_contain_text("25 characteristics on 3 lines")
    who.click(who.page.get_by_role("link", name=re.compile("C101")), to="**/characteristics/**")
    plot = who.page.locator("#chart .cc-plot")
    expect(plot).to_have_attribute("aria-label", re.compile("^Control chart of C101"))
    seen = plot.get_attribute("aria-label") or ""
    expect(plot).not_to_have_attribute("aria-label", seen, timeout=FRESH)


def open_the_signal(who: Walk) -> None:
    """Back on the overview a characteristic has turned red and says in words why."""
    who.click(who.page.get_by_role("link", name="Process", exact=False).first, to="**/process/")
    cell = who.page.get_by_role("link", name=re.compile("C201"))
    expect(cell).to_contain_text(re.compile(r"Rule \d: .*(σ|in a row)"), timeout=FRESH)
    who.click(cell, to="**/characteristics/**")
    expect(who.page.locator("#head")).to_contain_text(re.compile("Signal: .*σ"))


def open_the_nonconformity(who: Walk) -> str:
    """One press; the chart stands on the record as it was."""
    before = len(who.actions)
    who.click(who.page.get_by_role("button", name="Open NC"), to="**/nonconformities/**")
    assert len(who.actions) - before <= 3
    expect(who.page.locator("main")).to_contain_text("with the chart frozen as evidence")
    expect(who.page.locator("section", has_text="not redrawn since").locator("svg").last).to_be_visible()
    return numbered(who.page)


def contain(who: Walk, name: str) -> None:
    """Where the pieces are, what was done, how it was seen; signed."""
    form = who.page.locator("#contain form")
    form.get_by_label("Nonconforming pieces").fill("12")
    form.get_by_label("What was done").fill("Pallet P7 blocked behind red tape")
    form.get_by_label("Checked").fill("60")
    form.get_by_label("Found").fill("12")
    form.get_by_label("How you saw that the hold works").fill("Seen on the floor, both labels red")
    form.get_by_label("your password").fill(who.plant.person(name)["password"])
    who.click(form.get_by_role("button", name="Contain and sign"))
    expect(who.page.locator("main")).to_contain_text("Contained and signed.")


def open_the_capa(who: Walk) -> str:
    """One press, linked both ways."""
    number = numbered(who.page)
    who.click(who.page.get_by_role("button", name="Open CAPA"), to="**/capas/**")
    expect(who.page.locator("main")).to_contain_text(f"From {number}")
    return numbered(who.page)


def numbered(page: Page) -> str:
    """The number of the record on the page."""
    found = re.search(r"\b(NCR|CAPA)-\d{4}-\d{4}\b", page.locator("main").inner_text())
    assert found
    return found[0]


def found_in_my_work(who: Walk, number: str) -> None:
    """What is next asked of this person."""
    who.click(who.page.get_by_role("link", name=re.compile("My work")).first, to="**/my-work/")
    expect(who.page.locator("main")).to_contain_text(number)


def found_by_the_palette(who: Walk, number: str) -> None:
    """Ctrl+K, the number, Enter."""
    who.page.keyboard.press("Control+k")
    who.page.keyboard.type(number)
    who.page.locator("#palette-list [role=option]", has_text=number).first.wait_for()
    who.page.keyboard.press("Enter")
    who.page.wait_for_url("**/nonconformities/**")


def found_in_the_api(plant: Plant, number: str, token: str) -> None:
    """Among the newest, with the person's own key."""
    asked = urllib.request.Request(
        f"{plant.url}/api/v1/nonconformities/?number={number}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked) as answer:
        rows = json.load(answer)["results"]
    assert [(row["number"], row["state"]) for row in rows] == [(number, "contained")]


def open_the_verdict(who: Walk) -> str:
    """From the inbox to a CAPA whose effect is computed from the readings."""
    who.click(who.page.get_by_role("link", name=re.compile("My work")).first, to="**/my-work/")
    who.click(who.page.get_by_role("link", name=re.compile("Confirm verdict: CAPA")))
    who.click(who.page.locator("#peek").get_by_role("link", name="Open and finish"), to="**/capas/**")
    effect = who.page.locator("#effect")
    expect(effect).to_contain_text("Effective")
    expect(effect).to_contain_text("C208")
    expect(effect).to_contain_text("p < 0.001")
    return who.page.url


def close(who: Walk, url: str) -> None:
    """The lessons are written down; the last signature ends it."""
    who.open(url.removeprefix(who.plant.url))
    closing = who.page.locator("#closing")
    if not closing.locator("form").is_visible():
        who.click(closing.locator("summary"))
    for name, text in LEARNT.items():
        closing.locator(f"[name=closing-{name}]").fill(text)
    who.click(closing.get_by_role("button", name="Save"))
    who.page.wait_for_load_state()
    who.click(who.page.get_by_role("button", name=re.compile("^Close")).first)
    who.sign("Ingrid Solberg")
    expect(who.page.locator("div.head")).to_contain_text("Closed")


def report(capsys, who: Walk, what: str) -> None:
    """Print the count, also when output is captured."""
    with capsys.disabled():
        print(f"\n{who.said(what)}")
