"""Bringing a database to the present schema: migrations that were not run here yet, then the indexes."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from pymongo.database import Database

from app.storage import indexes
from app.storage.documents import Document
from app.storage.errors import database_errors
from app.storage.leases import TERM_SECONDS, Lease
from app.storage.maintenance import MaintenanceError
from app.storage.migrations import MIGRATIONS, Migration

_COLLECTION = "migrations"
_LOCK = "schema"


class SchemaNewer(MaintenanceError):
    """The database was used by a release that changed it in ways unknown to this one."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"This database is at schema {found}, made by a newer pkyx; this one knows {known}. "
            "Use that release, or restore a backup from before it."
        )


def _wait_silently() -> None:
    """Say nothing about waiting."""


@database_errors()
def prepare(
    db: Database[Document],
    on_wait: Callable[[], None] = _wait_silently,
    migrations: Sequence[Migration] = MIGRATIONS,
    term: float = TERM_SECONDS,
) -> list[Migration]:
    """Run what is pending, repair the indexes, and return the migrations that were run, in order.

    Where nothing is to be done it only reads. Otherwise one process at a time works, under a lock of
    ``term`` seconds that it renews; the others wait, calling ``on_wait`` once, and find it done. Raises
    SchemaNewer before anything is touched, and LeaseLost.
    """
    if not pending(db, migrations) and not indexes.verify(db):
        return []
    lease = Lease(db, _LOCK, term)
    with lease.held(on_wait):
        # Asked again: who held the lock before may have run them.
        found = pending(db, migrations)
        for migration in found:
            migration.run(db)
            lease.require()
            _record(db, migration)
        indexes.ensure(db)
    return found


@database_errors()
def pending(db: Database[Document], migrations: Sequence[Migration] = MIGRATIONS) -> list[Migration]:
    """Return the migrations that were not run here, in order; raise SchemaNewer."""
    done = {row["_id"] for row in db[_COLLECTION].find({}, {"_id": True})}
    known = newest(migrations)
    if max(done, default=0) > known:
        raise SchemaNewer(max(done), known)
    missing = (migration for migration in migrations if migration.number not in done)
    return sorted(missing, key=lambda migration: migration.number)


@database_errors()
def version(db: Database[Document]) -> int:
    """Return the number of the newest migration that was run here, 0 if none was."""
    newest_row = db[_COLLECTION].find_one(sort=[("_id", -1)])
    return int(newest_row["_id"]) if newest_row else 0


def newest(migrations: Iterable[Migration] = MIGRATIONS) -> int:
    """Return the number of the newest migration that this release knows."""
    return max((migration.number for migration in migrations), default=0)


def _record(db: Database[Document], migration: Migration) -> None:
    told = {"title": migration.title, "at": datetime.now(UTC)}
    db[_COLLECTION].update_one({"_id": migration.number}, {"$setOnInsert": told}, upsert=True)
