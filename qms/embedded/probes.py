"""Asks each server in its own protocol whether it serves."""

from __future__ import annotations

import os
import random
import socket
import sys
from pathlib import Path

from qms.embedded.errors import CannotStart

_WAIT = 2.0
_QUIET = range(20_000, 32_000)  # below those that the system gives to outgoing connections, so none takes it meanwhile
_claims: dict[int, int] = {}  # port -> the open claim, held to the end of the process


def postgres_ready(data: Path) -> bool:
    """PostgreSQL writes its own state into the pid file's last line; what a killed one left behind says nothing."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return lines[7].strip() == "ready" and _lives(int(lines[0]))
    except (OSError, IndexError, ValueError):
        return False


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def valkey_ready(path: Path) -> bool:
    """PING is answered PONG once the append-only file is loaded."""
    return _ask_unix(path, b"PING\r\n").startswith(b"+PONG")


def mqtt_ready(port: int, user: str, password: str) -> bool:
    """An MQTT CONNECT with our name is accepted (CONNACK, code 0)."""
    fields = [b"qms-probe", user.encode(), password.encode()]
    payload = b"".join(len(part).to_bytes(2, "big") + part for part in fields)
    variable = b"\x00\x04MQTT\x04\xc2\x00\x05"
    length = len(variable) + len(payload)
    packet = bytes([0x10, length & 0x7F | 0x80, length >> 7]) + variable + payload
    return _ask_tcp(port, packet)[:4] == b"\x20\x02\x00\x00"


def web_ready(port: int, path: str) -> bool:
    """Any answer that is not a server error."""
    status = _ask_tcp(port, f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode()).split(b" ")
    return len(status) > 1 and status[1].isdigit() and int(status[1]) < 500


def free_port(wanted: int, *, insist: bool = False) -> int:
    """`wanted` when nobody listens on it or is about to, else any free one; with `insist` a busy port is refused."""
    for port in (*filter(None, [wanted]), *random.sample(_QUIET, 20), 0):
        found = _bindable(port)
        if found and _claim(found):
            return found
        if insist:
            raise CannotStart(f"port {wanted} is in use: choose another with --port.")
    raise CannotStart("no free port on 127.0.0.1.")


def _bindable(port: int) -> int:
    """A port that can be listened on (any, for 0), or 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return int(probe.getsockname()[1])


def _claim(port: int) -> bool:
    """Whether the port is ours: of two platforms that start together only one may choose it before its server listens.

    The claim is a name in Linux's abstract namespace, which goes with the process and is as wide as the ports are.
    """
    if port in _claims or sys.platform != "linux":
        return True
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0plumbline-port-{port}")
    except OSError:
        claim.close()
        return False
    _claims[port] = claim.detach()
    return True


def _ask_unix(path: Path, message: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as link:
        return _exchange(link, str(path), message)


def _ask_tcp(port: int, message: bytes) -> bytes:
    with socket.socket() as link:
        return _exchange(link, ("127.0.0.1", port), message)


def _exchange(link: socket.socket, address: str | tuple[str, int], message: bytes) -> bytes:
    link.settimeout(_WAIT)
    try:
        link.connect(address)
        link.sendall(message)
        return link.recv(64)
    except OSError:
        return b""
