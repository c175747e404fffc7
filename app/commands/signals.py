"""Ctrl-C and its likes, at any moment: unwind once, in order, and be left in peace meanwhile."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ASKING_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Somebody asked the process to end. Not an Exception, so nothing on the way swallows it."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Let the first such signal raise Stop in the main thread; ignore further ones while it unwinds."""
    asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise Stop

    before = {number: signal.signal(number, on_signal) for number in _ASKING_TO_STOP}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
