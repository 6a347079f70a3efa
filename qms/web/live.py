"""The live stream: one database listener per process fans out to every open page by topic."""

from __future__ import annotations

import asyncio
import json
import logging
import select
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import psycopg2
from django.db import connections

from qms.core.live import ACCESS, CHANNEL

log = logging.getLogger(__name__)

HEARTBEAT = 15.0  # seconds between signs of life on a silent stream
LIFE = 600.0  # seconds after which a stream ends, so that its page asks again what it may hear
ROOM = 100  # messages one slow page may have waiting; after that only the newest of each topic
KEPT = 500  # messages kept for pages that come back with Last-Event-ID
_RETRY = 1.0


@dataclass(eq=False)
class Client:
    """One open page: its topics and what waits to be sent to it."""

    topics: frozenset[str]
    loop: asyncio.AbstractEventLoop
    person: int | None = None
    ended: bool = False
    waiting: deque[tuple[int, str, str]] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, number: int, topic: str, text: str) -> None:
        """Queue a message; a full queue keeps only the newest message of each topic."""
        self.waiting.append((number, topic, text))
        if len(self.waiting) > ROOM:
            newest = {kept[1]: kept for kept in self.waiting}
            self.waiting = deque(sorted(newest.values()))
        self.wake.set()

    def end(self) -> None:
        """Let the stream end once all that waits is sent."""
        self.ended = True
        self.wake.set()


class Broadcaster:
    """Listens on its own connection in a thread, from the first page on; comes back by itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: set[Client] = set()
        self._recent: deque[tuple[int, str, str]] = deque(maxlen=KEPT)
        # numbers go on rising over restarts, so that an old Last-Event-ID never hides a new message
        self._numbers = count(int(time.time() * 1000))
        self._thread: threading.Thread | None = None
        self._first = next(self._numbers)

    def join(self, topics: Iterable[str], after: int, person: int | None = None) -> Client:
        """Open a client; what it missed since `after` is queued at once."""
        client = Client(frozenset(topics), asyncio.get_running_loop(), person)
        with self._lock:
            missed = [m for m in self._recent if after and m[0] > after and m[1] in client.topics]
            if after and after < self._kept_from():
                missed = [(next(self._numbers), topic, _asking(topic)) for topic in sorted(client.topics)]
            self._clients.add(client)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()
        for message in missed:
            client.put(*message)
        return client

    def _kept_from(self) -> int:
        """Since which number nothing is missing; a page that saw less than that has to fetch for itself."""
        return self._recent[0][0] if len(self._recent) == KEPT else self._first

    def leave(self, client: Client) -> None:
        """Close a client."""
        with self._lock:
            self._clients.discard(client)

    def send(self, text: str) -> None:
        """Hand one message to every page that asked for its topic; a change of a person's rights ends their streams."""
        said = json.loads(text)
        topic = str(said.get("topic", ""))
        if said.get("kind") == ACCESS:
            self._end(topic)
            return
        with self._lock:
            message = (next(self._numbers), topic, text)
            self._recent.append(message)
            wanted = [client for client in self._clients if topic in client.topics]
        for client in wanted:
            self._tell(client, partial(client.put, *message))

    def _end(self, topic: str) -> None:
        with self._lock:
            theirs = [client for client in self._clients if f"user:{client.person}" == topic]
        for client in theirs:
            self._tell(client, client.end)

    def _tell(self, client: Client, what: Callable[[], None]) -> None:
        try:
            client.loop.call_soon_threadsafe(what)
        except RuntimeError:  # the page's loop has ended
            self.leave(client)

    def ask_again(self) -> None:
        """Tell every open page to fetch for itself: what was sent while nobody listened is lost to the stream."""
        with self._lock:
            topics = {topic for client in self._clients for topic in client.topics}
        for topic in sorted(topics):
            self.send(_asking(topic))

    def _listen(self) -> None:
        while True:
            try:
                self._listen_once()
            except psycopg2.Error as problem:
                log.warning("The live stream lost its database connection, trying again: %s", str(problem).strip())
            except Exception:
                log.exception("The live stream stumbled, trying again")
            time.sleep(_RETRY)

    def _listen_once(self) -> None:
        parameters = connections["default"].get_connection_params()
        parameters.pop("cursor_factory", None)
        link = psycopg2.connect(**{**parameters, "application_name": "qms-live"})
        try:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute(f"listen {CHANNEL}")
            self.ask_again()
            while True:
                ready, _, _ = select.select([link], [], [], HEARTBEAT)
                if not ready:
                    continue
                link.poll()
                while link.notifies:
                    self.send(link.notifies.pop(0).payload)
        finally:
            link.close()


BROADCASTER = Broadcaster()


def _asking(topic: str) -> str:
    return json.dumps({"topic": topic, "poll": True})


async def stream(topics: Iterable[str], after: int, person: int | None = None) -> AsyncIterator[bytes]:
    """Server-sent events for some topics: numbered messages, and a comment every 15 s of silence.

    It ends when the rights of the person change, and after ten minutes; the page comes back at once and asks again.
    """
    client = BROADCASTER.join(topics, after, person)
    end = time.monotonic() + LIFE
    try:
        yield b"retry: 2000\n: open\n\n"
        while not client.ended and (left := end - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(client.wake.wait(), min(HEARTBEAT, left))
            except TimeoutError:
                yield b": alive\n\n"
                continue
            client.wake.clear()
            while client.waiting:
                number, _, text = client.waiting.popleft()
                yield f"id: {number}\ndata: {text}\n\n".encode()
        yield b"retry: 100\n: ask again\n\n"
    finally:
        BROADCASTER.leave(client)
