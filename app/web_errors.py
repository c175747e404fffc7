"""A domain error becomes a page or a problem document (RFC 9457), here and nowhere else."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, json, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from pymongo.errors import ConnectionFailure, PyMongoError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from app import rendering, tracing
from app.domain.errors import (
    DatabaseUnavailable,
    DomainError,
    InvalidInput,
    TooManyAttempts,
    Unauthenticated,
)
from app.domain.messages import N_, Message
from app.extensions import is_api_path

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = 10
# Both are offered, so that a client may choose; browsers are never asked this way (they would pop up a box).
_CHALLENGES = ('Basic realm="pkyx", charset="UTF-8"', 'Bearer realm="pkyx"')
_OF_SCRIPTS = frozenset({"PUT", "PATCH", "DELETE"})
_KEPT_HEADERS = frozenset({"allow", "retry-after", "www-authenticate", "content-range"})

_DETAILS: Mapping[int, str] = {
    400: N_("The request could not be understood."),
    401: N_("Please log in first."),
    403: N_("You may not do this."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take this method."),
    406: N_("This address has nothing in a form that you accept."),
    408: N_("The request took too long to arrive."),
    410: N_("What was here has been removed."),
    413: N_("What was sent is too large."),
    414: N_("The address is too long."),
    415: N_("What was sent is of a type that is not understood here."),
    422: N_("Some of what was sent could not be accepted; nothing was stored."),
    423: N_("The site is read-only for now. Please try again later."),
    429: N_("Too many requests. Please wait a little and try again."),
    500: N_("Something went wrong on our side. It was logged, and we will look at it."),
    503: N_("The site is not available right now. Please try again in a minute."),
}
_CSRF_DETAIL = N_("The form is too old, or came from another site. Please load the page again and repeat.")

# Where the page of an error cannot be made.
_BARE_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>{detail}</p></html>
"""

log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Let ``app`` answer every error in one of the two forms."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.register_error_handler(DomainError, _on_domain_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(PyMongoError, _on_database_error)
    app.register_error_handler(Exception, _on_unknown_error)


def wants_problem() -> bool:
    """Say whether the client is a program: the API, a script of a page, or one that sends JSON."""
    return (
        is_api_path(request.path)
        or request.is_json
        or request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or "X-CSRFToken" in request.headers
        # No form of a page sends these.
        or request.method in _OF_SCRIPTS
        or request.endpoint == "main.upload_image"
        or request.accept_mimetypes.best_match(["text/html", "application/json", PROBLEM])
        in ("application/json", PROBLEM)
    )


def problem(error: DomainError, **members: object) -> Response:
    """Return the problem document of a domain error; ``members`` are added (``current``, ``theirs`` …)."""
    extra: dict[str, object] = dict(members)
    if isinstance(error, InvalidInput):
        extra["errors"] = [
            {"path": field.path, "message": _sentence(field.message)} for field in error.errors
        ]
    response = problem_document(error.status, error.code, _sentence(error.message), extra)
    _add_headers(response, error)
    return response


def problem_document(
    status: int, code: str, detail: str, members: Mapping[str, object] | None = None
) -> Response:
    """Return a problem document; ``code`` is stable and machine-readable, ``detail`` for people."""
    body: dict[str, Any] = {
        "type": rendering.absolute_url(f"/api/v1/docs#problem-{code}"),
        "title": _phrase(status),
        "status": status,
        "detail": detail,
        "code": code,
        **(members or {}),
    }
    return Response(json.dumps(body), status, mimetype=PROBLEM)


def page(status: int, detail: str, **context: object) -> Response:
    """Return the error page of a status; ``detail`` is in the reader's language."""
    title = gettext(_TITLES.get(status, _TITLES[500]))
    try:
        html = render_template(
            "main/error.html",
            status=status,
            title=title,
            detail=detail,
            request_id=tracing.request_id(),
            **context,
        )
    except Exception as error:  # a broken template must not turn a 404 into a trace
        log.error("the error page failed", exc_info=error)
        html = _BARE_PAGE.format(title=escape(title), detail=escape(detail))
    return Response(html, status, mimetype="text/html")


def _on_domain_error(error: DomainError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("domain error", code=error.code, path=tracing.path_for_logs())
    if error.status == HTTPStatus.FORBIDDEN:
        log.info("not allowed", code=error.code, path=tracing.path_for_logs())
    if wants_problem():
        return problem(error)
    if isinstance(error, Unauthenticated) and (login := _login_address()):
        return redirect(login)  # type: ignore[return-value] # werkzeug's Response; Flask takes either
    response = page(error.status, rendering.translate(error.message), error=error)
    _add_headers(response, error)
    return response


def _on_http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST or error.response is not None:
        return error
    template = _DETAILS.get(status, _DETAILS[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500])
    response = _answer(status, _slug(status), template)
    for name, value in error.get_headers(request.environ):
        if name.lower() in _KEPT_HEADERS:
            response.headers[name] = value
    return response


def _on_csrf_error(error: CSRFError) -> Response:
    log.info("csrf refused", reason=error.description, path=tracing.path_for_logs())
    return _answer(400, "csrf", _CSRF_DETAIL)


def _on_database_error(error: PyMongoError) -> Response:
    if not _is_unavailability(error):
        return _on_unknown_error(error)
    log.error("database unavailable", error=str(error)[:500], path=tracing.path_for_logs())
    return _on_domain_error(DatabaseUnavailable())


def _on_unknown_error(error: Exception) -> Response:
    log.error("unexpected error", path=tracing.path_for_logs(), method=request.method, exc_info=error)
    return _answer(500, "internal-error", _DETAILS[500])


def _answer(status: int, code: str, template: str) -> Response:
    if wants_problem():
        return problem_document(status, code, _sentence(Message(template)))
    return page(status, gettext(template))


def _is_unavailability(error: PyMongoError) -> bool:
    """Say whether the database was out of reach or too slow, and not asked for something wrong."""
    return error.timeout or isinstance(error, ConnectionFailure)


def _add_headers(response: Response, error: DomainError) -> None:
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED and is_api_path(request.path):
        for challenge in _CHALLENGES:
            response.headers.add("WWW-Authenticate", challenge)


def _sentence(message: Message) -> str:
    # A page's script shows it to the reader; a client of the API gets English, always the same.
    return str(message) if is_api_path(request.path) else rendering.translate(message)


def _login_address() -> str | None:
    try:
        return url_for("users.login", next=request.full_path.rstrip("?"))
    except BuildError:
        return None


def _slug(status: int) -> str:
    return _phrase(status).lower().replace(" ", "-")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


_TITLES: Mapping[int, str] = {
    400: N_("That did not work"),
    401: N_("Please log in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not possible here"),
    409: N_("Somebody was quicker"),
    410: N_("Removed"),
    412: N_("Somebody was quicker"),
    413: N_("Too large"),
    415: N_("Not understood"),
    422: N_("Not accepted"),
    423: N_("Read-only"),
    429: N_("Too many requests"),
    500: N_("Something went wrong"),
    503: N_("Not available"),
}
