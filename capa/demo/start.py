"""The demo plant as a way to begin: offered by the first run, made by a job."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from qms.core.actor import Actor
from qms.core.jobs import enqueue
from qms.core.models import Site
from qms.web.starts import Start, offer


def begin(site: Site, by: Actor) -> str:
    """Ask for the demo plant, once; returns the page that shows how far it is."""
    enqueue("demo", {}, by=by, key="demo", title=f"Make the demo plant beside {site.code}")
    return reverse("web:jobs")


def take() -> None:
    """Called once when the apps are ready."""
    if not settings.EMPTY:
        offer(
            Start(
                key="demo", label="A demo plant", order=10, begin=begin,
                text="Three lines with live machines, 25 characteristics and 18 months of history. Invented, and a"
                " plant of its own.",
            )
        )  # fmt: skip
