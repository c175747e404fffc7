"""Following the changes as they happen, from any point on."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime

from app.domain.items import Revision
from app.storage.change_feed import Position, position_of, read_position
from app.storage.stores import Stores

_AT_ONCE = 200
_REMEMBERED = 2000
# What is said when nothing happens, so that a reader who is gone is noticed.
HEARTBEAT_SECONDS = 10.0
# After so long a reader connects anew and goes on where it was: no stream outlives a deployment for long.
LIFETIME_SECONDS = 600.0


def follow(
    stores: Stores,
    last_id: str,
    now: datetime,
    clock: Callable[[], float] = time.monotonic,
    has_left: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, Revision] | None]:
    """Yield each change with its id, oldest first, from after ``last_id`` on; None is a sign of life.

    An id that is none of ours starts at ``now``. Nothing is skipped, also not what becomes visible
    later than what is dated after it. Ends soon after the reader ``has_left``, which is asked every second.
    """
    position = read_position(last_id) or Position(now, "0" * 24, 0)
    seen = OrderedDict.fromkeys(map(position_of, stores.feed.late(position)))
    began = quiet_since = clock()
    yield None
    while clock() - began < LIFETIME_SECONDS:
        found = _unseen(stores, position, seen)
        for revision in found:
            position = max(position, position_of(revision))
            yield str(position), revision
        if found:
            quiet_since = clock()
            continue
        stores.feed.wait()
        if has_left():
            return
        if clock() - quiet_since >= HEARTBEAT_SECONDS:
            quiet_since = clock()
            yield None


def _unseen(stores: Stores, position: Position, seen: "OrderedDict[Position, None]") -> list[Revision]:
    """Return what is new, and remember it as seen."""
    late = stores.feed.late(position)
    candidates = [*reversed(late), *stores.feed.since(position, _AT_ONCE)]
    found = {position_of(revision): revision for revision in candidates}
    fresh = [revision for place, revision in found.items() if place not in seen]
    seen.update(dict.fromkeys(map(position_of, fresh)))
    while len(seen) > _REMEMBERED:
        seen.popitem(last=False)
    return fresh
