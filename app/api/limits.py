"""How many requests a caller may make, told in headers.

The headers are those of draft-ietf-httpapi-ratelimit-headers (``RateLimit``, ``RateLimit-Policy``)
and, for clients of its earlier versions, ``RateLimit-Limit``, ``-Remaining`` and ``-Reset``.
"""

from flask import Response, g, request
from limits import RateLimitItem, parse

from app import throttling
from app.domain.errors import DomainError
from app.domain.messages import N_, Message
from app.throttling import Window

PER_ADDRESS = parse("3000 per minute")
PER_USER = parse("6000 per minute")


class TooManyRequests(DomainError):
    """The caller has used up what a minute allows; ``retry_after`` is in seconds."""

    code = "too-many-requests"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            Message(
                N_("Too many requests. Please try again in %(seconds)s seconds."), {"seconds": retry_after}
            )
        )
        self.retry_after = retry_after


def count_address() -> None:
    """Count the request for its address; raise TooManyRequests."""
    _count(PER_ADDRESS, f"api from {request.remote_addr}")


def count_user(user_id: str) -> None:
    """Count the request for a user; raise TooManyRequests."""
    _count(PER_USER, f"api by {user_id}")


def add_headers(response: Response) -> Response:
    """Tell the caller what is left."""
    window: Window | None = g.get("api_window")
    if window is None:
        return response
    amount, seconds = window.limit.amount, window.limit.get_expiry()
    response.headers["RateLimit-Policy"] = f'"minute";q={amount};w={seconds}'
    response.headers["RateLimit"] = f'"minute";r={window.remaining};t={window.reset}'
    response.headers["RateLimit-Limit"] = str(amount)
    response.headers["RateLimit-Remaining"] = str(window.remaining)
    response.headers["RateLimit-Reset"] = str(window.reset)
    if not window.allowed:
        response.headers["Retry-After"] = str(window.reset)
    return response


def _count(limit: RateLimitItem, key: str) -> None:
    window = g.api_window = throttling.count(limit, key)
    if window is not None and not window.allowed:
        raise TooManyRequests(window.reset)
