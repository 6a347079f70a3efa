"""A repeated request has one effect: the answer is kept with the effect, in the same commit, and given again.

Only answers of success are kept: a refused request changed nothing, so its key stays free for the next try.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from qms.core.actor import Actor
from qms.core.models import IdempotencyKey, Token
from qms.core.rest.problems import Problem
from qms.core.trail import acting

KEPT = timedelta(hours=48)
HEADER = "Idempotency-Key"
METHODS = ("POST", "PATCH")
SHAPE = re.compile(r'(?:"([\x21\x23-\x5b\x5d-\x7e ]{1,120})"|([\x21\x23-\x5b\x5d-\x7e]{1,120}))\Z')


def key_of(request: Request) -> str | None:
    """The key a request carries, as a quoted string or bare; None without one, a 400 problem when it is no key."""
    text = request.headers.get(HEADER)
    if text is None or request.method not in METHODS:
        return None
    found = SHAPE.match(text.strip())
    if not found:
        raise Problem(400, f'{HEADER} is 1 to 120 printable characters, best in quotes: "order-4711-line-2".')
    return found[1] or found[2]


def once(
    request: Request, key: str, by: Actor, *, one_act: bool, answer: Callable[[], Response], keep: Callable[[Any], Any]
) -> Response:
    """Answer a request under a key, or give the answer it had before.

    `one_act`: effect and kept answer commit together. Without it (a proof of person must stay on record even when
    it fails) the answer is kept right after the effect. `keep` gives what may be stored of it.
    Raises a 422 problem for another request under the same key, 409 while the first is under way.
    """
    owner, digest = owner_of(request, by), digest_of(request)
    with _act(request, by, one_act=one_act), _alone(f"{owner} {key}"):
        kept = IdempotencyKey.objects.filter(owner=owner, key=key).first()
        if kept and kept.created_at > timezone.now() - KEPT:
            return _again(kept, digest)
        response = answer()
        with acting(by, source="api"):
            IdempotencyKey.objects.update_or_create(
                owner=owner, key=key, defaults={"created_at": timezone.now(), **_kept(request, digest, response, keep)}
            )
    return response


def owner_of(request: Request, by: Actor) -> str:
    """Keys of different callers never meet."""
    return f"token:{request.auth.pk}" if isinstance(request.auth, Token) else f"person:{by.id}"


def reason_of(request: Request) -> str:
    """The reason a request gives, for the act that is opened around it."""
    sent = request.data
    return str(sent.get("reason", "")) if isinstance(sent, Mapping) else ""


def digest_of(request: Request) -> str:
    """What was asked, whatever its spelling, under the installation's secret: it may hold a password."""
    sent = json.dumps(
        [request.method, request.get_full_path(), _plain(request.data)], cls=DjangoJSONEncoder, sort_keys=True
    )
    return salted_hmac("idempotency", sent, algorithm="sha256").hexdigest()


def _plain(data: Any) -> Any:
    if hasattr(data, "lists"):
        return {name: [_plain(value) for value in values] for name, values in data.lists()}
    if isinstance(data, UploadedFile):
        digest = hashlib.sha256()
        for chunk in data.chunks():
            digest.update(chunk)
        data.seek(0)
        return [data.name, digest.hexdigest()]
    return data


@contextmanager
def _act(request: Request, by: Actor, *, one_act: bool) -> Iterator[None]:
    if not one_act:
        yield
        return
    with acting(by, reason=reason_of(request), source="api"):
        yield


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold the name's lock; the database frees it when this process dies."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    kind = "xact_" if connection.in_atomic_block else ""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_try_advisory_{kind}lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Problem(
                409, "A request with this idempotency key is under way. Ask again in a moment.", Retry_After="1"
            )
    try:
        yield
    finally:
        if not kind:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [number])


def _again(kept: IdempotencyKey, digest: str) -> Response:
    if kept.digest != digest:
        raise Problem(
            422, f"This idempotency key was used for another request ({kept.method} {kept.path}). Take a new key."
        )
    data = json.loads(kept.body) if kept.body else None
    return Response(data, status=kept.status, headers={**kept.headers, "Idempotency-Replayed": "true"})


def _kept(request: Request, digest: str, response: Response, keep: Callable[[Any], Any]) -> dict[str, Any]:
    text = "" if response.data is None else JSONRenderer().render(keep(response.data)).decode()
    headers = {name: value for name, value in response.headers.items() if name in {"ETag", "Location"}}
    return {
        "method": request.method,
        "path": request.path[:300],
        "digest": digest,
        "status": response.status_code,
        "body": text,
        "headers": headers,
    }
