"""Following the changes as they happen, from any point on."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from app.domain.errors import PlaceLost
from app.domain.items import Revision
from app.storage.change_feed import Following
from app.storage.stores import Stores

# What is said when nothing happens, so that a reader who is gone is noticed.
HEARTBEAT_SECONDS = 10.0
# After so long a reader connects anew and goes on where it was: no stream outlives a deployment for long.
LIFETIME_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader is told: the ``place`` to go on from, and the ``revision`` that was made there, if any.

    ``is_gap`` says that the reader's own place is unknown, so that changes before this one may be missing.
    """

    place: str
    revision: Revision | None = None
    is_gap: bool = False


def follow(
    stores: Stores,
    last_place: str,
    clock: Callable[[], float] = time.monotonic,
    is_over: Callable[[], bool] = lambda: False,
) -> Iterator[Told]:
    """Yield a place to go on from at once, then each revision in the order of the database, each once.

    Begins after ``last_place``, or now if that is "" or unknown. A place alone is a sign of life. Ends when
    ``is_over``, which is asked after each step, so every second at least.
    """
    with ExitStack() as stack:
        following, is_gap = _begin(stack, stores, last_place)
        yield Told(following.place, is_gap=is_gap)
        # A reader whose place is lost meanwhile connects anew and is told so.
        with suppress(PlaceLost):
            yield from _steps(following, clock, is_over)


def _begin(stack: ExitStack, stores: Stores, last_place: str) -> tuple[Following, bool]:
    try:
        return stack.enter_context(stores.feed.following(last_place)), False
    except PlaceLost:
        return stack.enter_context(stores.feed.following()), True


def _steps(following: Following, clock: Callable[[], float], is_over: Callable[[], bool]) -> Iterator[Told]:
    began = quiet_since = clock()
    while clock() - began < LIFETIME_SECONDS:
        step = following.step()
        if step is None or is_over():
            return
        if step.revision is not None or clock() - quiet_since >= HEARTBEAT_SECONDS:
            quiet_since = clock()
            yield Told(step.place, step.revision)
