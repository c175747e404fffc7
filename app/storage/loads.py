"""Writing a backup into an empty database."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from bson.raw_bson import RawBSONDocument
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.storage import maintenance, schema
from app.storage.documents import Document
from app.storage.errors import database_errors
from app.storage.leases import Lease

# Somebody is waiting to begin again after a crash.
_TERM_SECONDS = 5.0
# Made by every start, and replaced by what the backup says.
_NO_CONTENT = frozenset({maintenance.COLLECTION, "migrations"})


class NotEmpty(maintenance.MaintenanceError):
    def __init__(self, database: str, collection: str) -> None:
        super().__init__(
            f"The database “{database}” is not empty (there is something in “{collection}”), and a restore "
            "never overwrites. Name a new database in MONGO_URI, or a new folder in PKYX_DATA."
        )


class NothingUnfinished(maintenance.MaintenanceError):
    def __init__(self) -> None:
        super().__init__(
            "--again empties a database only after a restore into it was cut off; there was none here."
        )


class Contradictory(maintenance.MaintenanceError):
    def __init__(self, collection: str, reason: str) -> None:
        super().__init__(
            f"The database refused a document of “{collection}”, so the restore is not whole: {reason}. "
            "Was something else writing? Stop it and run the restore with --again."
        )


class Load:
    """One restore into one database: ``alone``, ``begin``, ``insert`` as often as needed, ``finish``.

    Between the first and the last the database says of itself that it is unfinished, whatever happens.
    """

    def __init__(self, db: Database[Document]) -> None:
        self._db = db
        self._lease = Lease(db, "restore", _TERM_SECONDS)

    @database_errors()
    def require_empty(self) -> None:
        """Raise RestoreUnfinished or NotEmpty."""
        maintenance.require_restored(self._db)
        for name in self._content():
            if self._db[name].find_one({}, {"_id": True}) is not None:
                raise NotEmpty(self._db.name, name)

    @contextlib.contextmanager
    def alone(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """Keep other restores out meanwhile, after waiting for the end (or the death) of one that runs."""
        with database_errors(), self._lease.held(on_wait):
            yield

    @database_errors()
    def begin(self, source: str) -> None:
        """Mark the database as unfinished; raise RestoreUnfinished or NotEmpty."""
        self.require_empty()
        maintenance.mark_restoring(self._db, {"source": source, "begun_at": datetime.now(UTC)})
        # What the start of this release recorded; the backup brings its own.
        self._db["migrations"].delete_many({})

    @database_errors()
    def begin_again(self) -> None:
        """Remove what an unfinished restore left; raise NothingUnfinished. The mark stays all the while."""
        if not maintenance.is_restoring(self._db):
            raise NothingUnfinished
        for name in (*self._content(), "migrations"):
            self._db[name].drop()

    @database_errors()
    def insert(self, collection: str, documents: Sequence[bytes]) -> None:
        """Add documents; raise Contradictory where the database refuses one."""
        try:
            self._db[collection].insert_many(map(RawBSONDocument, documents), ordered=False)
        except BulkWriteError as error:
            if not error.details.get("writeErrors"):
                raise
            raise Contradictory(collection, str(error.details["writeErrors"][0]["errmsg"])[:300]) from error

    @database_errors()
    def finish(self, on_wait: Callable[[], None]) -> None:
        """Bring what was loaded to the present schema, with its indexes, and say that it is whole."""
        try:
            schema.prepare(self._db, on_wait)
        except DuplicateKeyError as error:
            raise Contradictory("", str(error)[:300]) from error
        maintenance.mark_restored(self._db)

    def _content(self) -> list[str]:
        names = self._db.list_collection_names()
        return [name for name in sorted(names) if name not in _NO_CONTENT and not name.startswith("system.")]
