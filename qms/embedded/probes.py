"""Asks each server in its own protocol whether it serves."""

from __future__ import annotations

import socket
from pathlib import Path

from qms.embedded.errors import CannotStart

_WAIT = 2.0


def postgres_ready(data: Path) -> bool:
    """PostgreSQL writes its own state into the pid file's last line."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False


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
    """`wanted` when nothing listens on it, else any free one; with `insist` a busy port is refused."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                if insist:
                    raise CannotStart(f"port {wanted} is in use: choose another with --port.") from None
                continue
            return int(probe.getsockname()[1])
    raise CannotStart("no free port on 127.0.0.1.")


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
