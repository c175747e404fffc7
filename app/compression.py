"""Compressed answers for those who accept them; nothing but the pages and documents made here."""

import gzip

from flask import Flask, Response, request

_LEAST_BYTES = 1024
# Level 4 costs a quarter of level 9 and packs a page within a few percent of it.
_LEVEL = 4
_PACKED = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/xml",
    "application/atom+xml",
    "application/opensearchdescription+xml",
    "image/svg+xml",
)


def register(app: Flask) -> None:
    """Compress the answers of ``app`` unless COMPRESS is off."""
    if app.config["COMPRESS"]:
        app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _is_packable(response):
        return response
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    else:
        response.headers.add("Vary", "Accept-Encoding")
    # To read the header in full is worth it only where it may say yes.
    if "HTTP_ACCEPT_ENCODING" not in request.environ or request.accept_encodings["gzip"] <= 0:
        return response
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _is_packable(response: Response) -> bool:
    return (
        response.status_code not in (204, 206, 304)
        and not response.is_streamed
        and not response.direct_passthrough
        and response.headers.get("Content-Type", "").startswith(_PACKED)
        and "Content-Encoding" not in response.headers
        and (response.content_length or 0) >= _LEAST_BYTES
    )
