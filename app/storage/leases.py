"""A lock in the database, for work that one process at a time may do.

Its holder renews it; one that dies stops doing so, and after the term the lock is free. All times are the
database's own, so hosts whose clocks differ agree.
"""

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from pymongo.database import Database
from pymongo.errors import PyMongoError

from app.storage.documents import Document
from app.storage.maintenance import COLLECTION, MaintenanceError
from app.utils.repeating import repeating

TERM_SECONDS = 30.0
RENEWALS_A_TERM = 3
_POLL_SECONDS = 0.1
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class LeaseLost(MaintenanceError):
    """This process did not renew in time and another may hold the lock now."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The lock “{name}” was lost to another process; nothing more was done. Try again.")


class Lease:
    """The lock ``name``, held for ``term`` seconds at a time by at most one object of this class."""

    def __init__(self, db: Database[Document], name: str, term: float = TERM_SECONDS) -> None:
        self._locks = db[COLLECTION]
        self._key = f"lock {name}"
        self._name = name
        self._term = term
        self._holder = uuid.uuid4().hex

    @contextlib.contextmanager
    def held(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """Wait for the lock, calling ``on_wait`` once if it is taken, and hold it meanwhile."""
        self._take(on_wait)
        try:
            with repeating(self._keep, self._term / RENEWALS_A_TERM, self._key):
                yield
        finally:
            self._locks.update_one({"_id": self._key, "holder": self._holder}, {"$set": {"until": _LONG_AGO}})

    def require(self) -> None:
        """Renew the lock; raise LeaseLost if it is no longer held."""
        if not self._extend({"holder": self._holder}):
            raise LeaseLost(self._name)

    def _take(self, on_wait: Callable[[], None]) -> None:
        # An upsert by a computed condition is not allowed, so there is a lock that nobody holds first.
        self._locks.update_one({"_id": self._key}, {"$setOnInsert": {"until": _LONG_AGO}}, upsert=True)
        if self._extend(_OVER):
            return
        on_wait()
        while not self._extend(_OVER):
            time.sleep(_POLL_SECONDS)

    def _extend(self, condition: Document) -> bool:
        until = {"$add": ["$$NOW", int(self._term * 1000)]}
        renewed = [{"$set": {"holder": self._holder, "until": until}}]
        return self._locks.update_one({"_id": self._key, **condition}, renewed).matched_count == 1

    def _keep(self) -> None:
        # Away for a moment: the next turn tries again, and `require` says if it came too late.
        with contextlib.suppress(PyMongoError):
            self._extend({"holder": self._holder})


_OVER: Document = {"$expr": {"$lt": ["$until", "$$NOW"]}}
