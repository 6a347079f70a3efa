"""A share for every key: one that asks too much waits, the others do not notice."""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

from qms.core.models import Token, User

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

log = logging.getLogger(__name__)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Counters:
    """Counts in this process, for the time the shared cache is away."""

    def __init__(self) -> None:
        self._lock, self._counts = Lock(), dict[str, tuple[float, int]]()

    def add(self, key: str, seconds: int) -> int:
        """Count one more; forgets windows that are over."""
        now = time.monotonic()
        with self._lock:
            if len(self._counts) > 10_000:
                self._counts = {name: kept for name, kept in self._counts.items() if kept[0] > now}
            until, count = self._counts.get(key, (0.0, 0))
            if until <= now:
                until, count = now + seconds, 0
            self._counts[key] = (until, count + 1)
            return count + 1

    def forget(self, key: str) -> None:
        """Begin anew."""
        with self._lock:
            self._counts.pop(key, None)


LOCAL = Counters()


class PerKeyThrottle(BaseThrottle):
    """A fixed window per API key, person or address; the rate is the setting API_RATE."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request; False once the window's share is used up."""
        most, seconds = rate()
        if most is None:
            return True
        now = time.time()
        window = int(now // seconds)
        self.left = (window + 1) * seconds - now
        return counted(f"throttle:{whose(request, self)}:{window}", seconds) <= most

    def wait(self) -> float:
        """Seconds until the next window."""
        return self.left


def rate() -> tuple[int | None, int]:
    """Requests and seconds of a window, from `600/min`; None requests means no limit."""
    text: str | None = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["key"]  # type: ignore[index,call-overload]  # typed as any setting
    if not text:
        return None, 60
    most, _, unit = text.partition("/")
    return int(most), SECONDS[unit[0]]


def whose(request: Request, throttle: BaseThrottle) -> str:
    """Whose share a request is taken from."""
    if isinstance(request.auth, Token):
        return f"token:{request.auth.pk}"
    if isinstance(request.user, User):
        return f"person:{request.user.pk}"
    return f"address:{throttle.get_ident(request)}"


def counted(key: str, seconds: int) -> int:
    """Count one more under a key that ends after so many seconds; in this process alone while the cache is away."""
    try:
        if cache.add(key, 1, timeout=seconds + 1):
            return 1
        return cache.incr(key)
    except Exception as error:  # noqa: BLE001  # whatever the cache's client raises: a lost cache must not close the door
        log.warning("The cache does not answer (%s); counting in this process.", error)
        return LOCAL.add(key, seconds)


def forget(key: str) -> None:
    """Begin a count anew, here and in the shared cache."""
    LOCAL.forget(key)
    try:
        cache.delete(key)
    except Exception as error:  # noqa: BLE001  # whatever the cache's client raises
        log.warning("The cache does not answer (%s); its count ends by itself.", error)
