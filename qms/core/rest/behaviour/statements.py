"""What is written about the API, statement by statement, and how each is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.test.utils import override_settings

from qms.core.rest.behaviour.visitor import Visitor, at_once
from qms.core.rest.openapi import document
from qms.core.rest.problems import MEDIA_TYPE

THINGS = "/api/v1/nonconformities/"
Try = Callable[..., str]


def answers(case: Mapping[str, Any], one: Visitor, other: Visitor) -> Iterator[tuple[str, str]]:
    """Name and difference of each statement of a behaviour file; an empty difference means that it holds."""
    for number, request in enumerate(case.get("idempotency", []), 1):
        yield f"idempotency {number}", repeated(request, one)
    for part in ("paging", "concurrency"):
        for number, statement in enumerate(case.get(part, []), 1):
            yield f"{part} {number}", _tried(statement, one, other)
    for part in ("errors", "rate"):
        if statement := case.get(part):
            yield part, _tried(statement, one, other)


def _tried(statement: str, one: Visitor, other: Visitor) -> str:
    for words, attempt in TRIES.items():
        if words in statement:
            return attempt(one, other)
    return f"nobody knows how to try this: {statement}"


def repeated(request: Mapping[str, Any], one: Visitor) -> str:
    """A request with an idempotency key, alone or several at once; the same key must lead to one record."""
    method = next(name for name in ("POST", "PATCH") if name in request)
    path, body, key = request[method], request.get("body"), request["Idempotency-Key"]
    wanted = request["expect"][0]
    before = _ids(one, path, body)
    got = at_once(request.get("concurrent", 1), lambda: one.send(method, path, body, Idempotency_Key=key))
    statuses = sorted(answer.status_code for answer in got)
    if not set(statuses) <= set(wanted if isinstance(wanted, list) else [wanted]):
        return f"expected {wanted}, got {statuses}: {got[0].content.decode()[:200]}"
    made = {answer.json()["id"] for answer in got if answer.status_code == 201}
    new = _ids(one, path, body) - before
    if isinstance(wanted, list) and 201 not in statuses:
        return f"expected one {wanted[0]}, got {statuses}"
    if len(made | new) > 1 or (201 not in statuses and new):
        return f"expected one record at most, answered {sorted(made)}, made {sorted(new)}"
    return ""


def _ids(one: Visitor, path: str, body: Any) -> set[int]:
    rows = one.get(f"{path}?limit=200").json()["results"]
    return {row["id"] for row in rows if row["title"] == (body or {}).get("title")}


def walk_while_rows_come_in(one: Visitor, *_: Visitor) -> str:
    """Page by page with new rows between: every old row once, none twice."""
    old = [one.make(THINGS, f"old {number}")["id"] for number in range(5)]
    seen: list[int] = []
    address = f"{THINGS}?limit=2"
    while address:
        page = one.get(address).json()
        seen += [row["id"] for row in page["results"]]
        one.make(THINGS, "came in while walking")
        address = page["next"]
    twice = sorted({pk for pk in seen if seen.count(pk) > 1})
    missed = sorted(set(old) - set(seen))
    return f"shown twice: {twice}; missed: {missed}" if twice or missed else ""


def tamper_with_a_cursor(one: Visitor, *_: Visitor) -> str:
    """A changed cursor is refused as a problem."""
    for number in range(2):
        one.make(THINGS, f"page {number}")
    address = one.get(f"{THINGS}?limit=1").json()["next"]
    return _problem(one.get(address.replace("cursor=", "cursor=x")), 400)


def ask_for_too_much(one: Visitor, *_: Visitor) -> str:
    """The page size is capped, and the document says at what."""
    parameters = document()["paths"][THINGS]["get"]["parameters"]
    cap = next((entry["schema"].get("maximum") for entry in parameters if entry["name"] == "limit"), None)
    if not cap:
        return "the OpenAPI document has no maximum for limit"
    answer = one.get(f"{THINGS}?limit={cap * 1000}")
    if answer.status_code != 200 or len(answer.json()["results"]) > cap:
        return f"a limit above the cap got {answer.status_code}"
    return ""


def change_what_is_stale(one: Visitor, *_: Visitor) -> str:
    """The second of two changes of one version is refused."""
    record = one.make(THINGS, "as first seen")
    address = f"{THINGS}{record['id']}/"
    tag = one.get(address).headers["ETag"]
    first = one.send("PATCH", address, {"title": "changed"}, If_Match=tag)
    if first.status_code != 200:
        return f"expected 200, got {first.status_code}: {first.content.decode()[:200]}"
    return _problem(one.send("PATCH", address, {"title": "changed again"}, If_Match=tag), 412)


def ask_for_what_you_have(one: Visitor, *_: Visitor) -> str:
    """The current version is not sent twice."""
    address = f"{THINGS}{one.make(THINGS, 'seen')['id']}/"
    answer = one.get(address, If_None_Match=one.get(address).headers["ETag"])
    if answer.status_code != 304 or answer.content:
        return f"expected an empty 304, got {answer.status_code}"
    return ""


def go_wrong_in_every_way(one: Visitor, *_: Visitor) -> str:
    """Whatever is wrong, the answer is a problem; field errors point into what was sent."""
    attempts = {
        404: one.get("/api/v1/no-such-address/"),
        401: Visitor("qms_aaaaaaaa_" + "x" * 32).get(THINGS),
        405: one.send("DELETE", THINGS),
        415: one.send("POST", THINGS, {"title": "x"}, Content_Type="application/xml"),
        400: one.send("POST", THINGS, {"title": ""}),
        428: one.send("PATCH", f"{THINGS}{one.make(THINGS, 'x')['id']}/", {"title": "y"}),
    }
    wrong = [text for status, answer in attempts.items() if (text := _problem(answer, status))]
    pointers = [error.get("pointer", "") for error in attempts[400].json().get("errors", [])]
    if not any(pointer.endswith("/title") for pointer in pointers):
        wrong.append(f"no JSON pointer to the title in errors: {pointers}")
    return "; ".join(wrong)


def ask_too_often(one: Visitor, other: Visitor) -> str:
    """A key beyond its share waits; another key does not notice."""
    rates = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"key": "3/day"}}
    with override_settings(REST_FRAMEWORK=rates):
        greedy = [one.get(THINGS) for _ in range(5)][-1]
        modest = other.get(THINGS)
    if modest.status_code != 200:
        return f"another key was slowed: {modest.status_code}"
    if not greedy.headers.get("Retry-After", "").isdecimal():
        return f"no Retry-After with {greedy.status_code}"
    return _problem(greedy, 429)


def _problem(answer: Any, status: int) -> str:
    if answer.status_code != status:
        return f"expected {status}, got {answer.status_code}: {answer.content.decode()[:200]}"
    if not answer.headers["Content-Type"].startswith(MEDIA_TYPE):
        return f"{status} came as {answer.headers['Content-Type']}"
    missing = {"type", "title", "status", "detail", "instance"} - answer.json().keys()
    return f"{status} lacks {', '.join(sorted(missing))}" if missing else ""


TRIES: dict[str, Try] = {
    "insert rows while walking": walk_while_rows_come_in,
    "tampered cursor": tamper_with_a_cursor,
    "page size is capped": ask_for_too_much,
    "stale If-Match": change_what_is_stale,
    "If-None-Match": ask_for_what_you_have,
    "problem+json": go_wrong_in_every_way,
    "429 with Retry-After": ask_too_often,
}
