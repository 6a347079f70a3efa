"""The shell's own pages in the navigation and the palette."""

from __future__ import annotations

from qms.core import inbox
from qms.web.nav import Place

PLACES = (
    Place(
        key="my-work",
        label="My work",
        url="web:my-work",
        icon="inbox",
        go="m",
        order=10,
        count=lambda actor: inbox.counts(actor)["all"],
    ),
    Place(key="profile", label="Profile", url="web:profile", icon="user", group="settings", order=10),
    Place(key="notifications", label="Notices", url="web:notifications", icon="bell", group="settings", order=20),
    Place(
        key="people",
        label="People and roles",
        url="web:people",
        icon="users",
        group="settings",
        permission="person.view",
        order=30,
    ),
    Place(
        key="sites",
        label="Sites",
        url="web:sites",
        icon="building-factory-2",
        group="settings",
        permission="site.view",
        order=40,
    ),
    Place(
        key="keys", label="API keys", url="web:keys", icon="key", group="settings", permission="token.view", order=45
    ),
    Place(
        key="trail",
        label="Trail",
        url="web:trail",
        icon="history",
        group="settings",
        permission="trail.view",
        order=48,
    ),
    Place(key="jobs", label="Jobs", url="web:jobs", icon="progress", group="settings", permission="job.view", order=50),
    Place(key="search", label="Search", url="web:search", icon="search", group="more"),
    Place(key="look", label="Look", url="web:look", icon="palette", group="more"),
)
