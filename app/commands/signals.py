"""Ctrl-C and its likes, at any moment: unwind once, in order, and be left in peace meanwhile."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_ASKING_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_A_MOMENT = 0.05


class Stop(BaseException):
    """Somebody asked the process to end. Not an Exception, so nothing on the way swallows it."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Let the first such signal raise Stop in the main thread; ignore further ones while it unwinds.

    Python drops what is raised in a finalizer or in the callback of a weak reference. A signal that came
    just then comes again.
    """
    asked = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise Stop

    def on_dropped(dropped: Any) -> None:
        nonlocal asked
        if not issubclass(dropped.exc_type, Stop):
            hook(dropped)
            return
        asked = False
        # From another thread and later, or it would be raised, and dropped, right here.
        threading.Timer(_A_MOMENT, os.kill, (os.getpid(), signal.SIGTERM)).start()

    hook, sys.unraisablehook = sys.unraisablehook, on_dropped
    before = {number: signal.signal(number, on_signal) for number in _ASKING_TO_STOP}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = hook
