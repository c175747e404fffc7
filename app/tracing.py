"""A name for each request, in its answer and in every line of the log, and a line for each if wanted."""

import secrets
import time

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict

HEADER = "X-Request-ID"
# Whoever has the link of a mail has the account, so what carries one is logged by its rule.
_SECRET_ARGUMENTS = frozenset({"token"})

access = structlog.get_logger("pkyx.access")


def register(app: Flask) -> None:
    """Name the requests of ``app``; first of all, so that every other part is under the name."""
    app.before_request(_name_request)
    app.after_request(_tell_name)
    if app.config["PKYX_ACCESS_LOG"]:
        app.after_request(_log)


def request_id() -> str:
    """Return the name of the current request, "" outside of one."""
    return str(g.get("request_id", "")) if g else ""


def add_request_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Name the current request in a line of the log that does not name one, as a processor of structlog."""
    # Asked for by the few lines there are, where to tell structlog would be paid by each request.
    if name := request_id():
        event.setdefault("request_id", name)
    return event


def path_for_logs() -> str:
    """Return the path of the current request as it may stand in a log: without secrets of links."""
    if request.url_rule is not None and not _SECRET_ARGUMENTS.isdisjoint(request.view_args or ()):
        return request.url_rule.rule
    return request.path


def _name_request() -> None:
    g.started_at = time.perf_counter()
    g.request_id = secrets.token_hex(6)


def _tell_name(response: Response) -> Response:
    response.headers.add(HEADER, g.request_id)
    return response


def _log(response: Response) -> Response:
    # Without the query: it holds what people look for, and nothing that an operator needs.
    access.info(
        "request",
        method=request.method,
        path=path_for_logs(),
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.started_at) * 1000, 1),
        bytes=response.content_length,
        address=request.remote_addr,
    )
    return response
