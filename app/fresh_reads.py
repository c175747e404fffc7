"""Each request sees what was answered to any other before it began, whichever host answered."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from flask import Flask, g, has_request_context

from app.domain.errors import DatabaseUnavailable
from app.storage import wait_budgets

if TYPE_CHECKING:
    from app.storage.stores import Stores

_READING = "pkyx_reading"


def register(app: Flask) -> None:
    """End what :func:`ensure` began when the request ends."""
    app.teardown_request(_end)


def ensure(stores: "Stores") -> None:
    """Make all that this request reads from now on fresh; once a request. Outside of requests do nothing.

    Raises DatabaseUnavailable where no primary is confirmed, again and at once where that failed before.
    """
    if not has_request_context():
        return
    if _READING in g:
        if g.get(_READING) is None:
            raise DatabaseUnavailable
        return
    setattr(g, _READING, None)
    reading = ExitStack()
    reading.enter_context(stores.freshness.reading())
    setattr(g, _READING, reading)
    wait_budgets.confirm()


def _end(_error: BaseException | None) -> None:
    if reading := g.pop(_READING, None):
        reading.close()
