"""How much a request may send, and what happens to what nobody read."""

import io
from typing import IO, cast

from flask import Flask, Request, Response, current_app, request
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

# A sender of more is cut off.
_MOST_DISCARDED = 16 * 2**20
_AT_A_TIME = 2**16


def register(app: Flask) -> None:
    """Let ``app`` refuse bodies that are too long, and read refused ones to their end."""
    app.before_request(_limit)
    app.after_request(_discard_rest)


class ChunkedBody(io.RawIOBase):
    """A body that comes in chunks, of unknown length, which raises what becomes 413 and 400.

    Werkzeug's own limit would end such a body in the middle and say nothing of it.
    """

    def __init__(self, below: IO[bytes], limit: int) -> None:
        self.below = below
        self._left = limit

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what the base class calls it with
        """Read the next bytes; raise RequestEntityTooLarge, or BadRequest for chunks that are none."""
        try:
            data = self.below.read(len(buffer))
        except Exception as error:  # each server has errors of its own
            raise BadRequest from error
        self._left -= len(data)
        if self._left < 0:
            raise RequestEntityTooLarge
        buffer[: len(data)] = data
        return len(data)


def _limit() -> None:
    environ = request.environ
    if _is_chunked():
        environ["wsgi.input"] = ChunkedBody(environ["wsgi.input"], _limit_of(request))
    elif "CONTENT_LENGTH" in environ:
        request.max_content_length = _limit_of(request)


def _is_chunked() -> bool:
    # Only where the server finds the end of such bodies may they be read at all.
    return "HTTP_TRANSFER_ENCODING" in request.environ and bool(request.environ.get("wsgi.input_terminated"))


def _limit_of(current: Request) -> int:
    name = "UPLOAD_LIMIT" if current.mimetype == "multipart/form-data" else "BODY_LIMIT"
    return int(current_app.config[name])


def _discard_rest(response: Response) -> Response:
    """Read what is left of the body, up to a bound.

    The server would close the connection on a client that is still sending, or is about to send its
    next request on it: the answer that refuses a body, or the next one, would be lost.
    """
    if "CONTENT_LENGTH" in request.environ or _is_chunked():
        rest, left = _rest(), _MOST_DISCARDED
        try:
            while left > 0 and (read := rest.read(min(left, _AT_A_TIME))):
                left -= len(read)
        except (OSError, ValueError, HTTPException):
            pass  # whoever hung up, or sent less than was announced, waits for nothing more
    return response


def _rest() -> IO[bytes]:
    body = request.environ["wsgi.input"]
    if isinstance(body, ChunkedBody):
        return cast("IO[bytes]", ChunkedBody(body.below, _MOST_DISCARDED))
    # A stream that was begun knows how much of its length is left.
    return request.stream if "stream" in vars(request) else get_input_stream(request.environ)
