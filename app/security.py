"""Headers that tell browsers how little a page of this site may do, and the name it answers to."""

from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from app.domain.errors import DomainError
from app.domain.messages import N_, Message

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TWO_YEARS = "max-age=63072000; includeSubDomains"


# What machines ask, which know each other by address.
_FOR_MACHINES = frozenset({"/healthz", "/readyz", "/metrics"})


class UnknownHost(DomainError):
    """A request was addressed to a name that is not this site's: a forgery, or a wrong PKYX_URL."""

    code = "unknown-host"
    status = 400

    def __init__(self, url: str) -> None:
        super().__init__(
            Message(N_("This site does not answer to that name. Its address is %(url)s."), {"url": url})
        )


def register(app: Flask) -> None:
    """Add the headers to every answer that does not carry its own; refuse names not in PKYX_HOSTS."""
    if app.config["PKYX_HOSTS"]:
        app.before_request(_check_host)
    headers = dict(_ALWAYS)
    if str(app.config["PKYX_URL"]).startswith("https://"):
        headers["Strict-Transport-Security"] = _TWO_YEARS
    ours = [(name.lower(), name, value) for name, value in headers.items()]

    def add(response: Response) -> Response:
        # One look at the names there are, where setdefault would look through them for each of ours.
        present = {name.lower() for name, _ in response.headers}
        for key, name, value in ours:
            if key not in present:
                response.headers.add(name, value)
        return response

    app.after_request(add)


def _check_host() -> None:
    if _name_of(request.host) not in current_app.config["PKYX_HOSTS"] and request.path not in _FOR_MACHINES:
        raise UnknownHost(current_app.config["PKYX_URL"])


@lru_cache(maxsize=64)
def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
