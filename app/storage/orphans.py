"""Uploaded pictures that nothing refers to, and pieces of uploads that were never finished."""

from datetime import datetime, timedelta

from bson import ObjectId
from pymongo.database import Database

from app.storage.documents import Document
from app.storage.files import FileStore
from app.storage.guarding import translating
from app.storage.inspection import FileUse, Inspection

# An upload comes before what refers to it: its entry may be written on for a while.
SETTLED = timedelta(days=2)


@translating
class Orphans:
    """Verbs on what nobody needs any more."""

    def __init__(self, db: Database[Document]) -> None:
        self._files = db["fs.files"]
        self._chunks = db["fs.chunks"]
        self._store = FileStore(db)
        self._inspection = Inspection(db)

    def delete_files(self, since: datetime, now: datetime) -> int:
        """Delete pictures uploaded from ``since`` until SETTLED ago that nothing has referred to.

        Pictures of earlier revisions are referred to. Without such uploads it reads nothing else.
        """
        within = {"$gte": since, "$lt": now - SETTLED}
        rows = self._files.find({"uploadDate": within, "metadata.of": None}, {"_id": True})
        candidates = {str(row["_id"]) for row in rows}
        if candidates:
            candidates -= {use.file for use in self._inspection.file_uses()}
        # Asked again, since entries are written while all are read.
        orphans = [key for key in candidates if not self._inspection.is_in_use(FileUse(key, ""))]
        for key in orphans:
            self._store.delete(key)
        return len(orphans)

    def delete_pieces(self, now: datetime) -> int:
        """Delete pieces of uploads that began before SETTLED and never became a file; return of how many."""
        before = ObjectId.from_datetime(now - SETTLED)
        strays = [
            key
            for key in self._chunks.distinct("files_id", {"files_id": {"$lt": before}, "n": 0})
            if self._files.find_one({"_id": key}, {"_id": True}) is None
        ]
        for key in strays:
            self._chunks.delete_many({"files_id": key})
        return len(strays)
