"""The embedded Valkey: Celery's transport and the cache, on a private socket, kept by an append-only file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qms.embedded import binaries, probes
from qms.embedded.home import Home, socket_folder
from qms.embedded.process import Unit


def socket_of(home: Home) -> Path:
    """Where it listens."""
    return socket_folder(home.path / "run") / "valkey.sock"


def url(socket: Path) -> str:
    """The address for redis-py and Django; Celery's `redis+socket://` is derived from it."""
    return f"unix://{socket}"


def unit(home: Home, log: Path, environ: Mapping[str, str], *, durable: bool = True) -> Unit:
    """The server as a unit of the supervisor."""
    socket = socket_of(home)
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(home.valkey),
        "--appendonly": "yes" if durable else "no",
        "--save": "",
        "--maxmemory": "128mb",
        "--maxmemory-policy": "volatile-lru",
        "--daemonize": "no",
    }
    argv = [str(binaries.valkey(environ)), *(word for pair in options.items() for word in pair)]
    ready = lambda: probes.valkey_ready(socket)  # noqa: E731
    return Unit("valkey", argv, {"LC_ALL": "C"}, Path("/"), log, is_ready=ready)
