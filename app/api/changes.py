"""Recent changes, as pages and as they happen."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from threading import BoundedSemaphore

import orjson
from flask import Flask, Response, current_app, request
from flask.views import MethodView

from app import rendering
from app.api.blueprint import PREFIX, blueprint
from app.api.parameters import read_limit, read_text
from app.api.representations import change_body, page_answer
from app.domain.errors import DatabaseUnavailable, DomainError
from app.domain.messages import N_, Message
from app.extensions import stores
from app.services.following import Told, follow
from app.storage.queries import ChangeQuery

_STREAMS = "pkyx.change_streams"
_STOPPING = "pkyx.is_stopping"
_RECONNECT_MILLISECONDS = 2000


class TooManyStreams(DomainError):
    """Every stream of this process is in use."""

    code = "too-many-streams"
    status = 503

    def __init__(self) -> None:
        super().__init__(Message(N_("Too many readers follow the changes right now. Please try again soon.")))


class ChangeList(MethodView):
    """Recent changes of all entries."""

    def get(self) -> Response:
        """Return one page, newest first."""
        query = ChangeQuery(
            category=read_text(request.args, "category"),
            user=read_text(request.args, "user"),
            limit=read_limit(request.args),
            cursor=request.args.get("cursor", ""),
        )
        page = stores().items.recent_changes(query)
        return page_answer({"changes": [change_body(revision) for revision in page.rows]}, page.next)


blueprint.add_url_rule("/changes", view_func=ChangeList.as_view("changes"))


class ChangeStream(MethodView):
    """Changes as they happen."""

    def get(self) -> Response:
        """Send changes as server-sent events, going on after ``Last-Event-ID``."""
        app = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy means nothing later
        with _slot() as taken:
            last_place = request.headers.get("Last-Event-ID", "")
            followed = follow(stores(may_lag=True), last_place, is_over=_end(app))
            # Its first step now, so that a database that is away is told by the status.
            response = Response(_events(app, next(followed), followed))
            response.call_on_close(taken.pop_all().close)
        response.content_type = "text/event-stream; charset=utf-8"
        response.headers["Cache-Control"] = "no-store"
        # nginx would otherwise keep events back until a buffer is full.
        response.headers["X-Accel-Buffering"] = "no"
        return response


blueprint.add_url_rule("/changes/stream", view_func=ChangeStream.as_view("change_stream"))


def _slot() -> ExitStack:
    """Return what gives back the place of a stream when it is closed; raise TooManyStreams."""
    # Each stream keeps a thread for as long as somebody listens; half of them are for everybody else.
    most = int(current_app.config["WEB_THREADS"]) // 2
    slots: BoundedSemaphore = current_app.extensions.setdefault(_STREAMS, BoundedSemaphore(most))
    if not slots.acquire(blocking=False):
        raise TooManyStreams
    taken = ExitStack()
    taken.callback(slots.release)
    return taken


def end_streams_when(app: Flask, is_stopping: Callable[[], bool]) -> None:
    """Let the streams of ``app`` end within about a second once its server says that it stops."""
    app.extensions[_STOPPING] = is_stopping


def _end(app: Flask) -> Callable[[], bool]:
    """Return what says whether the reader hung up, where we can look at the connection, or the server stops.

    Writing would tell only at the second sign of life, and so long others are refused the place.
    """
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    is_stopping: Callable[[], bool] = app.extensions.get(_STOPPING, lambda: False)

    def is_over() -> bool:
        if is_stopping():
            return True
        if connection is None:
            return False
        try:
            return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    return is_over


def _events(app: Flask, start: Told, followed: Iterator[Told]) -> Iterator[bytes]:
    # An id at once: a reader who is cut off before the first change goes on from here.
    yield b"retry: %d\n%s" % (_RECONNECT_MILLISECONDS, _event(app, start))
    # Of a database that goes away a reader is told by the status, on connecting anew.
    with suppress(DatabaseUnavailable):
        for told in followed:
            yield _event(app, told)


def _event(app: Flask, told: Told) -> bytes:
    place = b"id: " + told.place.encode() + b"\n"
    # Entered for each event: a context held while a reader is slow would be left in another order.
    with app.app_context():
        if told.is_gap:
            return place + b"event: gap\ndata: " + orjson.dumps(_gap_body()) + b"\n\n"
        if told.revision is not None:
            return place + b"event: change\ndata: " + orjson.dumps(change_body(told.revision)) + b"\n\n"
    return b": still here\n" + place + b"\n"


def _gap_body() -> dict[str, str]:
    return {
        "detail": "Your Last-Event-ID is unknown or too old: changes may be missing. The list has them.",
        "changes": rendering.absolute_url(f"{PREFIX}/changes"),
    }
