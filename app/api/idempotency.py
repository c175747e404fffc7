"""``Idempotency-Key``: a POST that is sent again within a day is answered again, and done once."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec

from flask import Response, current_app, request

from app.api import auth
from app.api.bodies import MULTIPART, read_idempotency_key
from app.domain.errors import Conflict, DomainError
from app.domain.messages import N_, Message
from app.extensions import stores
from app.storage.idempotency import Begun, KeptAnswer

P = ParamSpec("P")

_KEPT_HEADERS = ("Content-Type", "Location", "ETag")


class KeyReused(DomainError):
    """The key belongs to a request that asked for something else."""

    code = "idempotency-key-reused"
    status = 422

    def __init__(self) -> None:
        super().__init__(Message(N_("This Idempotency-Key was used for another request.")))


class StillRunning(Conflict):
    """The first request with the key has no answer yet."""

    code = "request-in-progress"

    def __init__(self) -> None:
        super().__init__(Message(N_("The first request with this Idempotency-Key is still being worked on.")))


def repeatable(view: Callable[P, Response]) -> Callable[P, Response]:
    """Let a POST view be sent again under a key without being done again."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = read_idempotency_key()
        if not key:
            return view(*args, **kwargs)
        user_id, digest = auth.caller().id, _digest()
        earlier = stores().idempotency.begin(user_id, key, digest, datetime.now(UTC))
        if earlier is not None:
            return _replayed(earlier, digest)
        return _kept(user_id, key, lambda: view(*args, **kwargs))

    return answer


def _kept(user_id: str, key: str, view: Callable[[], Response]) -> Response:
    """Answer, and keep the answer if asking again would give no better one."""
    try:
        response = _answer_of(view)
    except BaseException:
        stores().idempotency.abandon(user_id, key)
        raise
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    stores().idempotency.finish(user_id, key, KeptAnswer(response.status_code, headers, response.get_data()))
    return response


def _answer_of(view: Callable[[], Response]) -> Response:
    try:
        return view()
    except DomainError as error:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR or error.status in _PASSING:
            raise
        return current_app.make_response(current_app.handle_user_exception(error))


# What may be otherwise tomorrow, whatever is sent.
_PASSING = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.LOCKED,
    HTTPStatus.TOO_MANY_REQUESTS,
)


def _replayed(earlier: Begun, digest: str) -> Response:
    if earlier.digest != digest:
        raise KeyReused
    if earlier.answer is None:
        raise StillRunning
    response = Response(earlier.answer.body, earlier.answer.status)
    response.headers.update(earlier.answer.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _digest() -> str:
    """Return what tells this request from others of its user."""
    digest = hashlib.sha256(f"{request.method} {request.full_path} {request.mimetype}\n".encode())
    for part in _parts():
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _parts() -> list[bytes]:
    if request.mimetype != MULTIPART:
        return [request.get_data()]
    # The border between parts differs each time, so their contents are compared.
    parts = [f"{name}={value}".encode(errors="replace") for name, value in request.form.items(multi=True)]
    for name, sent in request.files.items(multi=True):
        parts += [name.encode(errors="replace"), sent.read()]
        sent.seek(0)
    return parts
