"""The frame around every page: site, clock, navigation, trays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from qms.core.actor import ALL, Actor
from qms.core.models import Job, SavedView, Site, User
from qms.core.trail import acts_ended, reading
from qms.web import nav
from qms.web.nav import Count, Item
from qms.web.requests import PageRequest

BOTTOM = 4  # places of the phone's bar beside "More"
FRESH = 5.0  # seconds that the frame of a person is shown without asking again, unless something is done here meanwhile
KEPT = 500  # people whose frame is kept


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The plant's time as the top bar writes it."""

    iso: str
    day: str
    time: str
    zone: str
    utc: str
    shift: str


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Everything the base template needs; the empty one is for people who are not signed in."""

    person: str = ""
    email: str = ""
    site: Site | None = None
    sites: list[Site] = field(default_factory=list)
    clock: Clock | None = None
    nav: list[Item] = field(default_factory=list)
    bottom: list[Item] = field(default_factory=list)
    places: list[Item] = field(default_factory=list)
    pinned: list[tuple[str, str]] = field(default_factory=list)
    alarms: int = 0
    alarms_url: str = ""
    jobs: int = 0
    home: str = "/"
    settings: str = ""
    theme: str = ""
    density: str = "compact"
    keys: str = "on"
    language: str = "en"
    demo: bool = False


@dataclass(frozen=True, kw_only=True)
class Around:
    """What the frame of one person reads from the database, and when it did."""

    at: float
    acts: int
    roles: Mapping[int | None, frozenset[str]]
    sites: list[Site]
    counts: Mapping[Count, int]
    pinned: list[tuple[str, str]]
    jobs: int


_around: dict[int, Around] = {}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template context: `shell`, built only when a template asks for it."""
    return {"shell": SimpleLazyObject(lambda: _shell(cast("PageRequest", request)))}


def _shell(request: PageRequest) -> Shell:
    actor = getattr(request, "actor", None)
    if actor is None or actor.id is None or not isinstance(request.user, User):
        return Shell()
    with reading(actor):
        return _build(request, actor, request.user)


def _build(request: PageRequest, actor: Actor, user: User) -> Shell:
    around = _gathered(actor, user)
    places = around.sites
    site = chosen_site(request, places)
    main = nav.items(actor, counts=around.counts)
    count, alarms_url = nav.alarms(around.counts)
    return Shell(
        person=user.name,
        email=user.email,
        site=site,
        sites=places,
        clock=clock(site) if site else None,
        nav=main,
        bottom=main[:BOTTOM],
        places=nav.items(actor, "settings"),
        pinned=around.pinned,
        alarms=count,
        alarms_url=alarms_url,
        jobs=around.jobs,
        home=reverse(settings.LOGIN_REDIRECT_URL),
        settings=reverse("web:profile"),
        theme="" if user.theme == "system" else user.theme,
        density=user.density,
        keys="on" if user.single_keys else "off",
        language=user.language,
        demo=any(place.demo for place in places),
    )


def _gathered(actor: Actor, user: User) -> Around:
    """The frame's own numbers: read again after a few seconds, and after every act of this process.

    They are the same on every page; what other processes do reaches an open page by the live stream.
    """
    acts, now = acts_ended(), monotonic()
    kept = _around.get(user.pk)
    if kept and kept.acts == acts and now - kept.at < FRESH and kept.roles == actor.roles:
        return kept
    if len(_around) >= KEPT:
        _around.clear()
    around = _around[user.pk] = Around(
        at=now,
        acts=acts,
        roles=actor.roles,
        sites=sites_of(actor),
        counts=nav.counted(actor),
        pinned=_pinned(user),
        jobs=Job.objects.filter(user=user, state__in=("waiting", "running")).count(),
    )
    return around


def _pinned(user: User) -> list[tuple[str, str]]:
    """The views a person pinned, with their addresses; a list's key is the key of its place."""
    views = SavedView.objects.filter(user=user, pinned=True)[:8]
    return [(v.name, f"{reverse(nav.PLACES[v.page].url)}?{v.query}") for v in views if v.page in nav.PLACES]


def sites_of(actor: Actor) -> list[Site]:
    """The sites a person works at, by code."""
    ids = actor.sites()
    return list(Site.objects.all() if ids is ALL else Site.objects.filter(pk__in=ids))


def chosen_site(request: HttpRequest, places: list[Site]) -> Site | None:
    """The site picked in the top bar, or the first; None when the person picked all of several."""
    wanted = request.session.get("site")
    if wanted == "all" and len(places) > 1:
        return None
    return next((site for site in places if site.pk == wanted), places[0] if places else None)


def clock(site: Site, now: datetime | None = None) -> Clock:
    """Date, time, zone and shift of a site."""
    utc = now or timezone.now()
    local = utc.astimezone(ZoneInfo(site.timezone))
    return Clock(
        iso=utc.isoformat(),
        day=f"{local:%a} {local.day} {local:%b %Y}",
        time=f"{local:%H:%M}",
        zone=f"{local:%Z}",
        utc=f"{utc:%H:%M}",
        shift=shift_of(site, local),
    )


def shift_of(site: Site, local: datetime) -> str:
    """The shift that runs at a local time: the last that has started, or the day's last before the first starts."""
    shifts = sorted(site.shifts, key=lambda shift: shift["start"])
    if not shifts:
        return ""
    started = [shift for shift in shifts if shift["start"] <= f"{local:%H:%M}"]
    return f"shift {(started or shifts)[-1]['name']}"
