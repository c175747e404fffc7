"""Switches that every host of a site follows. They concern this very database and are in no backup."""

import pymongo
from pymongo.database import Database

from app.storage.documents import Document
from app.storage.errors import database_errors, translated
from app.storage.maintenance import COLLECTION

_KEY = "read-only"
# Pages wait for the answer, once a second.
_SECONDS = 0.5


class ReadOnlySwitch:
    """Whether the site takes changes."""

    def __init__(self, db: Database[Document]) -> None:
        self._switches = db[COLLECTION]

    @translated()
    def is_on(self) -> bool:
        """Say whether it takes none; raise DatabaseUnavailable where that cannot be told soon."""
        with pymongo.timeout(_SECONDS):
            return self._switches.find_one({"_id": _KEY}, {"_id": True}) is not None

    @database_errors()
    def turn(self, *, on: bool) -> None:
        """Turn it. Done twice, it is done once."""
        if on:
            self._switches.update_one({"_id": _KEY}, {"$currentDate": {"at": True}}, upsert=True)
        else:
            self._switches.delete_one({"_id": _KEY})
