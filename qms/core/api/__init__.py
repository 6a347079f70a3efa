"""The kernel's own resources: sites, people, the inbox, files, keys, what happened, long work."""

from __future__ import annotations

from qms.core.api.feed import EventViewSet
from qms.core.api.files import AttachmentViewSet
from qms.core.api.keys import TokenViewSet
from qms.core.api.notices import LinkViewSet, NoticeViewSet
from qms.core.api.people import MeViewSet, PersonViewSet
from qms.core.api.sites import SiteViewSet
from qms.core.api.work import JobViewSet, SearchViewSet, TaskViewSet
from qms.core.rest.routing import Route

API_ROUTES: list[Route] = [
    ("me", MeViewSet, "me"),
    ("sites", SiteViewSet, "site"),
    ("people", PersonViewSet, "person"),
    ("tasks", TaskViewSet, "task"),
    ("notices", NoticeViewSet, "notice"),
    ("links", LinkViewSet, "link"),
    ("jobs", JobViewSet, "job"),
    ("search", SearchViewSet, "search"),
    ("attachments", AttachmentViewSet, "attachment"),
    ("tokens", TokenViewSet, "token"),
    ("events", EventViewSet, "event"),
]
