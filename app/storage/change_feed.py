"""Changes as they happen: the log of changes read forwards, and something to wait on meanwhile.

The log (heads and archived revisions) tells what happened; a change stream, where the database offers
one, only says when to look. So a reader may resume anywhere, and sees the same with or without it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from pymongo.errors import OperationFailure

from app.domain.items import Revision
from app.storage.base import ItemCollections, Query
from app.storage.errors import database_errors
from app.storage.item_history import LINE, line_of, place_of

# A write is dated before it is visible, so one may appear behind the newest that was seen.
_LATE = timedelta(seconds=5)
_MOST_LATE = 500
_WAIT_SECONDS = 1.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MILLISECONDS = 253_402_300_799_999
_ANYTHING = [{"$project": {"_id": True}}]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the log; its text is the id of an event."""

    at: datetime
    item_id: str
    revision: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(milliseconds=1)}-{self.item_id}-{self.revision}"


def position_of(revision: Revision) -> Position:
    """Return where a change stands."""
    return Position(revision.change.at, revision.item_id, revision.number)


def read_position(text: str) -> Position | None:
    """Return the position that ``str()`` wrote, or None for anything else."""
    at, _, rest = text.partition("-")
    item_id, _, revision = rest.partition("-")
    if not (_is_number(at) and _is_number(revision) and ObjectId.is_valid(item_id)):
        return None
    if int(at) > _MOST_MILLISECONDS or int(revision) >= 2**31:
        return None
    return Position(_EPOCH + timedelta(milliseconds=int(at)), item_id.lower(), int(revision))


class ChangeFeed(ItemCollections):
    """The verbs of who follows the changes."""

    @database_errors()
    def since(self, position: Position, limit: int) -> list[Revision]:
        """Return the changes after ``position``, oldest first."""
        return self._read(lambda id_field: _after(position, id_field), 1, limit)

    @database_errors()
    def late(self, position: Position) -> list[Revision]:
        """Return the changes of the last seconds up to ``position``, newest first."""
        within = {"change.at": {"$gte": position.at - _LATE, "$lte": position.at}}
        found = self._read(lambda _: within, -1, _MOST_LATE)
        return [revision for revision in found if position_of(revision) <= position]

    @database_errors()
    def wait(self) -> None:
        """Return when an entry is written, or after about a second."""
        started = time.monotonic()
        try:
            with self._items.watch(_ANYTHING, max_await_time_ms=int(_WAIT_SECONDS * 1000)) as stream:
                stream.try_next()
        except (OperationFailure, NotImplementedError):
            # A mongod on its own has no change streams, and neither has what stands in for it in tests.
            time.sleep(max(0.0, _WAIT_SECONDS - (time.monotonic() - started)))

    def _read(self, condition: Callable[[str], Query], direction: int, limit: int) -> list[Revision]:
        # Heads first: one that is archived in between is seen twice, never not at all.
        order = [("change.at", direction), ("_id", direction)]
        heads = list(self._items.find(condition("_id"), LINE).sort(order).limit(limit))
        order = [("change.at", direction), ("item_id", direction), ("revision", direction)]
        archived = list(self._revisions.find(condition("item_id"), LINE).sort(order).limit(limit))
        found = {place_of(document): document for document in (*archived, *heads)}
        places = sorted(found, reverse=direction < 0)[:limit]
        return [line_of(found[place]) for place in places]


def _after(position: Position, id_field: str) -> Query:
    key = ObjectId(position.item_id)
    ties = [
        {"change.at": {"$gt": position.at}},
        {id_field: {"$gt": key}},
        {id_field: key, "revision": {"$gt": position.revision}},
    ]
    return {"change.at": {"$gte": position.at}, "$or": ties}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15
