"""A child that must not outlive its parent, even where the parent is killed outright."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def stop_with_parent() -> None:
    """Let the kernel end this process gently (SIGTERM) when its parent dies, where the kernel can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def signal_on_parent_death(number: signal.Signals) -> Callable[[], None] | None:
    """Return a ``preexec_fn`` that lets the kernel send ``number`` to the child when its parent dies.

    None where the kernel has no such thing (only Linux has). The library is loaded here, before the
    fork: after it, a child of a threaded process may not safely load anything.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before the call above
            os._exit(1)

    return arrange
