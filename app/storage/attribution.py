"""Under which name the edits of a user stand, across items and their revisions."""

from typing import Any

from pymongo.database import Database

from app.storage.guarding import translating

Document = dict[str, Any]


@translating
class AttributionStore:
    """Counts and renames what a user wrote."""

    def __init__(self, db: Database[Document]) -> None:
        self._items = db["items"]
        self._revisions = db["revisions"]

    def count(self, username: str) -> tuple[int, int]:
        """Return how many entries the user created, and how many edits they made in all."""
        created = self._items.count_documents({"created_by": username})
        edits = self._items.count_documents({"change.by": username})
        return created, edits + self._revisions.count_documents({"change.by": username})

    def rename(self, old: str, new: str) -> None:
        """Put ``new`` wherever ``old`` stands as an author. Done twice, it does nothing more."""
        for collection in (self._items, self._revisions):
            for field in ("created_by", "change.by"):
                collection.update_many({field: old}, {"$set": {field: new}})
