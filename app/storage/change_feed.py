"""Changes as they happen, in the order in which the database has them.

A change stream tells every write that a majority has, once, in the order of the database's own log, and goes
on after any of them. So nothing that was acknowledged is missed or told twice, however late it was written
and whatever it is dated. A place in that order (MongoDB calls it a resume token) is text to everybody else.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.change_stream import CollectionChangeStream
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from app.domain.errors import NoChangeStreams, PlaceLost
from app.domain.items import Revision
from app.storage.base import ItemCollections
from app.storage.documents import Document
from app.storage.errors import database_errors, is_passing
from app.storage.item_history import LINE, line_of

_WAIT_SECONDS = 1.0
_PLACE = re.compile(r"[0-9A-Fa-f]{2,2000}")
_ONLY_ON_REPLICA_SETS = 40573
# An entry is written for other reasons too, such as its views; a revision brings a number.
_NUMBER = "updateDescription.updatedFields.revision"
_REVISIONS: list[Document] = [
    {"$match": {"$or": [{"operationType": {"$in": ["insert", "replace"]}}, {_NUMBER: {"$exists": True}}]}},
    {"$project": {"documentKey": True, "fullDocument.revision": True, _NUMBER: True}},
]


@dataclass(frozen=True, slots=True)
class Step:
    """A place in the order of changes. ``revision`` is what happened there, or None for nothing new."""

    place: str
    revision: Revision | None = None


class ChangeFeed(ItemCollections):
    """The verb of readers who follow the changes."""

    @contextmanager
    def following(self, after: str = "") -> Iterator["Following"]:
        """Yield what tells the changes after the place ``after``, or from now on if it is "".

        Raises PlaceLost where the database does not know the place (any more), and NoChangeStreams.
        """
        if after and not _PLACE.fullmatch(after):
            raise PlaceLost
        # Of its own, since it outlives the request that opens it.
        with self._items.database.client.start_session() as session:
            stream = self._watch(after, session)
            with stream:
                yield Following(self, stream, session)

    @database_errors()
    def _watch(self, after: str, session: ClientSession) -> CollectionChangeStream[Document]:
        try:
            return self._items.watch(
                _REVISIONS,
                resume_after={"_data": after} if after else None,
                max_await_time_ms=int(_WAIT_SECONDS * 1000),
                session=session,
            )
        except OperationFailure as error:
            if error.code == _ONLY_ON_REPLICA_SETS:
                raise NoChangeStreams from error
            if not after or is_passing(error):
                raise
            raise PlaceLost from error

    @database_errors()
    def _line(self, event: Mapping[str, Any], session: ClientSession) -> Revision | None:
        item_id, number = event["documentKey"]["_id"], _number(event)
        # The head first: between the two reads it can only have moved into the archive.
        head = self._items.find_one({"_id": item_id, "revision": number}, LINE, session=session)
        key = {"item_id": item_id, "revision": number}
        found = head or self._revisions.find_one(key, LINE, session=session)
        return line_of(found) if found else None


class Following:
    """Tells one change after the other; for one thread at a time."""

    def __init__(
        self, feed: ChangeFeed, stream: CollectionChangeStream[Document], session: ClientSession
    ) -> None:
        self._feed, self._stream, self._session = feed, stream, session

    @property
    def place(self) -> str:
        """Where it is now, to go on from later."""
        token = self._stream.resume_token
        return str(token["_data"]) if token else ""

    def step(self) -> Step | None:
        """Return the next change, or after about a second the place alone; None when there is no more.

        Raises PlaceLost where the log of the database was overwritten faster than it was read.
        """
        event = self._next()
        if event is None:
            return Step(self.place) if self._stream.alive else None
        if "documentKey" not in event:
            return None
        return Step(self.place, self._feed._line(event, self._session))

    @database_errors()
    def _next(self) -> Document | None:
        try:
            return self._stream.try_next()
        except OperationFailure as error:
            if is_passing(error):
                raise
            raise PlaceLost from error


def _number(event: Mapping[str, Any]) -> int:
    if "fullDocument" in event:
        return int(event["fullDocument"]["revision"])
    return int(event["updateDescription"]["updatedFields"]["revision"])
