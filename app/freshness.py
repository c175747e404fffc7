"""Each request sees what was answered to any other before it began, whichever host answered."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from flask import Flask, g, has_request_context

if TYPE_CHECKING:
    from app.storage.stores import Stores

_READING = "pkyx_reading"


def register(app: Flask) -> None:
    """End what :func:`ensure` began when the request ends."""
    app.teardown_request(_end)


def ensure(stores: "Stores") -> None:
    """Make all that this request reads from now on fresh; once a request. Outside of requests do nothing."""
    if not has_request_context() or _READING in g:
        return
    reading = ExitStack()
    # Before anything can fail: a request that found no primary does not ask again for its error page.
    setattr(g, _READING, reading)
    reading.enter_context(stores.freshness.reading())


def _end(_error: BaseException | None) -> None:
    if reading := g.pop(_READING, None):
        reading.close()
