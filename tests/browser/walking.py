"""A person at the browser whose actions are counted: each click, each form sent, each address opened."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.browser.platform import Plant


@dataclass
class Walk:
    """One person's way through the product."""

    page: Page
    plant: Plant
    actions: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def open(self, path: str = "/") -> None:
        """Type an address."""
        self.actions.append(f"open {path}")
        self.page.goto(self.plant.url + path)

    def click(self, what: Locator, *, to: str = "") -> None:
        """Click a link or a button, sending a form with it; `to` is the address it must lead to."""
        self.actions.append(f"click {what.inner_text().strip().splitlines()[0]}")
        what.click()
        if to:
            self.page.wait_for_url(to, wait_until="load")

    def sign_in(self, name: str) -> None:
        """Open the address and give name and password."""
        who = self.plant.person(name)
        self.open()
        self.page.get_by_label("E-mail").fill(who["email"])
        self.page.get_by_label("Password").fill(who["password"])
        self.click(self.page.get_by_role("button", name="Sign in"), to="**/process/**")

    def sign(self, name: str) -> None:
        """Give the password in the dialog and sign."""
        self.page.locator("#sd-pass").fill(self.plant.person(name)["password"])
        self.click(self.page.locator("dialog").get_by_role("button", name="Sign", exact=True))

    @property
    def seconds(self) -> float:
        """Since the walk began."""
        return time.monotonic() - self.began

    def said(self, what: str) -> str:
        """The count, to be printed."""
        return f"{what}: {len(self.actions)} actions in {self.seconds:.1f} s ({'; '.join(self.actions)})"
