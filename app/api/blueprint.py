"""The blueprint of the REST API, and what all its requests and answers have in common."""

from typing import cast

from flask import Blueprint, Response, g, request

from app import web_errors
from app.api import auth, limits
from app.domain.errors import EditConflict, PreconditionFailed, Unauthenticated
from app.extensions import is_api_path
from app.read_only import READING

PREFIX = "/api/v1"
# Reading that only its owner may do.
_PRIVATE = frozenset({"api.me"})
_READABLE_HEADERS = (
    "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, "
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
)
_WITHOUT_BODY = frozenset({204, 304})
_A_DAY = "86400"

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.before_request
def admit() -> None:
    """Know who writes, and refuse who asks too much. Reading is open."""
    if request.method == "OPTIONS":
        return
    if request.method in READING and request.endpoint not in _PRIVATE:
        limits.count_address()
        return
    try:
        auth.require_user()
    except Unauthenticated:
        limits.count_address()
        raise
    limits.count_user(auth.caller().id)


@blueprint.after_app_request
def finish(response: Response) -> Response:
    """Tell what is left of the rate, and let pages of other sites read: no cookie counts, nothing leaks."""
    if not is_api_path(request.path):
        return response
    limits.add_headers(response)
    if response.status_code in _WITHOUT_BODY:
        response.headers.pop("Content-Type", None)
    if "flask_httpauth_user" in g:
        # What only this caller may see, or did, is nobody else's to keep.
        kept = response.headers.get("Cache-Control") == "no-store"
        response.headers["Cache-Control"] = "no-store" if kept else "private, no-cache"
    return _open_for_reading(response) if request.method in READING else response


def _open_for_reading(response: Response) -> Response:
    # Nothing else sets these, so that there is nothing to be looked for and replaced.
    response.headers.add("Access-Control-Allow-Origin", "*")
    response.headers.add("Access-Control-Expose-Headers", _READABLE_HEADERS)
    response.headers.add("Cross-Origin-Resource-Policy", "cross-origin")
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Accept-Language, If-None-Match, Last-Event-ID"
        )
        response.headers["Access-Control-Max-Age"] = _A_DAY
    return response


@blueprint.errorhandler(PreconditionFailed)
@blueprint.errorhandler(EditConflict)
def _on_stale(error: PreconditionFailed | EditConflict) -> Response:
    """Show the client the entry as it is now, so that it can decide anew."""
    # Here, since representations know the addresses that this module is the root of.
    from app.api.representations import item_body

    if error.current is None:
        return web_errors.problem(error)
    response = web_errors.problem(error, current=item_body(error.current))
    response.set_etag(str(error.current.revision))
    return cast(Response, response)
