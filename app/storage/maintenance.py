"""Collection ``maintenance``: what concerns this very database and is in no backup of it."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from app.storage.documents import Document
from app.storage.errors import database_errors

COLLECTION = "maintenance"
_RESTORE = "restore"


class MaintenanceError(Exception):
    """The database is in no state to be worked on. ``str()`` is one line for the operator."""


class RestoreUnfinished(MaintenanceError):
    def __init__(self) -> None:
        super().__init__(
            "A restore into this database was begun and not finished, so it holds a part of a backup. "
            "Run `python manage.py restore DIR --again`: it empties the database and restores DIR."
        )


@database_errors()
def require_restored(db: Database[Document]) -> None:
    """Raise RestoreUnfinished while a restore is under way, or after one was cut off."""
    if is_restoring(db):
        raise RestoreUnfinished


@database_errors()
def is_restoring(db: Database[Document]) -> bool:
    """Say whether a restore began here that has not come to its end."""
    return db[COLLECTION].find_one({"_id": _RESTORE}) is not None


@database_errors()
def mark_restoring(db: Database[Document], about: Mapping[str, Any]) -> None:
    """Say so from now on; raise DuplicateKeyError where it is said already."""
    db[COLLECTION].insert_one({"_id": _RESTORE, **about})


@database_errors()
def mark_restored(db: Database[Document]) -> None:
    """Say that the restore is whole."""
    db[COLLECTION].delete_one({"_id": _RESTORE})
